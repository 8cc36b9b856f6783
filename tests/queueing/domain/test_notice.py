"""Messages to all: the newest three of the last twelve hours, each with who has read it."""

from datetime import timedelta

from queueing.domain.notice import Notice, evolve
from queueing.messages.team import NoticeAcknowledged, NoticeSent
from tests.strategies import T0


def sent(number: int, hours: float = 0) -> NoticeSent:
    """A message so many hours after the first."""
    return NoticeSent(f"n{number}", "su", "请喝口水", T0 + timedelta(hours=hours), ("an", "bo"))


def test_the_newest_three_are_kept_and_none_of_yesterday() -> None:
    notices: dict[str, Notice] = {}
    for number in range(1, 6):
        notices = evolve(notices, sent(number))
    assert list(notices) == ["n3", "n4", "n5"]
    assert list(evolve(notices, sent(6, 13))) == ["n6"]


def test_each_says_that_they_have_read_it() -> None:
    notices = evolve({}, sent(1))
    notices = evolve(notices, NoticeAcknowledged("n1", "bo"))
    assert (notices["n1"].told, notices["n1"].read_by) == (("an", "bo"), ("bo",))
    assert evolve(notices, NoticeAcknowledged("n9", "bo")) == notices
