"""Verified entry: a visitor who wants to shows who they are; the number goes into the vault and nowhere else.

Nobody has to. A number is checked for being one, and a partner app's word for being its own; whether a card belongs
to whoever typed it only the union can say, and this house does not ask it.
"""

from collections import OrderedDict
from datetime import datetime
from typing import Annotated, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from accounts import entry_tokens, vault
from accounts.api import who
from accounts.domain.identity import Proof, national_id, union_card
from kernel import clock
from kernel.decider import Address
from kernel.errors import Conflict, Refused, Unavailable
from kernel.terms import SYSTEM
from kernel.throttle import Bucket
from recordings_policy import store
from recordings_policy.messages import NoteIdentity
from server.care import as_json, orm
from server.standing import standing_of
from server.wiring import hub
from triage.policy import HOUSE

router = Router(tags=["verified entry"])

# People mistype long numbers; nobody mistypes one ten times in a minute.
TRIES, TRIES_PER_S, KEPT = 10.0, 1 / 30, 10_000
_tries: OrderedDict[str, Bucket] = OrderedDict()


class Shown(Schema):
    """A number and, if they like, a name; or a partner app's token."""

    proof: Literal["union_card", "national_id", "app"]
    number: Annotated[str, Field(max_length=40)] = ""
    name: Annotated[str, Field(max_length=60)] = ""
    token: Annotated[str, Field(max_length=entry_tokens.LIMIT_CHARS)] = ""


@router.post("contacts/current/verify", auth=None, summary="Show who one is; never needed")
async def verify(request: HttpRequest, shown: Shown) -> HttpResponse:
    """Answers only that it is noted; the number is in no answer, no log and no event."""
    guest = await who(request, "contact")
    contact, now = guest.actor.id, clock.now()
    if not vault.is_open():
        raise HttpError(409, "no_vault")
    _slow(contact, now)
    identity = await orm(_read, shown, now)
    if identity is None:
        raise HttpError(422, "not_verified")
    state = await orm(store.read, contact)
    if state is None or state.gone or state.erase_at is not None:
        raise HttpError(409, "erased" if state is not None else "not_open")
    link: vault.Link = await orm(vault.keep, contact, identity, now)
    try:
        engine = (await hub()).engine
        note = NoteIdentity(link.proof.value)
        await engine.submit(Address("record", contact), note, SYSTEM, now, "identity")
    except Refused as no:
        raise HttpError(409, no.code) from None
    except (Unavailable, Conflict):
        raise HttpError(503, "unavailable") from None
    return as_json({"verified": link.proof.value})


@router.get("contacts/{contact}/verified", summary="Whether a contact in one's hands is verified; never as whom")
async def verified(request: HttpRequest, contact: str) -> HttpResponse:
    """For whoever the contact's business is; 404 for anybody else, as if it were not there."""
    guest = await who(request, "staff")
    try:
        here = await standing_of((await hub()).engine, contact)
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    if not guest.actor.is_counseling or not here.ties(guest.actor, guest.lines):
        raise HttpError(404, "no_contact")
    return as_json({"verified": here.record.verified})


def _read(shown: Shown, now: datetime) -> vault.Identity | None:
    """Check what was shown; None where it cannot be."""
    if shown.proof == "app":
        claims = entry_tokens.verify(shown.token, settings.ENTRY_TOKENS, now)
        return vault.Identity(Proof.APP, claims.sub, "", claims.iss) if claims else None
    today = now.astimezone(HOUSE).date()
    number = national_id(shown.number, today) if shown.proof == "national_id" else union_card(shown.number)
    return vault.Identity(Proof(shown.proof), number, shown.name.strip()) if number else None


def _slow(contact: str, now: datetime) -> None:
    """Take a token of this contact."""
    bucket = _tries.pop(contact, None) or Bucket.full(TRIES, TRIES_PER_S, now)
    _tries[contact], enough = bucket.take(now)
    while len(_tries) > KEPT:
        _tries.popitem(last=False)
    if not enough:
        raise HttpError(429, "too_fast")
