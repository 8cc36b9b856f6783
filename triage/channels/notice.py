"""What is sent, to whom, and the contract of every channel."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from kernel.errors import XinqiaoError

Kind = Literal["console", "webhook", "wecom", "dingtalk", "smtp", "sms"]


class Undelivered(XinqiaoError):
    """The channel did not take it; the page is issued again. Carries a code, never what was sent."""


class Destination(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an installation wants to be called: which audiences, on which lines (none: all), by which channel.

    `url` is an https address or smtp://host:port, `to` a number or address, `secret` signs or authorises.
    """

    name: str
    kind: Kind
    audience: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    url: str = ""
    to: str = ""
    secret: str = ""

    def wants(self, audience: str, line: str) -> bool:
        """Tell whether this call is for it."""
        return audience in self.audience and (not self.lines or line in self.lines)


class Notice(msgspec.Struct, frozen=True):
    """One call. `id` stays the same when it is repeated, so that a receiver acts on it once."""

    id: str
    about: str
    to: str
    line: str
    at: datetime
    text: str
    link: str = ""


class Channel(Protocol):
    """Sends one notice to one destination, within seconds, or raises Undelivered."""

    def send(self, notice: Notice, to: Destination) -> None:
        """Deliver; runs in a thread of its own."""


TEXTS: Mapping[str, str] = {
    "escalation.duty_supervisor": "【心桥】有来访需要马上有人接手，请值班督导打开督导大屏或工作台。",
    "escalation.second_supervisor": "【心桥】有来访需要马上有人接手，30 秒内无人应答，请第二位督导接手。",
    "escalation.everyone": "【心桥】有来访需要马上有人接手，1 分钟内无人应答，请所有在岗人员查看工作台。",
    "escalation.outside": "【心桥】紧急：有来访需要马上有人接手，至今无人应答。请立即联系值班人员。",
    "follow_up.duty_supervisor": "【心桥】有随访到期，请安排人员联系并填写结果。",
    "referral.duty_supervisor": "【心桥】有转介尚未落实，请安排人员跟进。",
    "glass_asked.duty_supervisor": "【心桥】有人申请紧急查阅，需要第二个人同意或拒绝，请打开“查阅记录”页。",
    "glass_looked.duty_supervisor": "【心桥】有一次紧急查阅或依法提供刚刚打开，详情见查阅日志。",
    "referral.partner": "【心桥】有一份转介交接包等待贵单位查看并回复，请打开链接。",
}


def words(about: str, audience: str) -> str:
    """What a call says; nothing in it is about the person."""
    return TEXTS.get(f"{about}.{audience}", TEXTS["escalation.outside"])
