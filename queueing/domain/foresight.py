"""Who is told what of their wait, and when: new estimates where none was told, where it changed, or it is old."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from kernel.terms import Medium, RiskLevel
from queueing.domain.closing import closing_after
from queueing.domain.estimate import Basis, Calibration, estimate, soft_stop, why_longer
from queueing.domain.learnt import Learnt
from queueing.domain.ledger import DeskState
from queueing.domain.order import Ticket
from queueing.domain.outlook import Planned, View
from queueing.domain.passage import Outlook, Passage, first_passage
from queueing.messages.waits import StopSoftly, Wait

AGAIN_AFTER = timedelta(seconds=30)
"""Nobody's estimate is reckoned again sooner, unless more stand before them, or fewer, by a good part of them."""
FAR_AGAIN_AFTER = timedelta(minutes=2)
"""The same for those who were told that it takes longer than the last border: nothing else will be said soon."""
GOOD_PART = 20
"""One of so many who stood before them, and at least one."""
KEPT_AFTER = timedelta(minutes=5)
"""An estimate that shows the same is kept again only after this, to be scored."""


class Foresight:
    """The estimates of one line. Remembers what everybody was told; asks neither clock nor store."""

    def __init__(self, learnt: Learnt) -> None:
        """Stand on what the log has taught so far."""
        self._learnt = learnt
        self._told: dict[str, tuple[datetime, Outlook, Wait, datetime]] = {}

    def notes(
        self, state: DeskState, roster: Sequence[Planned], now: datetime, go_on: Callable[[], bool]
    ) -> tuple[Wait, ...]:
        """What is to be told now; reckons one after another, whoever was told nothing first, while `go_on()`."""
        view = View(state, self._learnt, roster, now)
        here = {ticket.contact for ticket in view.waiting}
        self._told = {contact: told for contact, told in self._told.items() if contact in here}
        return tuple(self._reckoned(view, go_on))

    def _reckoned(self, view: View, go_on: Callable[[], bool]) -> Iterator[Wait]:
        """One after another, oldest estimate first."""
        never = datetime.min.replace(tzinfo=view.now.tzinfo)
        oldest = sorted(view.waiting, key=lambda t: self._told[t.contact][0] if t.contact in self._told else never)
        for ticket in oldest:
            if ticket.offers:
                continue  # somebody is being asked: no minutes are told
            if not self._is_due(ticket, view.ahead(ticket), view.now):
                continue
            outlook = view.of(ticket)
            wait = self._wait(ticket, outlook)
            before = self._told.get(ticket.contact)
            same = before is not None and (wait.low_min, wait.high_min) == (before[2].low_min, before[2].high_min)
            if before is not None and same and view.now - before[3] < KEPT_AFTER:
                self._told[ticket.contact] = (view.now, outlook, before[2], before[3])
            else:
                self._told[ticket.contact] = (view.now, outlook, wait, view.now)
                yield wait
            if not go_on():
                return

    def _is_due(self, ticket: Ticket, ahead: int, now: datetime) -> bool:
        """Whoever was told nothing; whoever stands elsewhere now; whose estimate is old."""
        told = self._told.get(ticket.contact)
        if told is None:
            return True
        at, outlook, wait, _ = told
        if abs(ahead - outlook.ahead) > outlook.ahead // GOOD_PART:
            return True
        far = wait.low_min is not None and wait.high_min is None
        return now - at >= (FAR_AGAIN_AFTER if far else AGAIN_AFTER)

    def _wait(self, ticket: Ticket, outlook: Outlook) -> Wait:
        """Reckon one estimate, with the reason where it got longer."""
        calibration = self._learnt.calibration(ticket.medium, ticket.risk)
        wait = reckon(ticket.contact, outlook, calibration)
        told = self._told.get(ticket.contact)
        if told is None or not _longer(told[2], wait):
            return wait
        why = why_longer(told[1], outlook)
        return wait if why is None else msgspec.structs.replace(wait, why=why.value)

    def stops(self, state: DeskState, roster: Sequence[Planned], now: datetime) -> tuple[StopSoftly, ...]:
        """Whether newcomers would still be answered before the hours end, by medium; only what is to change."""
        view = View(state, self._learnt, roster, now)
        found = []
        for medium in Medium:
            stopped = state.soft_stop.holds(medium, now)
            on = self._hopeless(state, view, medium, stopped=stopped)
            if on is not None and on is not stopped:
                found.append(StopSoftly(medium, on))
        return tuple(found)

    def _hopeless(self, state: DeskState, view: View, medium: Medium, *, stopped: bool) -> bool | None:
        """P(wait <= time left) is too small; None outside the hours, or where the model is not trusted yet."""
        open_now = [s for s in state.intervals if s.medium is medium and s.opens_at <= view.now < s.closes_at]
        closes = closing_after(state.intervals, medium, view.now)
        kept_open = state.soft_stop.is_kept_open(view.now)
        if not open_now or closes is None or kept_open or not state.policy.soft_stop_percent:
            return None
        calibration = self._learnt.calibration(medium, RiskLevel.ROUTINE)
        outlook = view.newcomer(medium)
        if estimate(outlook, calibration).basis is Basis.NONE:
            return None
        left = (closes - view.now).total_seconds() / 60
        chance = chance_within(first_passage(outlook), calibration.factor, left)
        return soft_stop(stopped, (chance,), state.policy.soft_stop_percent / 100)


def reckon(contact: str, outlook: Outlook, calibration: Calibration) -> Wait:
    """One estimate as it is kept: the model's own quantiles always, a shown range where it is trusted."""
    passage = first_passage(outlook)
    p10, p50, p80, p90 = (round(60 * passage.quantile(share)) for share in (0.1, 0.5, 0.8, 0.9))
    found = estimate(outlook, calibration, passage)
    if found.basis is Basis.NONE or (found.shown.low, found.shown.high) == (0, None):
        return Wait(contact, p10, p50, p80, p90, round(calibration.factor, 3))
    shown = found.shown
    return Wait(contact, p10, p50, p80, p90, round(calibration.factor, 3), shown.low, shown.high)


def chance_within(passage: Passage, factor: float, minutes: float) -> float:
    """P(wait <= minutes) of the corrected distribution: the factor widens it about the median."""
    middle = passage.quantile(0.5)
    return passage.probability(max(0.0, middle + (minutes - middle) / factor))


def _longer(before: Wait, after: Wait) -> bool:
    """Whether somebody would notice that it got worse."""
    if before.low_min is None or after.low_min is None:
        return False
    far = 10**6
    return (after.low_min, after.high_min or far) > (before.low_min, before.high_min or far)
