"""Who is called outside the house: read from PAGING, and an alarm where a rung of the ladder would call nobody."""

import asyncio
import json
import logging

import pytest
from pytest_django import Settings

from server import paging

EVERYBODY = ["duty_supervisor", "second_supervisor", "everyone"]
DUTY = {"name": "duty", "kind": "wecom", "audience": EVERYBODY, "url": "https://x.invalid"}
ALL = (*EVERYBODY, "outside")
PHONE = {"name": "phone", "kind": "sms", "audience": ["outside"], "url": "https://x.invalid", "to": "1"}


@pytest.mark.parametrize(
    ("said", "silent"),
    [
        ("", ALL),
        ("not json", ALL),
        (
            json.dumps([{"name": "x", "kind": "pigeon"}]),
            ("duty_supervisor", "second_supervisor", "everyone", "outside"),
        ),
        (json.dumps([DUTY]), ("outside",)),
        (json.dumps([DUTY, PHONE]), ()),
    ],
)
def test_a_rung_that_calls_nobody_is_named(settings: Settings, said: str, silent: tuple[str, ...]) -> None:
    settings.PAGING = said
    assert paging.uncalled(paging.destinations()) == silent


def test_it_is_said_at_every_start_and_never_what_stands_in_the_setting(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    class Bell:
        engine = None

    async def start() -> None:
        paging.courier(Bell())  # type: ignore[arg-type]

    settings.PAGING = json.dumps([DUTY | {"secret": "geheim"}])
    with caplog.at_level(logging.CRITICAL, "xinqiao.pages"):
        asyncio.run(start())
    assert "PAGING names nobody for outside" in caplog.text
    assert "geheim" not in caplog.text


def test_partners_links_lead_to_the_first_origin_and_nowhere_without_one(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.XINQIAO_ORIGINS, settings.XINQIAO_DEMO = ["https://union.example", "https://old.example"], False
    assert paging.partner_page("https://desk.internal") == "https://union.example/partner/"
    settings.XINQIAO_ORIGINS = []
    assert paging.partner_page("https://desk.internal") == "https://desk.internal/partner/"
    assert paging.partner_page() == ""
    with caplog.at_level(logging.CRITICAL, "xinqiao.pages"):
        asyncio.run(started())
    assert "XINQIAO_ORIGINS is not set" in caplog.text


async def started() -> None:
    """A courier as a clock starts it."""

    class Bell:
        engine = None

    paging.courier(Bell())  # type: ignore[arg-type]
