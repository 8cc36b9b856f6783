"""The roster over HTTP: one's own shifts and a line's as calendar files, and staffing advice for supervisors."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.errors import HttpError

from accounts import store as accounts
from accounts.api import who
from accounts.orm import off_loop
from kernel import clock
from kernel.wire import encode
from queueing.domain.ical import Entry, entries_file
from queueing.roster_store import ashifts, ashifts_of
from queueing.staffing_report import report

router = Router(tags=["roster"])

AHEAD = timedelta(days=62)
BEHIND = timedelta(days=7)
ICAL = "text/calendar; charset=utf-8"


@router.get("roster/mine.ics", summary="One's own shifts as a calendar file")
async def mine(request: HttpRequest) -> HttpResponse:
    """Last week and two months ahead; a file to take along, not an address to subscribe to: no secret in a URL."""
    guest = await who(request, "staff")
    now, me = clock.now(), guest.actor.id
    shifts = await ashifts_of(me, now - BEHIND, now + AHEAD)
    entries = (Entry(s.begins_at, s.ends_at, "值班", f"shift.{me}@{request.get_host()}") for s in shifts)
    text = entries_file(entries, title=f"值班 {guest.name}", about="Shifts", now=now)
    return HttpResponse(text, content_type=ICAL, headers={"Cache-Control": "no-store"})


@router.get("lines/{line}/roster.ics", summary="A line's roster as a calendar file")
async def of_line(request: HttpRequest, line: str) -> HttpResponse:
    """For whoever leads the line."""
    guest = await who(request, "supervision")
    if line not in guest.lines:
        raise HttpError(404, "unknown_line")
    now = clock.now()
    names = {person.staff_id: person.name for person in await accounts.astaff_of_line(line)}
    shifts = await ashifts(line, now - BEHIND, now + AHEAD)
    host = request.get_host()
    entries = (
        Entry(s.begins_at, s.ends_at, names.get(s.counselor, s.counselor), f"shift.{s.counselor}@{host}")
        for s in shifts
    )
    text = entries_file(entries, title=f"排班 {line}", about="Roster", now=now)
    return HttpResponse(text, content_type=ICAL, headers={"Cache-Control": "no-store"})


@router.get("lines/{line}/staffing", summary="Expected contacts and people needed, per half hour of a day")
async def staffing(request: HttpRequest, line: str, day: date | None = None) -> HttpResponse:
    """From the line's own log and roster; the same as `manage.py staffing`."""
    guest = await who(request, "supervision")
    if line not in guest.lines:
        raise HttpError(404, "unknown_line")
    now = clock.now()
    found = await off_loop(report, line, day or now.date() + timedelta(days=1), now)
    return HttpResponse(encode(found), content_type="application/json", headers={"Cache-Control": "no-store"})
