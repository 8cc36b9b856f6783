"""The story of being beside a talk, and of what a supervisor says to everybody."""

from kernel.terms import Actor, Attending, Role
from queueing import messages as m
from queueing.messages.attend import AcceptConsult, AskConsult, AttendContact, EndConsult, TakeOver
from queueing.messages.team import AcknowledgeNotice, ReleaseSeat, SendNotice
from tests.vectors_script import CHEN, LIU, Script

ZHAO = Actor(Role.SUPERVISOR, "zhao")


def company(script: Script) -> None:
    """A supervisor attends, whispers and takes over; a colleague is asked, comes and goes; a message to all."""
    script.give(m.EnterSeat("zhao", "赵老师", Role.SUPERVISOR))
    script.comes("c1")
    script.accepts("c1")
    for how in Attending:
        script.give(AttendContact("c1", how), ZHAO)
    script.give(AskConsult("c1", "liu"), CHEN)
    script.snap()
    script.give(EndConsult("c1"), LIU)
    script.give(AskConsult("c1", "liu"), CHEN)
    script.give(AcceptConsult("c1"), LIU)
    script.give(SendNotice("三点开短会，请轮流参加。"), ZHAO)
    script.give(AcknowledgeNotice("n1"), LIU)
    script.snap()
    script.give(TakeOver("c1", "需要督导"), ZHAO)
    script.give(ReleaseSeat("chen", "已连续三小时"), ZHAO)
    for text in ("请喝口水。", "晚班同事到了。", "交接表放在老地方。"):
        script.give(SendNotice(text), ZHAO)
    script.snap()
    script.give(m.BeginWrapUp("c1"))
