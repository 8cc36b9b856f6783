"""Published hours over HTTP: the same intervals as the gate, as JSON and as a calendar file."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Schema

from kernel import clock
from kernel.terms import Medium
from queueing import store
from queueing.domain import hours, published
from queueing.domain.ical import calendar_file
from queueing.domain.schedule import Schedule
from queueing.roster_store import acalendar

router = Router(tags=["lines"])

CALENDAR_DAYS = 62
CACHE_S = 10


class Bilingual(Schema):
    """A text in both languages."""

    zh: str
    en: str


class Window(Schema):
    """One stretch of today's hours, as instants."""

    opens: datetime
    closes: datetime


class LineOut(Schema):
    """A line as the page shows it before anybody signs in."""

    id: str
    name: Bilingual
    open: bool
    admits: bool
    closes_at: datetime | None
    opens_at: datetime | None
    closure: Bilingual | None
    text: bool
    voice: bool
    voice_open: bool
    voice_closes_at: datetime | None
    voice_opens_at: datetime | None
    today: list[Window]


@router.get("lines", response=list[LineOut], summary="Lines and whether they are open")
async def list_lines(request: HttpRequest, response: HttpResponse) -> list[dict[str, Any]]:
    """Every active line, open or not, with its hours today; cacheable for ten seconds."""
    response["Cache-Control"] = f"public, max-age={CACHE_S}"
    now = clock.now()
    return [
        await _describe(line, (await store.acurrent_schedule(line.id)).schedule, now) for line in await store.alines()
    ]


async def _describe(line: store.LineFacts, schedule: Schedule, now: datetime) -> dict[str, Any]:
    """Gate and hours of one line now."""
    today = hours.local_day(schedule, now)
    calendar = await acalendar(today - timedelta(days=3), today + timedelta(days=hours.NEXT_OPEN_DAYS + 3))
    gate = hours.gate(schedule, calendar, Medium.TEXT, now)
    closed = hours.Gate(is_open=False, admits=False)
    spoken = hours.gate(schedule, calendar, Medium.VOICE, now) if line.voice else closed
    spans = hours.resolve(schedule, calendar, today, today + timedelta(days=1), Medium.TEXT)
    return {
        "id": line.id,
        "name": {"zh": line.name_zh, "en": line.name_en},
        "open": gate.is_open,
        "admits": gate.admits,
        "closes_at": gate.closes_at,
        "opens_at": gate.next_open_at,
        "closure": msgspec.to_builtins(gate.closure) if gate.closure else None,
        "text": line.text,
        "voice": line.voice,
        "voice_open": spoken.is_open,
        "voice_closes_at": spoken.closes_at,
        "voice_opens_at": spoken.next_open_at,
        "today": [{"opens": span.opens_at, "closes": span.closes_at} for span in spans],
    }


async def _published(line: str, medium: Medium, days: int) -> tuple[store.LineFacts, published.PublishedHours]:
    """The coming days of a line."""
    facts = next((known for known in await store.alines() if known.id == line), None)
    if facts is None:
        raise Http404
    schedule = (await store.acurrent_schedule(line)).schedule
    first = hours.local_day(schedule, clock.now())
    until = first + timedelta(days=days)
    calendar = await acalendar(first - timedelta(days=3), until + timedelta(days=3))
    return facts, published.publish(schedule, calendar, first, until, medium)


@router.get("lines/{line}/hours", response=dict[str, Any], summary="Published hours of the coming days")
async def line_hours(request: HttpRequest, line: str, medium: Medium = Medium.TEXT) -> dict[str, Any]:
    """Two weeks, day by day, with what makes a day different from the usual."""
    _, coming = await _published(line, medium, 14)
    shown: dict[str, Any] = msgspec.to_builtins(coming)
    return shown


@router.get("lines/{line}/hours.ics", summary="Published hours as a calendar file")
async def line_calendar(request: HttpRequest, line: str, medium: Medium = Medium.TEXT) -> HttpResponse:
    """Two months of opening hours for anybody's calendar."""
    facts, coming = await _published(line, medium, CALENDAR_DAYS)
    text = calendar_file(
        published.shown_intervals(coming),
        title=facts.name_zh,
        summary=facts.name_zh,
        key=f"{medium}.{line}@{request.get_host()}",
        now=clock.now(),
    )
    return HttpResponse(text, content_type="text/calendar; charset=utf-8")
