"""Tokens and tickets: minted once, kept as digests, found by what the bearer shows."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from accounts.models import EntryTicket, SignInSeen, StaffMember, VisitorToken
from accounts.orm import off_loop
from kernel import ids
from kernel.terms import Actor, Role

HOUSE = ZoneInfo("Asia/Shanghai")
TOKEN_LIFE = timedelta(hours=24)
"""Long enough for a contact that waits over a night, short enough that a borrowed phone forgets."""
TICKET_LIFE = timedelta(seconds=30)
TOUCH_EVERY = timedelta(minutes=1)
WHOSE = "SELECT contact FROM accounts_visitortoken WHERE digest = %s AND expires_at > %s"
Fetch = Callable[[str, Sequence[Any]], Awaitable[list[tuple[Any, ...]]]]
"""Runs one statement and answers its rows; raises Unavailable."""
SEEN_LIFE = timedelta(days=2)
"""Longer than any sign-in lasts."""


class StaffFacts(msgspec.Struct, frozen=True):
    """What doors need to know of a member of staff."""

    staff_id: str
    name: str
    role: Role
    lines: tuple[str, ...]
    languages: tuple[str, ...]
    user_id: int
    skills: dict[str, datetime | None] = {}


def digest(secret: str) -> bytes:
    """Hash a bearer's secret; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def issue_visitor_token(contact: str, now: datetime) -> str:
    """Mint the secret by which an anonymous visitor stays the owner of a contact."""
    secret = ids.token()
    VisitorToken.objects.create(digest=digest(secret), contact=contact, created_at=now, expires_at=now + TOKEN_LIFE)
    return secret


def contact_of_token(token: str, now: datetime) -> str | None:
    """Find whose token this is; None when unknown, revoked or over."""
    with connection.cursor() as cursor:
        cursor.execute(WHOSE, (digest(token), now))
        row = cursor.fetchone()
    return str(row[0]) if row else None


def revoke(token: str) -> None:
    """Forget one token, as on quick exit."""
    VisitorToken.objects.filter(digest=digest(token)).delete()


def revoke_contact(contact: str) -> int:
    """Forget every token of a contact, as on erasure; the number of them."""
    return VisitorToken.objects.filter(contact=contact).delete()[0]


def issue_ticket(actor: Actor, now: datetime) -> str:
    """Mint a ticket that lets one socket in once within 30 s."""
    secret = ids.token()
    EntryTicket.objects.create(
        digest=digest(secret), role=actor.role.value, actor=actor.id, expires_at=now + TICKET_LIFE
    )
    return secret


def redeem_ticket(ticket: str, now: datetime) -> Actor | None:
    """Use a ticket up; None when unknown, used or over. Of two that come at once one wins."""
    statement = "DELETE FROM accounts_entryticket WHERE digest = %s RETURNING role, actor, expires_at"
    with connection.cursor() as cursor:
        cursor.execute(statement, [digest(ticket)])
        row = cursor.fetchone()
    if row is None or row[2] <= now:
        return None
    return Actor(Role(row[0]), row[1])


def touch(session: str, now: datetime) -> None:
    """Note that a person did something in this sign-in."""
    SignInSeen.objects.update_or_create(session_key=session, defaults={"seen_at": now})


def is_idle(session: str, now: datetime) -> bool:
    """Tell whether nobody did anything in a sign-in for too long; that it was never looked at is none of it."""
    row = SignInSeen.objects.filter(pk=session).first()
    if row is None:
        touch(session, now)
        return False
    return row.seen_at + settings.STAFF_IDLE <= now


def end_sign_in(session: str) -> None:
    """End a sign-in wherever it is open."""
    Session.objects.filter(pk=session).delete()
    SignInSeen.objects.filter(pk=session).delete()


def sweep(now: datetime) -> int:
    """Delete what is over; the number of rows."""
    SignInSeen.objects.filter(seen_at__lte=now - SEEN_LIFE).delete()
    tokens = VisitorToken.objects.filter(expires_at__lte=now).delete()[0]
    return tokens + EntryTicket.objects.filter(expires_at__lte=now).delete()[0]


def facts(member: StaffMember) -> StaffFacts:
    """Read a row."""
    return StaffFacts(
        staff_id=member.staff_id,
        name=member.display_name,
        role=member.kind,
        lines=tuple(member.lines),
        languages=tuple(member.languages),
        user_id=member.user_id,
        skills={skill: _until(day) for skill, day in member.skills.items()},
    )


def _until(day: str | None) -> datetime | None:
    """Read until when a skill holds: through its last day, in the line's zone; None for good."""
    return None if day is None else datetime.combine(date.fromisoformat(day), time(), HOUSE) + timedelta(days=1)


def staff_by_id(staff_id: str) -> StaffFacts | None:
    """Find an active member of staff by the id the log knows."""
    member = StaffMember.objects.filter(staff_id=staff_id, user__is_active=True).first()
    return facts(member) if member else None


def staff_of_line(line: str) -> tuple[StaffFacts, ...]:
    """List the active staff of a line, by staff id."""
    rows = StaffMember.objects.filter(lines__contains=[line], user__is_active=True)
    return tuple(facts(row) for row in rows)


async def aissue_visitor_token(contact: str, now: datetime) -> str:
    """As issue_visitor_token, off the event loop."""
    return await off_loop(issue_visitor_token, contact, now)


async def acontact_of_token(token: str, now: datetime, fetch: Fetch | None = None) -> str | None:
    """As contact_of_token: by the event loop's own connections where it has some, else on a thread of the ORM."""
    if fetch is None:
        return await off_loop(contact_of_token, token, now)
    rows = await fetch(WHOSE, (digest(token), now))
    return str(rows[0][0]) if rows else None


async def arevoke(token: str) -> None:
    """As revoke, off the event loop."""
    await off_loop(revoke, token)


async def aissue_ticket(actor: Actor, now: datetime) -> str:
    """As issue_ticket, off the event loop."""
    return await off_loop(issue_ticket, actor, now)


async def aredeem_ticket(ticket: str, now: datetime) -> Actor | None:
    """As redeem_ticket, off the event loop."""
    return await off_loop(redeem_ticket, ticket, now)


async def astaff_of_line(line: str) -> tuple[StaffFacts, ...]:
    """As staff_of_line, off the event loop."""
    return await off_loop(staff_of_line, line)
