"""A socket's frames over plain HTTP, for visitors whose network lets no socket through: one request says and hears.

The page asks every few seconds; each request renews the same lease a socket would hold, so the queue keeps the place.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.errors import HttpError

from accounts.api import who
from accounts.auth import Identity
from kernel import clock
from kernel.decider import Address
from kernel.doorman import answer
from kernel.errors import Unavailable
from kernel.hub import Hub
from kernel.lease import touch
from kernel.seal import Erased
from kernel.throttle import Bucket
from kernel.wire import FRAME_LIMIT_BYTES, Do, Happened, Hinted, Name, Seq, Unfollowed, Welcome, encode
from server import presence
from server.doors import ContactDoor
from server.wiring import hub

router = Router(tags=["contacts"])

PAGE = 200
BURST, PER_S = 20.0, 4.0  # requests of one contact; the page makes one in two and a half seconds, and one per message
CONTACTS_KEPT = 10_000
HEARTBEAT_S = 6  # the page takes two and a half of these without an answer for a broken network
_door = ContactDoor()
_buckets: OrderedDict[str, Bucket] = OrderedDict()


class Exchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the page has of each feed, what it wants to say, and whether it is new here."""

    after: Annotated[dict[Name, Seq], msgspec.Meta(max_length=8)] = {}
    say: Annotated[tuple[Do, ...], msgspec.Meta(max_length=16)] = ()
    hello: bool = False


_decoder = msgspec.json.Decoder(Exchange)


@router.post("exchange", summary="Say and hear, where sockets are broken")
async def exchange(request: HttpRequest) -> HttpResponse:
    """Answers `frames` as a socket would send them: welcome, answers, events, the place in the queue."""
    guest = await who(request, "contact")
    _slow_floods(guest.actor.id, clock.now())
    wish = _read(request.body)
    try:
        frames = [frame async for frame in _frames(await hub(), guest, wish)]
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    return HttpResponse(
        encode({"frames": frames}), content_type="application/json", headers={"Cache-Control": "no-store"}
    )


async def _frames(here: Hub, guest: Identity, wish: Exchange) -> AsyncIterator[Any]:
    """Every frame of the answer, in a socket's order."""
    now = clock.now()
    subject = presence.subject_of(guest.actor)
    if await touch(here.store, subject, presence.WITHOUT_SOCKET, now):
        await here.tell(subject)
    feeds = await _door.starting(here, guest)
    shown = tuple(feed for feed in feeds if not _door.watches(Address.of(feed).kind))
    if wish.hello:
        yield Welcome(now, guest.actor, guest.name, HEARTBEAT_S, shown)
    for do in wish.say:
        yield await answer(here, _door, guest, do)
    for feed in shown:
        async for frame in _news(here, guest, feed, wish.after.get(feed, 0)):
            yield frame
    for feed in feeds:
        place = await _door.place(here, guest, feed) if feed not in shown else None
        if place is not None:
            yield Hinted(feed, guest.actor, place)


async def _news(here: Hub, guest: Identity, feed: str, after: int) -> AsyncIterator[Any]:
    """The visible events of a feed after a seq; of a feed that was erased, that there will be no more."""
    try:
        rows = await here.engine.read(feed, after, PAGE)
    except Erased:
        yield Unfollowed(feed)
        return
    for row in rows:
        event = _door.show(guest, row)
        if event is not None:
            yield Happened(feed, row.seq, after, row.at, row.by, event)
            after = row.seq


def _read(body: bytes) -> Exchange:
    """Decode a request; never says what was in it."""
    try:
        if len(body) <= FRAME_LIMIT_BYTES:
            return _decoder.decode(body)
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    raise HttpError(422, "malformed")


def _slow_floods(contact: str, now: datetime) -> None:
    """Take a token of this contact."""
    bucket = _buckets.pop(contact, None) or Bucket.full(BURST, PER_S, now)
    _buckets[contact], enough = bucket.take(now)
    while len(_buckets) > CONTACTS_KEPT:
        _buckets.popitem(last=False)
    if not enough:
        raise HttpError(429, "too_fast")
