"""Appointments on site over HTTP: where and when one may come, and a station's own list."""

import hashlib
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.errors import HttpError
from pydantic import Field as Bound

from accounts.api import who
from kernel import clock
from kernel.decider import Address
from kernel.errors import Conflict, Refused, Unavailable
from kernel.terms import Actor, Role
from server import paging
from server.care import Shown, as_json, here, orm
from server.wiring import hub
from triage import store
from triage.domain.agenda import AgendaState
from triage.messages.agenda import ReportVisit, Slot
from triage.policy import HOUSE

router = Router(tags=["visits"])

SLOTS_SHOWN = 40


class Came(Shown):
    """The station says whether somebody came."""

    starts_at: datetime
    place: Annotated[int, Bound(ge=1, le=50)]
    came: bool


@router.get("visits", auth=None, summary="Where and when one may come")
async def visits(request: HttpRequest, lat: float | None = None, lon: float | None = None) -> HttpResponse:
    """Stations with free places, for a visitor's contact or for staff; the nearest first where a place is given."""
    await _visitor_or_staff(request)
    now = clock.now()
    place = None if lat is None or lon is None else (lat, lon)
    listed = await orm(store.partners, now.astimezone(HOUSE).date(), place)
    receiving = await orm(store.visit_rules)
    found = [await _station(each, now) for each in listed if each.id in receiving]
    return as_json([each for each in found if each["slots"]])


async def _visitor_or_staff(request: HttpRequest) -> None:
    """Let in whoever has a contact here or works here."""
    try:
        await who(request, "contact")
    except HttpError:
        await who(request, "staff")


async def _station(partner: store.PartnerFacts, now: datetime) -> dict[str, Any]:
    """A station and its free slots."""
    state = await _agenda(partner.id)
    free = [(each, state.free(each)) for each in state.slots if each.starts_at > now]
    shown = [_slot(each, left) for each, left in free if left > 0][:SLOTS_SHOWN]
    name = {"id": partner.id, "name": partner.name, "name_en": partner.name_en}
    return {**name, "address": partner.address, "phone": partner.phone, "km": partner.km, "slots": shown}


def _slot(slot: Slot, left: int) -> dict[str, Any]:
    """A slot and how many places are left."""
    return {"starts_at": slot.starts_at, "minutes": slot.minutes, "left": left}


async def _agenda(partner: str) -> AgendaState:
    """Read an agenda; one that does not exist is empty."""
    try:
        loaded = await (await hub()).engine.state(Address("agenda", partner))
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    return loaded.state if loaded is not None else AgendaState()


def code_of(contact: str, starts_at: datetime) -> str:
    """Four digits by which visitor and station know the same appointment, without a name."""
    digest = hashlib.sha256(f"{contact}|{int(starts_at.timestamp())}".encode()).digest()
    return f"{int.from_bytes(digest[:4]) % 10_000:04d}"


@router.get("visits/code", auth=None, summary="The visitor's own appointment code")
async def code(request: HttpRequest) -> HttpResponse:
    """What a visitor says at the door instead of a name."""
    guest = await who(request, "contact")
    try:
        loaded = await (await hub()).engine.state(Address("case", guest.actor.id))
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    one = loaded.state.appointment if loaded is not None else None
    if one is None or not one.held:
        raise HttpError(404, "no_appointment")
    return as_json({"code": code_of(guest.actor.id, one.starts_at)})


@router.get("visits/{partner}/link", summary="The link by which a station reads its coming visits")
async def link(request: HttpRequest, partner: str) -> HttpResponse:
    """For staff to hand over; the same each time."""
    guest = await who(request, "staff")
    if not guest.actor.is_counseling or partner not in await orm(store.visit_rules):
        raise HttpError(404, "no_appointment")
    secret = await orm(store.open_agenda_link, paging.link_key(), partner, clock.now())
    return as_json({"link": f"{paging.partner_page(here(request))}#agenda.{secret}"})


@router.post("partner/agenda", auth=None, summary="A station reads its coming visits")
async def agenda(request: HttpRequest, shown: Shown) -> HttpResponse:
    """Times and codes; no name, no number, no word."""
    partner = await _by_secret(shown.token)
    state, now = await _agenda(partner), clock.now()
    listed = sorted(state.held, key=lambda each: (each.starts_at, each.place))
    rows = [
        {"starts_at": each.starts_at, "place": each.place, "code": code_of(each.contact, each.starts_at)}
        | {"came": each.came, "past": each.starts_at <= now}
        for each in listed
        if each.starts_at > now - timedelta(days=14)
    ]
    return as_json({"partner": partner, "visits": rows})


@router.post("partner/agenda/came", auth=None, summary="A station says who came")
async def came(request: HttpRequest, said: Came) -> HttpResponse:
    """Counts once; the last word stands."""
    partner, now = await _by_secret(said.token), clock.now()
    command = ReportVisit(said.starts_at, said.place, said.came)
    given = f"came.{int(said.starts_at.timestamp())}.{said.place}.{said.came}.{int(now.timestamp()) // 5}"
    try:
        engine = (await hub()).engine
        await engine.submit(Address("agenda", partner), command, Actor(Role.REFERRAL_PARTNER, partner), now, given)
    except Refused as no:
        raise HttpError(409, no.code) from None
    except (Unavailable, Conflict):
        raise HttpError(503, "unavailable") from None
    return as_json({"status": "answered"})


async def _by_secret(token: str) -> str:
    """Whose agenda a link opens."""
    partner: str | None = await orm(store.agenda_of, token.removeprefix("agenda."), clock.now())
    if partner is None:
        raise HttpError(404, "no_appointment")
    return partner
