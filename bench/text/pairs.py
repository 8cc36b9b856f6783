"""Conversations of two whose parties speak in turn, and the ledger of what became of each message."""

import asyncio
import itertools
import time
from collections.abc import Iterable
from typing import Literal, Protocol

import msgspec
from websockets.asyncio.client import ClientConnection

SENTENCES = (
    "今天又加班到很晚，回到家谁也不想理，躺下全是工作上的事，翻来覆去睡不着，心里堵得慌，也不知道跟谁说才好。",
    "嗯，我在听。这样的日子持续多久了？白天上班的时候，是不是也总觉得提不起劲，做什么都比以前慢半拍、容易烦？",
    "大概三个多月了吧，组里走了两个人，活都压到我这儿，班长还老说我拖进度，我一开口解释他就更不高兴，算了不说了。",
    "听起来您一个人扛了很多。先不急着想怎么跟班长谈，您愿意说说，最近有没有哪一天是稍微好过一点的，那天有什么不同？",
)
GIVEN_UP_S = 30.0


class Heard(msgspec.Struct, frozen=True):
    """What a server said about one message: acknowledged, shown to this side, or `later` (come again).

    `reply` is about none: the server wants the frame that stands in `id`.
    """

    what: Literal["ack", "shown", "later", "reply"]
    id: str
    after_s: float = 0.0


class Line(Protocol):
    """How one party of one conversation spells and reads on its socket."""

    def spell(self, message: str, text: str) -> tuple[str, ...]:
        """The frames that say a message with its id."""

    def read(self, raw: str | bytes) -> Iterable[Heard]:
        """What a frame says about messages."""


class Said:
    """One message on its way."""

    def __init__(self, side: str, text: str) -> None:
        """Said by this side."""
        loop = asyncio.get_running_loop()
        self.side, self.text = side, text
        self.acked: asyncio.Future[float] = loop.create_future()
        self.shown: asyncio.Future[float] = loop.create_future()


class End:
    """One party: a socket, how it is spoken there, and what is on its way in the conversation."""

    def __init__(self, side: str, socket: ClientConnection, line: Line, open_: dict[str, Said]) -> None:
        """`open_` is shared by both parties."""
        self.side, self.socket = side, socket
        self.line, self.open = line, open_
        self.told_later = 0

    async def listen(self) -> None:
        """Take what comes until the socket closes."""
        async for raw in self.socket:
            for heard in self.line.read(raw):
                said = self.open.get(heard.id)
                if heard.what == "reply":
                    await self.socket.send(heard.id)
                elif said is not None:
                    await self._hear(heard, said)

    async def _hear(self, heard: Heard, said: Said) -> None:
        """One word about one message; one's own words coming back prove nothing."""
        if heard.what == "later":
            self.told_later += 1
            await asyncio.sleep(heard.after_s)
            await self.say(heard.id, said)
            return
        mark = said.acked if heard.what == "ack" else said.shown
        if (heard.what == "ack") == (said.side == self.side) and not mark.done():
            mark.set_result(time.perf_counter())

    async def say(self, message: str, said: Said) -> None:
        """Send one message."""
        for frame in self.line.spell(message, said.text):
            await self.socket.send(frame)


class Pair:
    """One conversation; `say` lets the next speaker say something and answers when it was acked and shown."""

    def __init__(self, name: str, a: End, b: End, open_: dict[str, Said]) -> None:
        """Two parties of one ledger."""
        self._name, self._ends, self._open = name, (a, b), open_
        self._count = itertools.count(1)

    @property
    def ends(self) -> tuple[End, End]:
        """Both parties."""
        return self._ends

    async def say(self) -> tuple[float, float]:
        """Say one thing; seconds until the acknowledgement and until the other side saw it."""
        began = time.perf_counter()
        said = await self.put()
        async with asyncio.timeout(GIVEN_UP_S):
            acked, shown = await said.acked, await said.shown
        return acked - began, shown - began

    async def put(self) -> Said:
        """Say one thing without waiting for anything."""
        number = next(self._count)
        end, message = self._ends[number % 2], f"{self._name}-{number}"
        said = self._open[message] = Said(end.side, f"{SENTENCES[number % len(SENTENCES)]}~{message}")
        said.shown.add_done_callback(lambda _: said.acked.done() and self._open.pop(message, None))
        said.acked.add_done_callback(lambda _: said.shown.done() and self._open.pop(message, None))
        await end.say(message, said)
        return said


def id_of(text: str) -> str:
    """The id a message carries in its own words."""
    return text.rpartition("~")[2]
