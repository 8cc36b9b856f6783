"""A channel that keeps what it is given, and fails as often as it is told to."""

from triage.channels.notice import Destination, Notice, Undelivered


class Recording:
    """Every notice tried, and every notice taken."""

    def __init__(self, fails: int = 0) -> None:
        """Refuse the first so many."""
        self.fails = fails
        self.tried: list[Notice] = []
        self.notices: list[Notice] = []
        self.told: list[str] = []

    def send(self, notice: Notice, to: Destination) -> None:
        """Keep it."""
        self.tried.append(notice)
        if self.fails:
            self.fails -= 1
            raise Undelivered("busy")
        self.notices.append(notice)
        self.told.append(to.name)
