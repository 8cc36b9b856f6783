"""Golden stories of a line as a whole: estimates, roster, incidents."""

from datetime import timedelta

from kernel.terms import Actor, Medium, Role
from queueing import messages as m
from queueing.messages.incidents import CloseIncident, OpenIncident, TagTicket, TellIncident
from queueing.messages.shifts import NoteCoverage, Uncovered
from queueing.messages.waits import NoteWaits, StopSoftly, Wait
from tests.vectors_script import CHEN, LIU, Script


def estimated(script: Script) -> None:
    """Whoever waits is told a range, and near the end newcomers are stopped softly and taken again."""
    for contact in ("c1", "c2", "c3", "c4"):
        script.comes(contact)
    script.give(NoteWaits((Wait("c4", 60, 300, 480, 600, 1.1, 0, 10),)))
    script.give(StopSoftly(Medium.TEXT, on=True))
    script.comes("c5")
    script.give(StopSoftly(Medium.TEXT, on=False))
    script.comes("c6")


def staffed(script: Script) -> None:
    """The roster speaks: whose shift ends when, and which hours have too few people."""
    script.give(m.SetShift("chen", script.now + timedelta(hours=1), script.now + timedelta(hours=2)))
    script.give(
        NoteCoverage((Uncovered(script.now + timedelta(days=1), script.now + timedelta(days=1, hours=2), 0, 2),))
    )
    script.passes(7300)
    script.give(m.ReadySeat(2), CHEN)
    script.give(NoteCoverage(()))


def incident(script: Script) -> None:
    """Something has happened that brings many: it is told, contacts are counted with it, it ends."""
    lead = Actor(Role.SUPERVISOR, "zhao")
    for contact in ("c1", "c2", "c3"):
        script.comes(contact)
    script.give(OpenIncident("矿区停工", "正在核实, 先陪着您"), lead)
    script.give(TagTicket("c1", "i1"), CHEN)
    script.give(TagTicket("c2", "i1"), LIU)
    script.give(TagTicket("c2"), LIU)
    script.give(TellIncident("i1", "名单已公布"), lead)
    script.snap()
    script.give(OpenIncident("另一件事", surge=False), lead)
    script.give(CloseIncident("i1"), lead)
