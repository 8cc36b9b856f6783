"""The way in for visitors, and the fallback where sockets are broken: commands and events over plain HTTP."""

from collections import OrderedDict
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from accounts import store as accounts
from accounts.api import raw_headers, who
from accounts.auth import CONTACT_COOKIE, origin_matches, read
from chat.messages import OpenContact
from kernel import clock, ids
from kernel.decider import Address
from kernel.doorman import answer
from kernel.errors import Conflict, Malformed, Refused, Unavailable
from kernel.lease import touch
from kernel.terms import Actor, Medium, Role
from kernel.throttle import Bucket
from kernel.wire import FRAME_LIMIT_BYTES, Do, Happened, Refusal, encode
from queueing import store as lines
from server import presence
from server.doors import ContactDoor
from server.wiring import hub

router = Router(tags=["contacts"])

# 500 people may share one address: a burst passes, a flood is slowed, nobody is locked out.
OPENINGS_BURST, OPENINGS_PER_S = 500.0, 5.0
ADDRESSES_KEPT = 10_000
PAGE = 200
_openings: OrderedDict[str, Bucket] = OrderedDict()
_door = ContactDoor()
_do = msgspec.json.Decoder(Do)


class ContactIn(Schema):
    """Which line, how, and in which language."""

    line: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9-]+$")]
    medium: Literal["text", "voice"] = "text"
    language: Literal["zh-Hans", "en"] = "zh-Hans"


class ContactOut(Schema):
    """The contact; `token` only for apps, which keep it themselves."""

    contact: str
    line: str
    phase: str
    token: str | None = None


@router.post("contacts", response={201: ContactOut}, summary="Open a contact")
async def open_contact(request: HttpRequest, wish: ContactIn, response: HttpResponse) -> Any:
    """Always possible, also outside the hours: the desk's gate answers, and danger is let in."""
    now = clock.now()
    _slow_floods(str(request.META.get("REMOTE_ADDR", "")), now)
    for_app = request.headers.get("X-Client") == "app"
    if not for_app and not origin_matches(read(raw_headers(request))):
        raise HttpError(403, "forbidden_origin")
    try:
        if wish.line not in {line.id for line in await lines.alines()}:
            raise HttpError(404, "unknown_line")
        contact = ids.contact_id()
        token = await accounts.aissue_visitor_token(contact, now)
        command = OpenContact(wish.line, Medium(wish.medium), wish.language)
        here, visitor = await hub(), Actor(Role.VISITOR, contact)
        # Whoever never gets this answer never comes on screen: away when this lease lapses, and nobody waits for them.
        await touch(here.store, presence.subject_of(visitor), presence.WITHOUT_SOCKET, now)
        await here.engine.submit(Address("session", contact), command, visitor, now, "open")
    except (Unavailable, Conflict):
        raise HttpError(503, "unavailable") from None
    if not for_app:
        response.set_cookie(CONTACT_COOKIE, token, httponly=True, samesite="Strict", secure=settings.XINQIAO_HTTPS)
    opened = {"contact": contact, "line": wish.line, "phase": "intake", "token": token if for_app else None}
    return Status(201, opened)


@router.get("contacts/current", response=ContactOut, summary="The visitor's own contact")
async def current_contact(request: HttpRequest, response: HttpResponse) -> Any:
    """What the cookie or token opens, so that a reload comes back to the same talk; 404 where there is none."""
    response["Cache-Control"] = "no-store"
    try:
        guest = await who(request, "contact")
    except HttpError as no:
        raise HttpError(404, "no_contact") if no.status_code == 401 else no from None
    try:
        loaded = await (await hub()).engine.state(Address("session", guest.actor.id))
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    if loaded is None:
        raise HttpError(404, "no_contact")
    return {"contact": guest.actor.id, "line": loaded.state.line, "phase": loaded.state.phase.value}


@router.delete("contacts/current", response={204: None}, summary="Quick exit: forget this device")
async def forget_contact(request: HttpRequest, response: HttpResponse) -> Any:
    """Forget the token and whatever the browser keeps; the contact itself keeps its place for its grace."""
    shown = read(raw_headers(request))
    if shown.contact:
        await accounts.arevoke(shown.contact)
    response.delete_cookie(CONTACT_COOKIE, samesite="Strict")
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return Status(204, None)


@router.get("events", summary="Events of an own feed, where sockets are broken")
async def events(request: HttpRequest, feed: str, after: int = 0) -> HttpResponse:
    """At most 200 visible events after a seq, as the frames a socket would send."""
    guest = await who(request, "contact")
    try:
        _door.words(guest, Address.of(feed))
        rows = await (await hub()).engine.read(feed, max(0, after), PAGE)
    except (Refused, ValueError):
        raise HttpError(404, "unknown_feed") from None
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    frames, shown = [], after
    for row in rows:
        event = _door.show(guest, row)
        if event is not None:
            frames.append(Happened(feed, row.seq, shown, row.at, row.by, event))
            shown = row.seq
    body = encode({"frames": frames, "read": rows[-1].seq if rows else after})
    return HttpResponse(body, content_type="application/json", headers={"Cache-Control": "no-store"})


@router.post("commands", summary="One command, where sockets are broken")
async def command(request: HttpRequest) -> HttpResponse:
    """The same `do` frame as on a socket, the same answer; repeat it with the same id until answered."""
    guest = await who(request, "contact")
    try:
        do = read_do(request.body)
    except Malformed:
        raise HttpError(422, "malformed") from None
    said = await answer(await hub(), _door, guest, do)
    status = 503 if isinstance(said, Refusal) and said.retry_ms else 409 if isinstance(said, Refusal) else 200
    return HttpResponse(encode(said), content_type="application/json", status=status)


def read_do(body: bytes) -> Do:
    """Decode a `do` frame; never says what was in it."""
    if len(body) > FRAME_LIMIT_BYTES:
        raise Malformed("$")
    try:
        return _do.decode(body)
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Malformed("$") from None


def _slow_floods(address: str, now: datetime) -> None:
    """Take a token of this address; 429 says when to come back and where to call meanwhile."""
    bucket = _openings.pop(address, None) or Bucket.full(OPENINGS_BURST, OPENINGS_PER_S, now)
    _openings[address], enough = bucket.take(now)
    while len(_openings) > ADDRESSES_KEPT:
        _openings.popitem(last=False)
    if not enough:
        raise HttpError(429, "too_fast")
