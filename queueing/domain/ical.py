"""The hours as an iCalendar file (RFC 5545), UTC only, from the same intervals as the gate."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from queueing.domain.hours import Interval

LINE_OCTETS = 75


class Entry(NamedTuple):
    """One event: from, until, what it says, and what makes its id its own."""

    begins_at: datetime
    ends_at: datetime
    summary: str
    key: str


def calendar_file(intervals: Iterable[Interval], *, title: str, summary: str, key: str, now: datetime) -> str:
    """The published hours as a file; `key` (say, text.line@host) keeps event ids the same between fetches."""
    entries = (Entry(span.opens_at, span.closes_at, summary, key) for span in intervals)
    return entries_file(entries, title=title, about="Published hours", now=now)


def entries_file(entries: Iterable[Entry], *, title: str, about: str, now: datetime) -> str:
    """The file's text."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Xinqiao//{about}//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escape(title)}",
        f"X-WR-CALNAME:{escape(title)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{stamp(entry.begins_at)}-{escape(entry.key)}",
            f"DTSTAMP:{stamp(now)}",
            f"DTSTART:{stamp(entry.begins_at)}",
            f"DTEND:{stamp(entry.ends_at)}",
            f"SUMMARY:{escape(entry.summary)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{fold(line)}\r\n" for line in (*lines, "END:VCALENDAR"))


def stamp(at: datetime) -> str:
    """An instant as 20260101T020000Z."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escape(text: str) -> str:
    """Text with backslash, semicolon, comma and line breaks escaped; other control characters dropped."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(c for c in text if c >= " " and c != "\x7f")


def fold(line: str) -> str:
    """The line broken so that no piece is longer than 75 octets of UTF-8; no character is split."""
    pieces, octets = [""], 0
    for char in line:
        width = len(char.encode())
        if octets + width > LINE_OCTETS:
            pieces.append(" ")
            octets = 1
        pieces[-1] += char
        octets += width
    return "\r\n".join(pieces)
