"""The only clock of the house; everything else takes `now` as an argument."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Tell the instant, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Tell seconds that only ever grow, for ages within one process."""
    return time.monotonic()
