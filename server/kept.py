"""What is kept about me, how long, who read it: for the visitor, by the cookie of the talk or by a code kept since.

A code opens no word of what was said. A code that is wrong, one that never was, and text that can be no code get the
same answer; attempts are slowed per address.
"""

from collections import OrderedDict
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from accounts import return_codes
from accounts.api import who
from kernel import clock, ids
from kernel.decider import Address
from kernel.errors import Conflict, Refused, Unavailable
from kernel.terms import Actor, Role
from kernel.throttle import Bucket
from kernel.wire import Command
from recordings_policy import recordings, store
from recordings_policy.domain.access import Circumstances, Need, Reason, Resource
from recordings_policy.domain.state import RecordState
from recordings_policy.messages import RequestErasure, WithdrawConsent
from recordings_policy.policy import Purpose
from server.care import as_json, orm
from server.wiring import hub

router = Router(tags=["kept"])

# 500 people may share one address and some mistype; a machine that tries 80 bits at this pace is still trying.
TRIES, TRIES_PER_S = 60.0, 0.5
ADDRESSES_KEPT = 10_000
_tries: OrderedDict[str, Bucket] = OrderedDict()


class Asked(Schema):
    """A code, or nothing where the browser still has the talk's cookie."""

    code: Annotated[str, Field(max_length=60)] = ""


class Withdrawn(Asked):
    """Which consent ends."""

    purpose: Literal["recording", "storage", "referral", "statistics", "training"]


class Erased(Asked):
    """Erasure is asked for in so many words."""

    sure: Literal[True]


@router.post("kept", auth=None, summary="What is kept of a contact, how long, and who read it")
async def kept(request: HttpRequest, asked: Asked) -> HttpResponse:
    """For whoever shows the code or the cookie. Opening it by code is itself in the access log."""
    contact = await _whose(request, asked.code)
    state = await orm(store.read, contact)
    if state is None:
        raise HttpError(404, "no_such_code")
    if asked.code:
        by, mine = Actor(Role.VISITOR, contact), Circumstances(frozenset({Need.OWNER}))
        await orm(store.ask_again, by, Resource.RECORD, contact, Reason.OWN, mine, clock.now())
    return as_json(await orm(about, contact, state))


@router.post("kept/code", auth=None, summary="A code to ask again later")
async def code(request: HttpRequest) -> HttpResponse:
    """Only from the browser that had the talk; shown once."""
    guest = await who(request, "contact")
    return as_json({"code": await orm(return_codes.issue, guest.actor.id, clock.now())})


@router.post("kept/withdraw", auth=None, summary="Withdraw one consent")
async def withdraw(request: HttpRequest, asked: Withdrawn) -> HttpResponse:
    """From now on; a recording that depends on it stops."""
    contact = await _whose(request, asked.code)
    await _say(contact, WithdrawConsent(Purpose(asked.purpose)))
    return await kept(request, asked)


@router.post("kept/erase", auth=None, summary="Ask that everything of a contact be destroyed")
async def erase(request: HttpRequest, asked: Erased) -> HttpResponse:
    """As soon as the law and a hold allow; until then nobody opens it."""
    contact = await _whose(request, asked.code)
    await _say(contact, RequestErasure())
    return await kept(request, asked)


async def _whose(request: HttpRequest, typed: str) -> str:
    """Find the contact: by code where one is shown, else by cookie."""
    if not typed.strip():
        guest = await who(request, "contact")
        return guest.actor.id
    _slow(str(request.META.get("REMOTE_ADDR", "")), clock.now())
    contact: str | None = await orm(return_codes.contact_of, typed)
    if contact is None:
        raise HttpError(404, "no_such_code")
    return contact


def _slow(address: str, now: datetime) -> None:
    """Take a token of this address; 429 says nothing about the code."""
    bucket = _tries.pop(address, None) or Bucket.full(TRIES, TRIES_PER_S, now)
    _tries[address], enough = bucket.take(now)
    while len(_tries) > ADDRESSES_KEPT:
        _tries.popitem(last=False)
    if not enough:
        raise HttpError(429, "too_fast")


async def _say(contact: str, command: Command) -> None:
    """Give the visitor's word to the record."""
    by = Actor(Role.VISITOR, contact)
    try:
        engine = (await hub()).engine
        await engine.submit(Address("record", contact), command, by, clock.now(), f"kept.{ids.command_id()}")
    except Refused as no:
        raise HttpError(409, no.code) from None
    except (Unavailable, Conflict):
        raise HttpError(503, "unavailable") from None


def about(contact: str, state: RecordState) -> dict[str, Any]:
    """Tell what the books hold; no word of the talk, no name of anybody."""
    return {
        "line": state.line,
        "closed_at": state.closed_at,
        "erase_at": state.erase_at,
        "sealed": state.sealed,
        "gone": state.gone,
        "held_until": max((hold.ends_at for hold in state.holds if hold.freezes), default=None),
        "kept": [
            {
                "medium": keep.span.medium,
                "floor_at": keep.span.floor_at,
                "purge_at": keep.span.purge_at,
                "destroyed": bool(keep.receipt),
            }
            for keep in state.keeps
        ],
        "consents": [
            {name: getattr(consent, name) for name in ("purpose", "version", "text_hash", "channel", "given_at")}
            for consent in state.consents
        ],
        "refusals": state.refusals,
        "recordings": [{"begun_at": each.begun_at, "ended_at": each.ended_at} for each in recordings.listed(contact)],
        "receipts": [
            {name: getattr(each, name) for name in ("medium", "at", "digest", "in_backups_until")}
            for each in store.receipts(contact)
        ],
        "verified": state.verified if not state.gone else "",
        "looks": _looks(contact),
        "glasses": [
            {"behind": glass.behind, "cause": glass.cause, "until": glass.until}
            for glass in state.glasses
            if glass.until is not None
        ],
    }


def _looks(contact: str) -> list[dict[str, Any]]:
    """Who read: the role, and a number that is the same for the same person; a name is for a complaint to ask."""
    people: dict[str, int] = {}
    found = []
    for look in store.looks(contact):
        number = people.setdefault(f"{look.role}.{look.who}", len(people) + 1)
        found.append({"at": look.at, "role": look.role, "number": number, "what": look.what, "why": look.why})
    return found
