"""The supervisor on duty hears of the glass: where the house wants to be called, without a word about the person."""

import asyncio
from datetime import UTC, datetime

import msgspec
from pytest_django import Settings

from server import heads_up
from tests.triage.channels.recording import Recording
from triage.channels.notice import Destination

NOW = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
PLACES = (
    Destination("duty", "wecom", ("duty_supervisor",), ("main",), "https://example.org"),
    Destination("night", "wecom", ("duty_supervisor",), ("night",), "https://example.org"),
    Destination("phone", "sms", ("outside",), (), "https://example.org"),
)


def told(settings: Settings, channel: Recording, about: str = "glass_asked") -> Recording:
    """Send word on line main."""
    settings.PAGING = msgspec.json.encode(PLACES).decode()

    async def story() -> None:
        await heads_up.tell(about, "main", "c1.1", NOW, {"wecom": channel, "sms": channel})

    asyncio.run(story())
    return channel


def test_supervisors_of_the_line_hear_it_and_nobody_else(settings: Settings) -> None:
    channel = told(settings, Recording())
    assert channel.told == ["duty"]
    (notice,) = channel.notices
    assert "紧急查阅" in notice.text
    assert notice.link.endswith("/records/")
    assert told(settings, Recording(), "glass_looked").notices[0].text != notice.text


def test_a_channel_that_fails_delays_and_breaks_nothing(settings: Settings) -> None:
    channel = told(settings, Recording(fails=1))
    assert (len(channel.tried), channel.notices) == (1, [])
