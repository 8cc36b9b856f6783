"""Keeps an eye on who is signed in: whoever is dismissed, changed, signed out or idle loses their open sockets too.

One look at the tables every other second serves all sockets of a process. While nobody can tell, everybody stays.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from django.contrib.sessions.models import Session

from accounts.auth import Identity
from accounts.models import StaffMember
from accounts.orm import off_loop
from accounts.store import facts
from kernel import clock

FRESH_S = 1.5


class Verdict(StrEnum):
    """Whether somebody may stay."""

    STAYS = "stays"
    CHANGED = "changed"  # role or lines: come in again, and be shown what is yours now
    OVER = "over"  # dismissed, signed out, expired, another password


class Watch:
    """The staff on sockets of this process."""

    def __init__(self) -> None:
        """Nobody is here."""
        self._here: Counter[Identity] = Counter()
        self._verdicts: dict[Identity, Verdict] = {}
        self._looked_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None

    def enter(self, guest: Identity) -> None:
        """Somebody opened a socket."""
        self._here[guest] += 1

    def leave(self, guest: Identity) -> None:
        """A socket was closed."""
        self._here[guest] -= 1
        if self._here[guest] <= 0:
            del self._here[guest]
            self._verdicts.pop(guest, None)

    async def verdict(self, guest: Identity) -> Verdict:
        """Say whether somebody may stay, as of a moment ago; raises Unavailable where nobody can tell."""
        if clock.monotonic() - self._looked_at > FRESH_S:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            await asyncio.shield(self._looking)
        return self._verdicts.get(guest, Verdict.STAYS)

    async def _look(self) -> None:
        here = tuple(self._here)
        self._verdicts = await off_loop(verdicts, here, clock.now())
        self._looked_at = clock.monotonic()


def verdicts(guests: Iterable[Identity], now: datetime) -> dict[Identity, Verdict]:
    """Hold everybody against the tables, in two statements."""
    guests = tuple(guests)
    people = StaffMember.objects.select_related("user").filter(staff_id__in={guest.actor.id for guest in guests})
    members = {member.staff_id: member for member in people}
    keys = {guest.session for guest in guests if guest.session}
    alive = set(Session.objects.filter(pk__in=keys, expire_date__gt=now).values_list("pk", flat=True))
    return {guest: _judge(guest, members.get(guest.actor.id), alive) for guest in guests}


def _judge(guest: Identity, member: StaffMember | None, alive: set[str]) -> Verdict:
    if member is None or not member.user.is_active or (guest.session and guest.session not in alive):
        return Verdict.OVER
    if guest.proof and guest.proof != member.user.get_session_auth_hash():
        return Verdict.OVER
    known = facts(member)
    return Verdict.STAYS if (known.role, known.lines) == (guest.actor.role, guest.lines) else Verdict.CHANGED
