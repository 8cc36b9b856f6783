"""The only clock of the house; everything else takes `now` as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """Tell the instant, aware, in UTC."""
    return datetime.now(UTC)
