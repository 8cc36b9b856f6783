"""Writes tests/vectors/desk.jsonl: a desk's stories as golden frames. Run: `python -m tests.vectors_make`.

Python checks that the file is current and that its own fold agrees; the pages fold the same frames in TypeScript.
"""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kernel.terms import Actor, Medium, RiskLevel, Role
from kernel.wire import encode
from queueing import messages as m
from queueing.domain.ledger import DeskState
from queueing.domain.view import view
from tests.vectors_company import company
from tests.vectors_line import estimated, incident, staffed
from tests.vectors_script import CHEN, LIU, Script

FILE = Path(__file__).parent / "vectors" / "desk.jsonl"


def talk(script: Script) -> None:
    """A whole talk: offered, accepted, written up."""
    script.comes("c1")
    script.accepts("c1")
    script.passes(600)
    script.give(m.BeginWrapUp("c1"))
    script.give(m.FreeSeat("c1"))


def called(script: Script) -> None:
    """They talk instead of writing, and write again."""
    script.comes("c1")
    script.accepts("c1")
    script.give(m.SwitchMedium("c1", Medium.VOICE))
    script.snap()
    script.give(m.SwitchMedium("c1", Medium.TEXT))


def owed(script: Script) -> None:
    """The wrap-up takes too long: the slot is free, the disposition is owed, and is given late."""
    talk_until_wrap_up(script)
    script.passes(301)
    script.snap()
    script.give(m.LoseSeat("chen"))
    script.passes(61)
    script.give(m.FreeSeat("c1"))


def talk_until_wrap_up(script: Script) -> None:
    """A talk that has ended."""
    script.comes("c1")
    script.accepts("c1")
    script.give(m.BeginWrapUp("c1"))


def missed(script: Script) -> None:
    """Two offers ring out: first a pause, then away, then ready again."""
    script.comes("c1")
    for seconds in (20, 60, 20, 5):
        script.passes(seconds)
    script.give(m.ReadySeat(1), CHEN)


def declined(script: Script) -> None:
    """Declined here, offered there; later the first may be asked again."""
    script.comes("c1")
    script.give(m.ReadySeat(1), LIU)
    script.give(m.DeclineOffer("c1.1.1"), CHEN)
    script.passes(61)


def danger(script: Script) -> None:
    """Danger takes the ring away from whoever is least urgent; a person lowers it later, the place stays."""
    script.comes("c1")
    script.give(m.ReadySeat(1), LIU)
    script.comes("c2", RiskLevel.HIGH)
    script.comes("c3", RiskLevel.IMMINENT)
    script.snap()
    script.accepts("c3")
    script.give(m.LowerTicket("c3", RiskLevel.HIGH))


def raised(script: Script) -> None:
    """Raised while waiting, away as well: still asked for; past the grace a supervisor's task; back again."""
    script.give(m.PauseSeat("meal"), CHEN)
    script.comes("c1", RiskLevel.MODERATE)
    script.give(m.MarkTicketAway("c1"))
    script.comes("c1", RiskLevel.IMMINENT)
    script.passes(301)
    script.give(m.MarkTicketBack("c1"))


def abandoned(script: Script) -> None:
    """One goes away past the grace, one withdraws, one finds the line closed."""
    script.give(m.LeaveSeat(), CHEN)
    script.comes("c1", medium=Medium.VOICE)
    script.comes("c2")
    script.give(m.MarkTicketAway("c1"))
    script.give(m.WithdrawTicket("c2"))
    script.passes(31)
    script.give(m.PublishHours((), "8"))
    script.comes("c3")


def lost(script: Script) -> None:
    """A counselor's connection breaks: first nothing, after a minute the contact waits again and another takes it."""
    script.comes("c1")
    script.accepts("c1")
    script.give(m.LoseSeat("chen"))
    script.passes(30)
    script.give(m.EnterSeat("chen", "陈老师", Role.COUNSELOR))
    script.give(m.MarkTicketAway("c1"))
    script.give(m.LoseSeat("chen"))
    script.passes(61)
    script.give(m.MarkTicketBack("c1"))
    script.give(m.ReadySeat(1), LIU)
    script.accepts("c1", LIU)


def taken(script: Script) -> None:
    """Take next, one above the chosen slots; an offer that no longer fits is taken back."""
    for contact in ("c1", "c2", "c3"):
        script.comes(contact)
    script.accepts("c1")
    script.give(m.ReadySeat(1), CHEN)
    script.give(m.TakeNext(), CHEN)


def beyond(script: Script) -> None:
    """Full hands and somebody in danger: one text more where agreed to, else whoever stands by; then a breath."""
    script.give(m.ReadySeat(1, burst=True), CHEN)
    script.comes("c1")
    script.accepts("c1")
    script.comes("c2", RiskLevel.IMMINENT)
    script.accepts("c2")
    script.give(m.EnterSeat("zhao", "赵老师", Role.SUPERVISOR))
    script.give(m.StandBy(), Actor(Role.SUPERVISOR, "zhao"))
    script.comes("c3", RiskLevel.IMMINENT)
    script.snap()
    script.give(m.BeginWrapUp("c2"))
    script.give(m.FreeSeat("c2"))


def handed(script: Script) -> None:
    """A colleague is asked and says no, is asked again and takes over; a supervisor chooses somebody for another."""
    script.comes("c1")
    script.accepts("c1")
    script.give(m.ReadySeat(1), LIU)
    for answer in (m.EndTransfer("c1"), m.AcceptTransfer("c1")):
        script.give(m.OfferTransfer("c1", "liu"), CHEN)
        script.snap()
        script.give(answer, LIU)
    script.comes("c2")
    script.give(m.AssignTicket("c2", "liu", "knows the case"), Actor(Role.SUPERVISOR, "zhao"))


def put_off(script: Script) -> None:
    """One would rather be called back later, one is put off and then in more danger; intake and surge are switched."""
    lead = Actor(Role.SUPERVISOR, "zhao")
    script.give(m.PauseSeat("meal"), CHEN)
    for contact in ("c1", "c2"):
        script.comes(contact)
        script.give(m.BookCallback(contact, script.now + timedelta(minutes=5)))
    script.give(m.SwitchIntake(False, "too many"), lead)
    script.give(m.SwitchSurge(True), lead)
    script.snap()
    script.comes("c2", RiskLevel.HIGH)
    script.passes(300)
    script.give(m.CancelCallback("c1"))


def wished(script: Script) -> None:
    """Somebody waits for the counselor they know, then for their language, then for anybody; a shift is set."""
    script.give(m.PauseSeat("meal"), CHEN)
    for counselor, name, language in (("sun", "孙老师", "zh-Hans"), ("zhou", "周老师", "en")):
        script.give(m.EnterSeat(counselor, name, Role.COUNSELOR, (language,)))
        script.give(m.ReadySeat(1), Actor(Role.COUNSELOR, counselor))
    for contact in ("c1", "c2"):
        script.give(m.RequestTicket(contact, Medium.TEXT, RiskLevel.ROUTINE, script.now, "en", asks_for="zhou"))
    script.accepts("c1", Actor(Role.COUNSELOR, "zhou"))
    script.passes(60)
    script.give(m.SetShift("zhou", script.now + timedelta(hours=2)))
    script.snap()
    script.passes(60)


def alarmed(script: Script) -> None:
    """An alarm climbs the ladder, is taken, joined and left; raised again nobody has it; it is over."""
    script.give(m.EnterSeat("zhao", "赵老师", Role.SUPERVISOR))
    script.comes("c1")
    script.accepts("c1")
    script.give(m.RaiseAlarm("c1", "panic", script.now))
    script.give(m.RingAlarm("c1", "p1", "duty_supervisor"))
    script.give(m.JoinAlarm("c1", "zhao"))
    script.snap()
    script.give(m.RingAlarm("c1", "p2", "everyone"))
    script.give(m.TakeAlarm("c1", "zhao"))
    script.give(m.JoinAlarm("c1", "liu"))
    script.give(m.LeaveAlarm("c1", "liu"))
    script.passes(60)
    script.give(m.RaiseAlarm("c1", "unanswered", script.now))
    script.snap()
    script.give(m.TakeAlarm("c1", "chen"))
    script.give(m.ClearAlarm("c1"))


def unheard(script: Script) -> None:
    """An alarm where nobody is there: the rung is shown, the page stays open; another alarm stays when one is over."""
    for counselor in ("chen", "liu"):
        script.give(m.LoseSeat(counselor))
    for contact in ("c1", "c2"):
        script.give(m.RaiseAlarm(contact, "risk", script.now))
    script.give(m.RingAlarm("c1", "p1", "duty_supervisor"))
    script.give(m.EnterSeat("liu", "刘师傅", Role.PEER_SUPPORTER))
    script.give(m.RingAlarm("c1", "p1", "duty_supervisor"))
    script.give(m.ClearAlarm("c2"))


STORIES: Sequence[Callable[[Script], None]] = (
    talk,
    called,
    owed,
    missed,
    declined,
    danger,
    raised,
    abandoned,
    lost,
    taken,
    beyond,
    handed,
    put_off,
    wished,
    alarmed,
    unheard,
    company,
    estimated,
    staffed,
    incident,
)


def lines() -> list[bytes]:
    """One line per story: its name, the frames, and the view after the last."""
    made = []
    for story in STORIES:
        script = Script()
        story(script)
        vector: dict[str, Any] = {
            "name": str(story.__doc__).strip(),
            "frames": script.frames,
            "view": view(script.state),
        }
        made.append(encode(vector))
    return made


def end_of(script: Callable[[Script], None]) -> tuple[DeskState, datetime]:
    """The desk after a story."""
    played = Script()
    script(played)
    return played.state, played.now


if __name__ == "__main__":
    FILE.write_bytes(b"\n".join(lines()) + b"\n")
    sys.stdout.write(f"{FILE.name}: {len(STORIES)} stories\n")
