"""The judge of the desk's drill is judged: nothing is said of a good evening, each thing that must not be is named."""

from datetime import datetime, timedelta

import pytest

from chat.messages import CounselorJoined, SessionEnded
from kernel.terms import Medium, RiskLevel, Role
from kernel.wire import Event
from queueing import messages as m
from tests.faults.desk_witness import Rows, Seen, judge
from tests.strategies import T0

SOON = T0 + timedelta(seconds=20)
JOINED = CounselorJoined("an", "安", Role.COUNSELOR, 1, T0)
ENDED = SessionEnded("visitor", "main", True)


def issued(contact: str, number: int, risk: RiskLevel = RiskLevel.ROUTINE) -> m.TicketIssued:
    """A place."""
    danger = risk is RiskLevel.IMMINENT
    due = T0 if danger else T0 + timedelta(hours=1)
    return m.TicketIssued(contact, number, Medium.TEXT, risk, 0 if danger else 1, T0, due)


def rung(contact: str, offer: str, counselor: str = "an") -> m.OfferRung:
    """Somebody is asked."""
    return m.OfferRung(offer, contact, counselor, T0, SOON)


def taken(contact: str, offer: str, counselor: str = "an") -> m.OfferAccepted:
    """Somebody has them."""
    return m.OfferAccepted(offer, contact, counselor, counselor, Role.COUNSELOR, 1)


SITS = (m.SeatEntered("an", "安", Role.COUNSELOR), m.SeatReady("an", 1, T0))
MEETS = (*SITS, issued("c1", 1), rung("c1", "o1"), taken("c1", "o1"))
LEAVES = (m.WrapUpBegan("c1", "an", SOON), m.SeatFreed("c1", "an", SOON))


def rows(*events: Event, at: datetime = T0) -> Rows:
    """A log."""
    return [(at, event) for event in events]


def test_of_a_good_evening_it_says_nothing() -> None:
    seen = Seen(rows(*MEETS, *LEAVES), {"c1": [JOINED, ENDED]})
    counts, examples = judge(seen, ["c1"], [])
    assert seen.settled
    assert (set(counts.values()), examples) == ({0}, [])


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("lost", ()),
        ("left_behind", MEETS),
        ("doubled", (*MEETS, *LEAVES, issued("c1", 2), m.TicketWithdrawn("c1"))),
        ("held_twice", (*MEETS, taken("c1", "o2"), *LEAVES)),
        ("moved_back", (issued("c1", 1), m.TicketRaised("c1", RiskLevel.ROUTINE, 1, T0 + timedelta(hours=2)))),
        ("passed_over", (*SITS, issued("c2", 2, RiskLevel.IMMINENT), issued("c1", 1), rung("c1", "o1"))),
        ("beyond_room", (*MEETS, issued("c2", 2), rung("c2", "o2"))),
        ("given_up", (issued("c1", 1), m.TicketAway("c1", T0), m.TicketAbandoned("c1"))),
        ("told_apart", (*MEETS, *LEAVES)),
        ("unreadable", (issued("c1", 1), taken("c1", "o9"))),
    ],
)
def test_it_names_what_must_not_happen(name: str, events: tuple[Event, ...]) -> None:
    counts, examples = judge(Seen(rows(*events), {"c1": [ENDED]}), ["c1"], [])
    assert counts[name] > 0, counts
    assert any(each.startswith(name) for each in examples)


def test_whoever_never_came_keeps_a_place_for_the_grace_and_no_counselor() -> None:
    away = (issued("c9", 1), m.TicketAway("c9", T0))
    assert judge(Seen(rows(*away)), [], [])[0]["left_behind"] == 0
    assert judge(Seen(rows(*away), {"c9": [ENDED]}), ["c9"], [])[0]["left_behind"] == 1
    assert judge(Seen(rows(issued("c9", 1))), [], [])[0]["left_behind"] == 1
    assert judge(Seen(rows(*MEETS)), [], [])[0]["left_behind"] == 1


def test_a_visitor_whose_story_did_not_end_is_stuck() -> None:
    assert judge(Seen(()), [], ["c7"])[0]["stuck"] == 1
