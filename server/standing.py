"""What is true of a contact, and of somebody towards it, at the moment of asking: read from the aggregates themselves.

The desk is asked first: it decides who has a contact, and the session hears of it a moment later.
"""

from datetime import datetime
from typing import Any

import msgspec

from accounts.domain.ties import HANDS, Tie
from kernel.decider import Address
from kernel.engine import Engine
from kernel.seal import Erased
from kernel.terms import Actor, Role
from recordings_policy.domain.access import AFTERWARDS, Circumstances, Need, Resource
from recordings_policy.domain.consent import consent_for
from recordings_policy.domain.hold import Phase
from recordings_policy.domain.state import RecordState
from recordings_policy.policy import Purpose
from triage.domain.state import CaseState


class Standing(msgspec.Struct, frozen=True):
    """One contact as its four aggregates tell it; None where one does not exist, or was erased."""

    contact: str
    session: Any = None
    case: CaseState | None = None
    desk: Any = None
    record: RecordState = RecordState()

    @property
    def line(self) -> str:
        """The line of the contact; empty where nothing is known of it."""
        return self.record.line or (self.session.line if self.session else "")

    def ties(self, person: Actor, lines: tuple[str, ...]) -> frozenset[Tie]:
        """Name what ties somebody to this contact."""
        found = {Tie.IN_SCOPE} if self.line and (self.line in lines or person.role is Role.ADMINISTRATOR) else set()
        who = person.id
        if self._at_desk(who) or (self.session is not None and self.session.counselor == who):
            found.add(Tie.HOLDER)
        if (self.session is not None and who in self.session.participants) or self._let_in(who):
            found.add(Tie.BESIDE)
        if self._called(who):
            found.add(Tie.CALLED)
        if self.case is not None and self.case.follow_up is not None and self.case.follow_up.owner == who:
            found.add(Tie.FOLLOWS)
        return frozenset(found)

    def _at_desk(self, who: str) -> bool:
        seat = self.desk.seats.get(who) if self.desk is not None else None
        return seat is not None and self.contact in (*seat.contacts, *seat.owed)

    def _let_in(self, who: str) -> bool:
        ticket = self.desk.tickets.get(self.contact) if self.desk is not None else None
        return ticket is not None and who in ticket.company.present

    def _called(self, who: str) -> bool:
        alarm = self.desk.alarms.get(self.contact) if self.desk is not None else None
        open_ = self.case.escalation if self.case is not None else None
        return any(each is not None and who in (each.owner, *each.helpers) for each in (alarm, open_))

    def circumstances(self, person: Actor, lines: tuple[str, ...], what: Resource, now: datetime) -> Circumstances:
        """Say which conditions of the table of access are met; those that need a paper are added by the gate."""
        ties, record = self.ties(person, lines), self.record
        held = any(hold.phase is Phase.PLACED for hold in record.holds)
        true_of = {
            Need.OWNER: person.role is Role.VISITOR and person.id == self.contact,
            Need.IN_HAND: self._in_hand(ties, now),
            Need.IN_SCOPE: Tie.IN_SCOPE in ties,
            Need.OPEN_CASE: self.case is not None and self.case.escalation is not None,
            Need.CONSENT: consent_for(record.consents, Purpose.TRAINING) is not None,
            Need.GLASS: any(each.opens(person.id, what.value, now) for each in record.glasses),
            Need.HOLD: held,
            Need.SECOND_PERSON: held,  # a hold that stands was agreed to by a second person
        }
        met = frozenset(need for need, true in true_of.items() if true)
        return Circumstances(met, sealed=record.sealed, gone=record.gone)

    def paper(self, person: Actor, what: Resource, now: datetime) -> str:
        """Name the paper by which the glass before this was broken; empty where it is whole."""
        found = (each.reference for each in self.record.glasses if each.opens(person.id, what.value, now))
        return next(found, "")

    def _in_hand(self, ties: frozenset[Tie], now: datetime) -> bool:
        """Whoever has it, or had it last until three days ago; what is still open of the case keeps it theirs."""
        if ties & (HANDS - {Tie.HOLDER}):
            return True
        closed_at = self.record.closed_at
        return Tie.HOLDER in ties and (closed_at is None or now < closed_at + AFTERWARDS)


async def standing_of(engine: Engine, contact: str) -> Standing:
    """Read a contact's four aggregates; raises Unavailable where the store does not answer."""
    session = await _state(engine, Address("session", contact))
    case = await _state(engine, Address("case", contact))
    record = await _state(engine, Address("record", contact)) or RecordState()
    line = record.line or (session.line if session is not None else "")
    desk = await _state(engine, Address("desk", line)) if line else None
    return Standing(contact, session, case, desk, record)


async def _state(engine: Engine, at: Address) -> Any:
    """One aggregate's state; None where it is not, or can no longer be read."""
    try:
        loaded = await engine.state(at)
    except Erased:
        return None
    return loaded.state if loaded is not None else None
