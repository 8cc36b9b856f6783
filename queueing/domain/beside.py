"""Who is beside a talk, as its ticket keeps it, and how each event changes that."""

from datetime import datetime

import msgspec

from kernel.terms import Attending, Role
from kernel.wire import Event
from queueing.messages.attend import ConsultAsked, ConsultEnded, ContactAttended, Why


class Beside(msgspec.Struct, frozen=True):
    """How somebody is there, and why."""

    how: Attending
    why: Why
    grade: Role


class Consult(msgspec.Struct, frozen=True):
    """A colleague is asked to come beside, until `until`."""

    to: str
    until: datetime


class Company(msgspec.Struct, frozen=True):
    """Everybody beside one talk, and whom its owner has asked."""

    present: dict[str, Beside] = {}
    asked: Consult | None = None


def evolve(company: Company, event: Event) -> Company:
    """Apply one event; whoever comes is not asked any more."""
    match event:
        case ConsultAsked(to=to, until=until):
            return Company(company.present, Consult(to, until))
        case ConsultEnded():
            return Company(company.present)
        case ContactAttended(person=person, how=how):
            present = {each: beside for each, beside in company.present.items() if each != person}
            if how is not None:
                present[person] = Beside(how, event.why, event.grade)
            asked = company.asked if company.asked is not None and company.asked.to != person else None
            return Company(present, asked)
    return company
