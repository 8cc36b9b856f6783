"""Who is beside a talk: the news alone says so."""

from datetime import timedelta

from kernel.terms import Attending, Role
from queueing.domain.beside import Beside, Company, Consult, evolve
from queueing.messages.attend import ConsultAsked, ConsultEnded, ContactAttended, ContactTakenOver
from tests.strategies import T0

SOON = T0 + timedelta(seconds=120)


def attended(person: str, how: Attending | None) -> ContactAttended:
    """Somebody is beside, in some way or not any more."""
    return ContactAttended("c1", person, Role.COUNSELOR, how, "consult", T0)


def test_somebody_is_asked_comes_and_goes() -> None:
    asked = evolve(Company(), ConsultAsked("c1", "an", "bo", SOON))
    assert asked == Company({}, Consult("bo", SOON))
    assert evolve(asked, ConsultEnded("c1", "bo", "declined")) == Company()
    here = evolve(asked, attended("bo", Attending.WHISPER))
    assert here == Company({"bo": Beside(Attending.WHISPER, "consult", Role.COUNSELOR)})
    assert evolve(here, attended("bo", None)) == Company()


def test_whoever_else_comes_leaves_the_question_open() -> None:
    asked = Company({}, Consult("bo", SOON))
    assert evolve(asked, attended("ce", Attending.MONITOR)).asked == Consult("bo", SOON)
    assert evolve(asked, ContactTakenOver("c1", "ce", "why")) == asked
