"""An independent bookkeeper: told what was asked and when, it says what a record may and must do.

It reads nothing of the record's state and shares none of its code: days are counted here, holds are dated here.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.terms import Medium, Role
from recordings_policy.messages import GiveConsent, PlaceHold, Span
from recordings_policy.policy import Channel, Rule

HOURS_TO_APPROVE = 72
DAYS_WITHOUT_POLICY = 30


@dataclass
class Paper:
    """A hold as the bookkeeper files it."""

    asked_by: str
    document: str
    begins: datetime
    ends: datetime
    approved: bool = False
    first_lifter: str = ""
    lifted: bool = False

    def stands(self, now: datetime) -> bool:
        """Is anything forbidden by it now?"""
        last = self.ends if self.approved else min(self.ends, self.begins + timedelta(hours=HOURS_TO_APPROVE))
        return not self.lifted and now < last


@dataclass
class Bookkeeper:
    """What was asked of one record, and what follows from it."""

    rules: dict[Medium, Rule] = field(default_factory=dict)
    known: dict[Medium, Rule] = field(default_factory=dict)
    yes: tuple[Role, str, str] | None = None
    own_no: bool = False
    closed_at: datetime | None = None
    asked_at: datetime | None = None
    papers: list[Paper] = field(default_factory=list)
    promised: dict[Medium, datetime] = field(default_factory=dict)

    def applied(self, rules: tuple[Rule, ...]) -> None:
        """New rules; what was known of a medium is remembered for counting days."""
        self.rules = {rule.policy.medium: rule for rule in rules}
        self.known.update(self.rules)

    def said_yes(self, role: Role, wish: GiveConsent) -> bool:
        """Note a yes; False where it does not count as said at all."""
        clicked = wish.channel is not Channel.SPOKEN
        if clicked != (role is Role.VISITOR) or (self.own_no and not clicked):
            return False
        self.yes, self.own_no = (role, wish.version, wish.text_hash), self.own_no and not clicked
        return True

    def said_no(self, role: Role) -> None:
        """Note a no."""
        self.yes, self.own_no = None, self.own_no or role is Role.VISITOR

    def permits(self, medium: Medium, now: datetime) -> bool:
        """May a byte of this medium be written now?"""
        rule = self.rules.get(medium)
        if rule is None or self.yes is None or self.closed_at or self.asked_at:
            return False
        role, version, text_hash = self.yes
        begun = rule.effective_from <= now
        over = rule.effective_until is not None and rule.effective_until <= now
        shown = {(text.version, text.text_hash) for text in rule.policy.promises}
        fits = (version, text_hash) in shown and role in rule.policy.who_may_consent
        return rule.policy.record and begun and not over and fits

    def held(self, now: datetime) -> bool:
        """Is destruction forbidden now?"""
        return any(paper.stands(now) for paper in self.papers)

    def filed(self, wish: PlaceHold, person: str, now: datetime) -> None:
        """File a hold that was accepted."""
        self.papers.append(Paper(person, wish.document, now, wish.expires_at))

    def closed(self, closed_at: datetime, spans: tuple[Span, ...]) -> None:
        """Write down what was promised at the end of the contact."""
        self.closed_at = closed_at
        self.promised = {span.medium: span.purge_at for span in spans if span.version}

    def floor(self, medium: Medium) -> datetime:
        """Before this instant nothing of the medium may be destroyed."""
        assert self.closed_at is not None
        rule = self.known.get(medium)
        return self.closed_at + timedelta(days=rule.policy.retention_floor_days if rule else 0)

    def latest(self, medium: Medium) -> datetime:
        """Holds aside, after this instant nothing of the medium may be left."""
        assert self.closed_at is not None
        rule = self.known.get(medium)
        floor = self.floor(medium)
        if rule is None:
            end = self.closed_at + timedelta(days=DAYS_WITHOUT_POLICY)
        else:
            span = rule.policy.retention_ceiling_days if rule.policy.record else rule.policy.retention_floor_days
            end = self.closed_at + timedelta(days=span)
        if medium in self.promised:
            end = max(floor, min(end, self.promised[medium]))
        return end if self.asked_at is None else min(end, max(floor, self.asked_at))
