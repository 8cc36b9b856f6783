"""Referral partners and open cases over HTTP: the directory, what waits for somebody, and a partner's own page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field as Bound

from accounts.api import who
from accounts.auth import Identity
from accounts.orm import off_loop
from chat.messages import PostMessage
from kernel import clock
from kernel.decider import Address
from kernel.errors import Conflict, Refused, Unavailable
from kernel.seal import Erased
from kernel.terms import Actor, Role
from kernel.wire import Command, encode
from recordings_policy import store as records
from recordings_policy.domain.access import Circumstances, Need, Reason, Resource
from server import paging, reading, talk
from server.open_cases import open_of
from server.wiring import hub
from triage import store
from triage.channels.adapters import signed_well
from triage.domain.state import CaseState, Referral
from triage.messages import Answer, AnswerReferral, EnterTalk, LeaveTalk, ReadReferral
from triage.policy import HOUSE

router = Router(tags=["care"])

HOOK_LIMIT_BYTES = 16 * 1024
Secret = Annotated[str, Bound(min_length=20, max_length=100)]
Text = Annotated[str, Bound(max_length=1000)]
Said = Literal["accepted", "declined", "attended", "missed", "finished"]


class Shown(Schema):
    """A partner shows the secret of its link."""

    token: Secret


class Answered(Shown):
    """What the partner says; `id` makes saying it twice harmless."""

    answer: Said
    note: Text = ""
    id: Annotated[str, Bound(max_length=40, pattern=r"^[A-Za-z0-9_-]*$")] = ""


@router.get("partners", summary="Whom a visitor may be referred to")
async def partners(request: HttpRequest, lat: float | None = None, lon: float | None = None) -> HttpResponse:
    """The directory for staff; the nearest first where a place is given."""
    await who(request, "staff")
    place = None if lat is None or lon is None else (lat, lon)
    return as_json(await orm(store.partners, clock.now().astimezone(HOUSE).date(), place))


@router.get("cases/open", summary="What waits for somebody: escalations, referrals, follow-ups")
async def open_cases(request: HttpRequest) -> HttpResponse:
    """Every open case of the person's lines, the most pressing first; read from the cases themselves."""
    guest = await who(request, "staff")
    if not guest.actor.is_counseling:
        raise HttpError(403, "forbidden_role")
    try:
        return as_json(await open_of((await hub()).engine, guest.lines))
    except Unavailable:
        raise HttpError(503, "unavailable") from None


@router.get("cases/{contact}/reach", summary="How somebody who is asked after may be reached")
async def reach(request: HttpRequest, contact: str) -> HttpResponse:
    """For the follow-up's owner alone: taking it is in the log, and so is who could look."""
    guest = await who(request, "staff")
    state = await _case(contact)
    if state.line not in guest.lines or state.follow_up is None or state.follow_up.owner != guest.actor.id:
        raise HttpError(404, "no_follow_up")
    await _look(guest, contact, Resource.REACH)
    return as_json(state.reach)


@router.get("cases/{contact}/referrals/{number}/link", summary="The link to hand over by hand")
async def link(request: HttpRequest, contact: str, number: int) -> HttpResponse:
    """For a partner without a channel of its own; only while it is this partner's turn."""
    guest = await who(request, "staff")
    state = await _case(contact)
    one = state.referrals.get(number)
    if state.line not in guest.lines or one is None or not one.shown or not guest.actor.is_counseling:
        raise HttpError(404, "no_referral")
    await _look(guest, contact, Resource.PACKET)
    secret = await orm(store.open_link, paging.link_key(), contact, number, one.partner.id, clock.now())
    return as_json({"link": f"{paging.partner_page(here(request))}#{secret}"})


# --- a partner's side: no account, a secret that opens one packet ------------------------------------------


@router.post("partner/open", auth=None, summary="A partner reads a packet by its link")
async def partner_open(request: HttpRequest, shown: Shown) -> HttpResponse:
    """The fields the visitor agreed to, as far as the agreement lets this partner know them; the look is logged."""
    opened, one = await _by_link(shown.token)
    allowed = await orm(store.boundary, opened.partner, clock.now().astimezone(HOUSE).date())
    if allowed is None:
        raise HttpError(404, "no_referral")
    minute = int(clock.now().timestamp() // 60)  # each look counts, a page that is drawn twice is one look
    await _partner_look(opened, Resource.PACKET)
    packet = {field: one.packet[field] for field in one.fields if field.value in allowed}
    await _say(opened, ReadReferral(one.number), f"read.{one.number}.{opened.partner}.{minute}")
    return as_json(
        {"partner": one.partner.name, "status": one.status, "since": one.since, "packet": packet, "talk": one.talk}
    )


@router.post("partner/answer", auth=None, summary="A partner answers by its link")
async def partner_answer(request: HttpRequest, answered: Answered) -> HttpResponse:
    """Accept, decline, or say what became of it."""
    opened, one = await _by_link(answered.token)
    command = AnswerReferral(one.number, Answer(answered.answer), answered.note)
    await _say(opened, command, f"answer.{one.number}.{opened.partner}.{answered.id or answered.answer}")
    return as_json({"status": "answered"})


class Hook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a partner's own system posts; `id` is the partner's, and counts once."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]
    token: Annotated[str, msgspec.Meta(min_length=20, max_length=100)]
    answer: Answer
    note: Annotated[str, msgspec.Meta(max_length=1000)] = ""


@router.post("partner/hooks/{partner}", auth=None, summary="A partner's system answers by signed webhook")
async def partner_hook(request: HttpRequest, partner: str) -> HttpResponse:
    """Signed as our own webhooks are (X-Xinqiao-Signature); at most five minutes old."""
    body = request.body
    secret = store.secret_of(paging.link_key(), "partner", partner)
    signed = request.headers.get("X-Xinqiao-Signature", "")
    if len(body) > HOOK_LIMIT_BYTES or not signed_well(secret, signed, body, clock.now()):
        raise HttpError(403, "bad_signature")
    try:
        said = msgspec.json.decode(body, type=Hook)
    except (msgspec.ValidationError, msgspec.DecodeError):
        raise HttpError(422, "malformed") from None
    opened, one = await _by_link(said.token)
    if opened.partner != partner:
        raise HttpError(404, "no_referral")
    await _say(opened, AnswerReferral(one.number, said.answer, said.note), f"hook.{partner}.{said.id}")
    return as_json({"status": "answered"})


@router.post("partner/talk", auth=None, summary="A partner follows the talk it was let into")
async def partner_talk(request: HttpRequest, shown: Shown) -> HttpResponse:
    """What is said from the moment the partner came in, and nothing from before; coming in is the first look."""
    opened, one = await _by_link(shown.token)
    if one.talk == "agreed":
        await _say(opened, EnterTalk(one.number), f"enter.{one.number}.{opened.partner}.{one.since.timestamp():.0f}")
    elif one.talk != "in":
        return as_json({"talk": one.talk, "said": []})
    await _partner_look(opened, Resource.TRANSCRIPT)
    return as_json({"talk": "in", "said": await talk.since_entry(opened.contact, opened.partner)})


class Spoken(Shown):
    """A partner's words; `id` makes saying them twice harmless."""

    text: Annotated[str, Bound(min_length=1, max_length=2000)]
    id: Annotated[str, Bound(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]


@router.post("partner/say", auth=None, summary="A partner speaks in the talk it was let into")
async def partner_say(request: HttpRequest, spoken: Spoken) -> HttpResponse:
    """Only while the visitor lets it."""
    opened, one = await _by_link(spoken.token)
    if one.talk != "in":
        raise HttpError(409, "not_yours")
    await _say(opened, PostMessage(spoken.text), f"say.{opened.partner}.{spoken.id}", "session")
    return as_json({"status": "said"})


@router.post("partner/leave", auth=None, summary="A partner leaves the talk")
async def partner_leave(request: HttpRequest, shown: Shown) -> HttpResponse:
    """The packet stays open."""
    opened, one = await _by_link(shown.token)
    await _say(opened, LeaveTalk(one.number), f"leave.{one.number}.{int(clock.now().timestamp())}")
    return as_json({"status": "left"})


async def _partner_look(opened: store.Opened, resource: Resource) -> None:
    """Write into the access log that a partner, whose turn it is, reads; a page that reads on is one look."""
    by, referred = Actor(Role.REFERRAL_PARTNER, opened.partner), Circumstances(frozenset({Need.REFERRED}))
    look = (by, resource, opened.contact, Reason.REFERRAL, referred, clock.now(), f"referral.{opened.referral}")
    await orm(records.ask_again, *look)


async def _look(guest: Identity, contact: str, resource: Resource) -> None:
    """Ask the gate for something of a contact that is in somebody's hands; 403 says why not."""
    try:
        answer = await reading.open_kept((await hub()).engine, guest, resource, contact, Reason.CARE)
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    if not answer.opened:
        raise HttpError(403, answer.code)


async def _by_link(token: str) -> tuple[store.Opened, Referral]:
    """Find what a link opens, while it is this partner's turn."""
    opened = await orm(store.opened_by, token, clock.now())
    if opened is None:
        raise HttpError(404, "no_referral")
    one = (await _case(opened.contact)).referrals.get(opened.referral)
    if one is None or not one.shown or one.partner.id != opened.partner:
        raise HttpError(410, "no_referral")
    return opened, one


async def _case(contact: str) -> CaseState:
    """Read a case; an unknown one is empty."""
    try:
        loaded = await (await hub()).engine.state(Address("case", contact))
    except Erased:
        raise HttpError(410, "erased") from None
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    state: CaseState = loaded.state if loaded is not None else CaseState()
    return state


async def _say(opened: store.Opened, command: Command, client_id: str, kind: str = "case") -> None:
    """Give the partner's word to the case; the same id counts once."""
    now: datetime = clock.now()
    by = Actor(Role.REFERRAL_PARTNER, opened.partner)
    try:
        await (await hub()).engine.submit(Address(kind, opened.contact), command, by, now, client_id[:80])
    except Refused as no:
        raise HttpError(409, no.code) from None
    except (Unavailable, Conflict):
        raise HttpError(503, "unavailable") from None


async def orm(call: Any, *args: Any) -> Any:
    """Ask the directory beside the event loop."""
    try:
        return await off_loop(call, *args)
    except Unavailable:
        raise HttpError(503, "unavailable") from None


def here(request: HttpRequest) -> str:
    """The origin this request came to."""
    return f"{request.scheme}://{request.get_host()}"


def as_json(body: Any) -> HttpResponse:
    """Answer as JSON that nobody keeps."""
    headers: Mapping[str, str] = {"Cache-Control": "no-store"}
    return HttpResponse(encode(body), content_type="application/json", headers=dict(headers))
