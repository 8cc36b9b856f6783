"""A contact that found the line closed: what it writes asks for a place again, and is never left lying unread."""

from datetime import datetime, timedelta

from chat.closed_messages import ContactAsked
from chat.messages import ContactDeflected, Deflect
from kernel.wire import Event

CALLED_BACK = "callback"
"""The reason of a deflection that the visitor wished for: somebody calls them by telephone."""


def turned_away(line: str, told: Deflect, now: datetime, *, spoke: bool) -> tuple[Event, ...]:
    """The gate is closed; what was said before it was asked is told on, so that it waits for somebody."""
    deflected = ContactDeflected(told.reason, told.opens_at)
    return (deflected, ContactAsked(line, now, words=True)) if spoke else (deflected,)


def kept_until(away_at: datetime, opens_at: datetime | None, spoke_at: datetime | None, keep: timedelta) -> datetime:
    """How long it can be taken up by coming back: counted from the next opening or the last word where that is later.

    An answer may come after the opening; there is then as much time to read it.
    """
    return max(away_at, opens_at or away_at, spoke_at or away_at) + keep
