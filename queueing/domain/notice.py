"""A message to all at a desk, and who has read it."""

from datetime import datetime, timedelta

import msgspec

from queueing.messages.team import NoticeAcknowledged, NoticeSent

KEPT_FOR = timedelta(hours=12)
KEPT_AT_MOST = 3
"""Older ones are in the log; the desk shows what still matters to this shift."""


class Notice(msgspec.Struct, frozen=True):
    """One message; `told` is who was here when it was sent, `read_by` who has said so."""

    notice: str
    person: str
    text: str
    at: datetime
    told: tuple[str, ...]
    read_by: tuple[str, ...] = ()


def evolve(notices: dict[str, Notice], event: NoticeSent | NoticeAcknowledged) -> dict[str, Notice]:
    """Apply one event."""
    if isinstance(event, NoticeSent):
        fresh = Notice(event.notice, event.person, event.text, event.at, event.told)
        kept = [each for each in notices.values() if event.at - each.at < KEPT_FOR][-(KEPT_AT_MOST - 1) :]
        return {each.notice: each for each in (*kept, fresh)}
    known = notices.get(event.notice)
    if known is None:
        return notices
    return {**notices, event.notice: msgspec.structs.replace(known, read_by=(*known.read_by, event.person))}
