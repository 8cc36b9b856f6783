"""What it means that somebody is on a socket, or on none any more: told to the session or to the desks."""

from accounts import store as accounts
from accounts.orm import off_loop
from chat.messages import MarkAway, MarkBack
from kernel import clock, ids
from kernel.decider import Address
from kernel.errors import Refused
from kernel.hub import Hub
from kernel.terms import SYSTEM, Actor, Role
from kernel.wire import Command
from queueing.messages import EnterSeat, LoseSeat

WITHOUT_SOCKET = "http"
"""In whose name a lease stands that no socket holds: a request renews it, and the clock finds it lapsed."""


def subject_of(actor: Actor) -> str:
    """Name the lease of a visitor or of somebody at a console."""
    return f"{'visitor' if actor.role is Role.VISITOR else 'staff'}:{actor.id}"


async def announce(hub: Hub, subject: str, *, present: bool | None = None) -> None:
    """Say that a subject is present or absent, whichever the leases say now; and once more if that has changed.

    `present` spares the first look to whoever has just written a lease and knows what stands there.
    """
    if present is None:
        present = await hub.leases.is_present(subject, clock.now())
    await _tell(hub, subject, present=present)
    if await hub.leases.is_present(subject, clock.now()) is not present:
        await _tell(hub, subject, present=not present)


async def _tell(hub: Hub, subject: str, *, present: bool) -> None:
    """Give the commands that presence asks for."""
    side, _, identity = subject.partition(":")
    for to, command in (
        _visitor(identity, present=present) if side == "visitor" else await _staff(identity, present=present)
    ):
        try:
            await hub.engine.submit(to, command, SYSTEM, clock.now(), f"presence.{ids.command_id()}")
        except Refused:  # a contact or desk that does not exist (yet) has nobody to tell
            continue


def _visitor(contact: str, *, present: bool) -> list[tuple[Address, Command]]:
    """A visitor's session learns it."""
    return [(Address("session", contact), MarkBack() if present else MarkAway())]


async def _staff(staff_id: str, *, present: bool) -> list[tuple[Address, Command]]:
    """Every desk of a counselor learns it."""
    facts = await off_loop(accounts.staff_by_id, staff_id)
    if facts is None:
        return []
    entering = EnterSeat(staff_id, facts.name, facts.role, facts.languages, facts.skills)
    command: Command = entering if present else LoseSeat(staff_id)
    return [(Address("desk", line), command) for line in facts.lines]
