"""The one way to the gate for everything staff read: why they may, asked of the table, written into the access log.

What somebody sees on a socket because it is in their hands is a look as well: its reason follows from what ties them
to the contact. Any other look says its reason itself.
"""

from datetime import datetime

from accounts.auth import Identity
from accounts.domain.ties import HANDS, Tie
from accounts.orm import off_loop
from kernel import clock
from kernel.engine import Engine
from kernel.terms import Role
from recordings_policy import store
from recordings_policy.domain.access import Answer, Reason, Resource
from server import heads_up
from server.standing import Standing, standing_of
from triage.courier import notice_id

SHOWN = {"session": Resource.TRANSCRIPT, "case": Resource.CASE, "record": Resource.RECORD}
"""What a feed is, to whoever follows it."""


def reason_of(role: Role, ties: frozenset[Tie]) -> Reason:
    """Name why somebody follows a contact live; where nothing ties them, the gate says no to this too."""
    if ties & (HANDS - {Tie.CALLED}):
        return Reason.CARE
    if Tie.CALLED in ties:
        return Reason.CRISIS if role in (Role.CRISIS_WORKER, Role.SUPERVISOR) else Reason.CARE
    return Reason.SUPERVISION if role is Role.SUPERVISOR else Reason.CARE


async def open_live(engine: Engine, guest: Identity, kind: str, contact: str) -> Answer:
    """Ask to follow one feed of a contact. Raises Unavailable where nobody can tell: then nothing is shown."""
    here = await standing_of(engine, contact)
    reason = reason_of(guest.actor.role, here.ties(guest.actor, guest.lines))
    return await ask(guest, here, SHOWN[kind], reason)


async def open_kept(
    engine: Engine, guest: Identity, resource: Resource, contact: str, reason: Reason, reference: str = ""
) -> Answer:
    """Ask to read something of a contact, for a reason that the reader gives."""
    return await ask(guest, await standing_of(engine, contact), resource, reason, reference)


async def ask(guest: Identity, here: Standing, resource: Resource, reason: Reason, reference: str = "") -> Answer:
    """Hold a wish against the table; where the answer is yes, the look is in the log before this returns."""
    now: datetime = clock.now()
    met = here.circumstances(guest.actor, guest.lines, resource, now)
    if reason is Reason.BREAK_GLASS:
        reference = here.paper(guest.actor, resource, now)
    answer = await off_loop(store.ask, guest.actor, resource, here.contact, reason, met, now, reference)
    if answer.notice:
        heads_up.tell("glass_looked", here.line, notice_id(here.contact, f"look.{answer.look}"), now)
    return answer
