"""What staff read of contacts that are not on their screen: through the gate, with a reason, never to keep.

A look at a recording is a number in the access log, and that number is what lets one person play it for two hours:
there is no link that would work for anybody else, and nothing to download.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from accounts import vault
from accounts.api import who
from accounts.auth import Identity
from chat.messages import MessagePosted
from chat.voice.contract import RecordingDecision
from chat.voice.playback import one_track, open_recording, span_of
from kernel import clock
from kernel.decider import Address
from kernel.doorman import answer
from kernel.errors import Malformed, NotPermitted, Unavailable
from kernel.seal import Erased, Tampered
from kernel.terms import Role
from kernel.wire import Command, Refusal, encode
from recordings_policy import recordings, store
from recordings_policy.domain.access import Reason, Resource
from recordings_policy.domain.glass import ASKED_FOR
from recordings_policy.domain.state import RecordState
from recordings_policy.messages import GlassAsked
from server import reading
from server.care import as_json, orm
from server.doors import SupervisionDoor, words
from server.entry import read_do
from server.kept import about
from server.wiring import hub

router = Router(tags=["books"])


class BooksDoor(SupervisionDoor):
    """Staff without a socket: words about the books and nothing else."""

    name = "staff"

    def words(self, guest: Identity, to: Address) -> msgspec.json.Decoder[Command]:
        """Records only; whatever moves a talk or a desk is said on a socket."""
        if to.kind != "record":
            raise NotPermitted("unknown_feed")
        return words(guest.actor.role, to.kind)


door = BooksDoor()

PLAYED_FOR = timedelta(hours=2)
PAGE = 500
PIECE_BYTES = 64 * 1024
Contact = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.-]+$")]


class Look(Schema):
    """What somebody wants to see, why, and by which paper."""

    contact: Contact
    resource: Literal["transcript", "case", "record", "recording", "reach", "identity", "access_log"]
    reason: Literal["care", "supervision", "crisis", "complaint", "training", "break_glass", "disclosure", "audit"]
    reference: Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z0-9_.#@:+-]*$")] = ""


@router.post("books/look", summary="Look at something of a contact, for a reason")
async def look(request: HttpRequest, wish: Look) -> HttpResponse:
    """403 with the condition that is not met; where it opens, the look is in the log before the answer."""
    guest = await who(request, "staff")
    engine = (await hub()).engine
    try:
        opened = await reading.open_kept(
            engine, guest, Resource(wish.resource), wish.contact, Reason(wish.reason), wish.reference
        )
        if not opened.opened:
            raise HttpError(403, opened.code)
        found = await _READERS[wish.resource](wish.contact)
    except Erased:
        raise HttpError(410, "erased") from None
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    return as_json({"look": opened.look, "found": found})


@router.post("books/commands", summary="A hold, or a look through the glass: ask, agree, refuse")
async def commands(request: HttpRequest) -> HttpResponse:
    """The same `do` frame as on a socket, to records only."""
    guest = await who(request, "staff")
    try:
        do = read_do(request.body)
    except Malformed:
        raise HttpError(422, "malformed") from None
    said = await answer(await hub(), door, guest, do)
    status = (503 if said.retry_ms else 409) if isinstance(said, Refusal) else 200
    return HttpResponse(encode(said), content_type="application/json", status=status)


@router.get("books/waiting", summary="Looks that wait for a second person")
async def waiting(request: HttpRequest) -> HttpResponse:
    """Of the person's lines; their own as well, so that they see what became of them."""
    guest = await who(request, "staff")
    if guest.actor.role not in (Role.SUPERVISOR, Role.CRISIS_WORKER, Role.ADMINISTRATOR):
        raise HttpError(403, "forbidden_role")
    return as_json(await orm(_waiting, guest, clock.now()))


@router.get("books/{contact}/recordings/{number}/audio", summary="Play one party of a recording")
async def audio(request: HttpRequest, contact: str, number: int, look: int, track: int = 1) -> Any:
    """In pieces, for whoever looked less than two hours ago; inline, kept by nobody."""
    guest = await who(request, "staff")
    since = clock.now() - PLAYED_FOR
    if not await orm(store.is_look, look, guest.actor, Resource.RECORDING, contact, since):
        raise HttpError(403, "not_permitted")
    try:
        kept = await orm(recordings.find, contact, number)
        if kept is None:
            raise HttpError(404, "no_recording")
        right = RecordingDecision(kept.call, kept.recording, kept.policy_version, kept.consents)
        sound = await asyncio.to_thread(open_recording, kept.path, kept.key, right, ended=kept.ended)
    except (Erased, FileNotFoundError):
        raise HttpError(410, "erased") from None
    except Tampered:
        raise HttpError(409, "tampered") from None
    return _played(request.headers.get("Range", ""), await asyncio.to_thread(one_track, sound.data, track))


def _played(wanted: str, data: bytes) -> HttpResponse | StreamingHttpResponse:
    """Answer with the bytes a player asks for."""
    headers = {"Accept-Ranges": "bytes", "Content-Disposition": "inline", "Cache-Control": "no-store"}
    try:
        span = span_of(wanted, len(data)) if wanted else None
    except ValueError:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{len(data)}"})
    begin, end = span or (0, len(data))
    headers["Content-Length"] = str(end - begin)
    if span is not None:
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{len(data)}"

    async def pieces() -> Any:
        for at in range(begin, end, PIECE_BYTES):
            yield data[at : min(at + PIECE_BYTES, end)]

    status = 206 if span is not None else 200
    return StreamingHttpResponse(pieces(), status=status, content_type="audio/webm", headers=headers)


# --- what each resource is ----------------------------------------------------------------------------


async def _transcript(contact: str) -> list[dict[str, Any]]:
    """What was said, by which side; names of staff as the log knows them."""
    engine, after, said = (await hub()).engine, 0, list[dict[str, Any]]()
    while True:
        rows = await engine.read(f"session.{contact}", after, PAGE)
        for row in rows:
            if isinstance(row.event, MessagePosted):
                said.append({"at": row.at, "role": row.by.role, "text": row.event.text})
        if len(rows) < PAGE:
            return said
        after = rows[-1].seq


async def _case(contact: str) -> list[dict[str, Any]]:
    """The case as its events tell it."""
    rows = await (await hub()).engine.read(f"case.{contact}", 0, 2 * PAGE)
    return [{"at": row.at, "role": row.by.role, "event": row.event} for row in rows]


async def _reach(contact: str) -> Any:
    loaded = await (await hub()).engine.state(Address("case", contact))
    return loaded.state.reach if loaded is not None else None


async def _record(contact: str) -> dict[str, Any]:
    """What the visitor is told as well, and who holds it."""
    state = await orm(store.read, contact) or RecordState()
    told: dict[str, Any] = await orm(about, contact, state)
    return {**told, "holds": state.holds, "glasses": state.glasses}


async def _recording(contact: str) -> Any:
    return await orm(recordings.listed, contact)


async def _identity(contact: str) -> Any:
    return await orm(vault.open_identity, contact)


async def _access_log(contact: str) -> Any:
    return await orm(store.looks, contact)


_READERS: dict[str, Any] = {
    "transcript": _transcript,
    "case": _case,
    "record": _record,
    "recording": _recording,
    "reach": _reach,
    "identity": _identity,
    "access_log": _access_log,
}


def _waiting(guest: Identity, now: datetime) -> list[dict[str, Any]]:
    """Read the asked looks of the last two hours from the records themselves."""
    found = []
    for contact in store.news(str(GlassAsked.__struct_config__.tag), now - ASKED_FOR):
        state = store.read(contact) or RecordState()
        if state.line in guest.lines or guest.actor.role is Role.ADMINISTRATOR:
            found += [
                {"contact": contact, "line": state.line, "mine": glass.person == guest.actor.id, "glass": glass}
                for glass in state.glasses
                if not glass.refused and now < (glass.until or glass.lapses_at)
            ]
    return found
