"""Walks through a case: any command by anybody at any time, watched by the bookkeeper at every step."""

from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from kernel.decider import Elapse
from kernel.errors import Refused
from kernel.terms import SYSTEM, Actor, Medium, Role
from kernel.wire import Command, Event
from tests.personas import CHEN, LIU, PEER, SUN, XIAO_LI, ZHAO
from tests.strategies import T0, risks
from tests.triage.domain.case_book import Book, is_night
from triage import messages as m
from triage.messages.callback import AskCallback, CancelCallback

VISIT = m.Visit("main", Medium.TEXT, "zh-Hans", T0)
NEAR = m.Partner("near", "城东心灵驿站", (m.Field.NEED, m.Field.CALLED, m.Field.REACH))
HOSPITAL = m.Partner("hospital", "第六医院", tuple(m.Field))
PARTNERS = (Actor(Role.REFERRAL_PARTNER, "near"), Actor(Role.REFERRAL_PARTNER, "hospital"))
PACKETS = st.sampled_from(
    [{m.Field.NEED: "有人陪着去一次"}, {m.Field.NEED: "要", m.Field.SITUATION: "近况"}, {m.Field.CALLED: " "}]
)
Step = tuple[Command, Actor, int]
THURSDAYS = st.sampled_from([T0 + timedelta(days=2), T0 + timedelta(days=9)])
SECONDS = st.sampled_from([0, 0, 1, 29, 31, 61, 125, 601, 901, 4 * 3600, 25 * 3600, 15 * 86_400])
NUMBERS = st.sampled_from([1, 1, 1, 2])


def of(commands: st.SearchStrategy[Any], *actors: Actor) -> st.SearchStrategy[tuple[Command, Actor]]:
    """A command by one of these."""
    return st.tuples(commands, st.sampled_from(actors))


COMMANDS = st.one_of(
    of(st.just(Elapse()), SYSTEM),
    of(st.just(Elapse()), SYSTEM),
    of(st.builds(m.RaiseRisk, risks, st.just("screening")), SYSTEM, CHEN),
    of(st.builds(m.LowerRisk, risks, st.just("谈过了")), CHEN),
    of(st.builds(m.CloseCase, st.sampled_from(["ended", "abandoned"]), st.sampled_from(["", "follow_up"])), SYSTEM),
    of(st.builds(m.OpenEscalation, st.sampled_from(["stranded", "counselor_lost"])), SYSTEM),
    of(st.sampled_from([AskCallback("10086"), CancelCallback()]), XIAO_LI),
    of(st.builds(m.AskTicket, st.just(T0), st.booleans()), SYSTEM),
    of(st.builds(m.NoteDeflection, st.sampled_from([None, T0 + timedelta(hours=9)])), SYSTEM),
    of(st.just(m.HelpNow()), XIAO_LI, CHEN, PEER),
    of(st.sampled_from([m.Acknowledge(), m.JoinEscalation(), m.LeaveEscalation()]), CHEN, LIU, PEER, SUN, ZHAO),
    of(st.builds(m.CheckItem, st.sampled_from(m.Item)), CHEN, SUN),
    of(st.builds(m.CallRescue, st.sampled_from(m.Service), st.just("人已失联"), st.sampled_from(["zhao", "sun"])), SUN),
    of(st.just(m.ConfirmRescue("120 已到现场")), SUN, ZHAO),
    of(st.builds(m.CloseEscalation, st.sampled_from(m.Outcome), st.just("家人已陪同")), ZHAO, CHEN),
    of(
        st.builds(m.DeliverPage, st.sampled_from([f"{k}1.{n}" for k in "erf" for n in range(1, 6)]), st.just("x")),
        SYSTEM,
    ),
    of(st.builds(m.OfferReferral, st.sampled_from([(NEAR,), (NEAR, HOSPITAL)]), PACKETS), CHEN),
    of(st.builds(m.AgreeReferral, NUMBERS, st.sampled_from([(m.Field.NEED,), (m.Field.SITUATION,)])), XIAO_LI, CHEN),
    of(st.builds(m.RefuseReferral, NUMBERS), XIAO_LI),
    of(st.builds(m.NoteConsent, st.booleans()), SYSTEM),
    of(st.builds(m.SendReferral, NUMBERS), CHEN),
    of(st.builds(m.ReadReferral, NUMBERS), *PARTNERS),
    of(st.builds(m.AnswerReferral, NUMBERS, st.sampled_from(m.Answer)), *PARTNERS),
    of(st.builds(m.InvitePartner, NUMBERS), CHEN),
    of(st.builds(m.WelcomePartner, NUMBERS, st.booleans()), XIAO_LI),
    of(st.builds(m.EnterTalk, NUMBERS), *PARTNERS),
    of(st.builds(m.LeaveTalk, NUMBERS), CHEN, *PARTNERS),
    of(st.builds(m.BookAppointment, st.just("near"), THURSDAYS), XIAO_LI, CHEN),
    of(st.sampled_from([m.CancelAppointment(), m.CloseAppointment(m.Kept.MISSED, "没有来")]), XIAO_LI, CHEN),
    of(st.builds(m.NoteAppointment, st.just("near"), THURSDAYS, st.sampled_from(["held", "full", "lost"])), SYSTEM),
    of(st.builds(m.NoteVisit, st.just("near"), THURSDAYS, st.booleans()), SYSTEM),
    of(st.builds(m.JudgeRule, st.just("plan.time"), st.just("1"), st.booleans()), CHEN),
    of(st.sampled_from([m.MakeAgreement("repeated", "每周两次,每次四十分钟"), m.EndAgreement()]), CHEN, ZHAO),
    of(st.builds(m.CloseReferral, NUMBERS, st.just(m.ReferralEnding.CONNECTED), st.just("已约好")), CHEN),
    of(st.sampled_from([m.PlanFollowUp((T0 + timedelta(days=2),)), m.TakeFollowUp()]), CHEN, LIU),
    of(st.builds(m.AttemptFollowUp, st.sampled_from(m.Reached)), CHEN, LIU),
    of(st.builds(m.CloseFollowUp, st.sampled_from(m.Ending), st.just("平稳")), CHEN),
)
CRISIS = st.one_of(
    of(st.just(m.HelpNow()), XIAO_LI, CHEN),
    of(st.just(m.OpenEscalation("counselor_lost")), SYSTEM),
    of(st.just(m.Acknowledge()), CHEN, LIU, SUN, ZHAO),
    of(st.builds(m.CallRescue, st.just(m.Service.POLICE), st.just("人已失联"), st.sampled_from(["zhao", "sun"])), SUN),
    of(st.just(m.ConfirmRescue("120 已到现场")), SUN),
    of(st.builds(m.CloseEscalation, st.sampled_from(m.Outcome), st.just("家人已陪同")), ZHAO),
)
HANDING_OVER = st.one_of(
    of(st.just(m.OfferReferral((NEAR, HOSPITAL), {m.Field.NEED: "有人陪着去"})), CHEN),
    of(st.builds(m.AgreeReferral, NUMBERS, st.sampled_from([(m.Field.NEED,), (m.Field.SAFETY,)])), XIAO_LI),
    of(st.builds(m.NoteConsent, st.sampled_from([True, True, False])), SYSTEM),
    of(st.builds(m.SendReferral, NUMBERS), CHEN),
    of(st.builds(m.AnswerReferral, NUMBERS, st.sampled_from(m.Answer)), *PARTNERS),
    of(st.builds(m.ReadReferral, NUMBERS), *PARTNERS),
    of(st.builds(m.InvitePartner, NUMBERS), CHEN),
    of(st.builds(m.WelcomePartner, NUMBERS, st.sampled_from([True, True, False])), XIAO_LI),
    of(st.builds(m.EnterTalk, NUMBERS), *PARTNERS),
    of(st.just(m.CloseCase("ended")), SYSTEM),
)


def walks(commands: st.SearchStrategy[tuple[Command, Actor]]) -> st.SearchStrategy[list[Step]]:
    """Commands with the time between them."""
    return st.lists(st.tuples(commands, SECONDS).map(lambda drawn: (*drawn[0], drawn[1])), max_size=25)


# Of everything a little, or of one matter much: what needs several steps in a row is met often enough.
STEPS: st.SearchStrategy[list[Step]] = st.one_of(
    walks(COMMANDS), walks(st.one_of(CRISIS, CRISIS, COMMANDS)), walks(st.one_of(HANDING_OVER, HANDING_OVER, COMMANDS))
)


class Walk:
    """One case under some code of the rules (the honest one, or one with a fault)."""

    def __init__(self, code: ModuleType) -> None:
        """A case that was just opened."""
        self.code = code
        self.state: Any = code.CaseState()
        self.book, self.now = Book(), T0
        self.log: list[Event] = []
        self.give(m.OpenCase(VISIT), SYSTEM)

    def give(self, command: Command, by: Actor) -> None:
        """Give one command and check what must hold."""
        try:
            events = self.code.decide(self.state, command, by, self.now)
        except Refused:
            assert by != SYSTEM, "news of the house is never refused"
            return
        for event in events:
            self.book.read(event, self.now)
            self.state = self.code.evolve(self.state, event)
        self.log += events
        wake = self.code.due(self.state)
        if isinstance(command, Elapse):
            assert wake is None or wake > self.now, "the clock spins"
        if self.book.open and not self.book.closed:
            assert wake is not None, f"R9: nobody will come for {self.book.open}"
        if self.book.over and not self.book.open:
            assert self.book.closed, "nothing is open and it does not end"
        self.book.asked_after()
        self._calls_and_owners(wake)
        if self.state.follow_up is not None and self.state.follow_up.due_since is not None:
            assert not is_night(self.code.follow_up.due(self.state)), "reminded in the quiet hours"

    def _calls_and_owners(self, wake: datetime | None) -> None:
        """The state says of owner and pages what the log says; a call that has not arrived is made again soon."""
        one = self.state.escalation
        assert (one.owner if one is not None else None) == (
            self.book.has_it if self.book.has_open("escalation") else None
        )
        for page in self.state.pages.values():
            assert self.book.has_open(page.about)
            if page.about == "escalation":
                assert wake is not None
                assert wake <= max(
                    self.now, page.at + timedelta(seconds=min(900, 15 * 2 ** min(10, page.tries - 1)))
                ), "R9: a page lost"

    def walk(self, steps: list[Step]) -> None:
        """Give commands, the clock ringing in between as it would."""
        for command, by, seconds in steps:
            self.wait(self.now + timedelta(seconds=seconds), rings=20)
            self.give(command, by)

    def wait(self, until: datetime, rings: int) -> None:
        """Let time pass; after that many rings the clock comes late, once."""
        while rings and (wake := self.code.due(self.state)) is not None and wake <= until:
            self.now, rings = max(self.now, wake), rings - 1
            self.give(Elapse(), SYSTEM)
        self.now = max(self.now, until)
        if (wake := self.code.due(self.state)) is not None and wake <= self.now:
            self.give(Elapse(), SYSTEM)

    def everybody_is_called(self) -> None:
        """From here on only the clock moves: whatever is open brings a call to a human."""
        begun, waiting = self.now, set(self.book.open)
        self.book.reminded.clear()
        for ring in range(1500):
            wake = self.code.due(self.state)
            if wake is None or waiting <= set(self.book.reminded):
                break
            # An escalation rings every two minutes for ever; after a while the clock only comes by every half hour.
            self.now = max(self.now + timedelta(minutes=30 if ring > 20 else 0), wake)
            self.give(Elapse(), SYSTEM)
        missing = waiting - set(self.book.reminded)
        assert not missing, f"R9: nobody was called about {missing}"
        for at in self.book.reminded.values():
            assert at - begun <= timedelta(days=16), "too late to be of use"
