"""What a drill of the desk left behind, read through the house's codec and judged in words of its own.

The bookkeeper of tests/queueing reads the desk's log from the first row: it shares no key, capacity or order with it.
"""

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from chat.messages import SessionEnded
from kernel.codec import Codec, Keyring
from kernel.periods import Periods
from kernel.seal import MasterKeys
from kernel.store import Store
from kernel.wire import Event
from queueing import messages as m
from server.wiring import DECIDERS
from tests.queueing.domain.bookkeeper import Book
from tests.queueing.domain.people import GRACE_S, Guest

Rows = Sequence[tuple[datetime, Event]]
COUNTED = (
    *("lost", "stuck", "left_behind", "doubled", "held_twice", "moved_back", "passed_over", "beyond_room", "given_up"),
    *("told_apart", "unreadable"),
)
ALL = 100_000


class Seen(msgspec.Struct, frozen=True):
    """The desk's log in order, and the events of each contact's session."""

    desk: Rows
    sessions: Mapping[str, Sequence[Event]] = {}

    def count(self, kind: str) -> int:
        """How many events of a kind the desk's log has."""
        return sum(type(event).__struct_config__.tag == kind for _, event in self.desk)

    @property
    def settled(self) -> bool:
        """True where nobody is at the desk and nothing is owed to it."""
        book, broken = Book(), False
        for at, event in self.desk:
            try:
                book.read(event, at)
            except (AssertionError, KeyError):
                broken = True
        return broken or not (book.guests or any(person.owes for person in book.people.values()))


async def read_desk(env: Mapping[str, str], feed: str, contacts: Sequence[str] = ()) -> Seen:
    """Read the desk's log, and the sessions' of these contacts, with the fleet's keys."""
    numbered = (entry.partition(":") for entry in env["MASTER_KEYS"].split(","))
    keys = {int(number): base64.b64decode(key) for number, _, key in numbered}
    store = Store(env["DATABASE_URL"])
    codec = Codec(DECIDERS, Keyring(store, MasterKeys(keys, Periods(Path(env["KEYS_DIR"])))))

    async def rows(of: str) -> Rows:
        return [(line.at, (await codec.read_line(line)).event) for line in await store.read(of, 0, ALL)]

    await store.open()
    try:
        told = {contact: [event for _, event in await rows(f"session.{contact}")] for contact in contacts}
        return Seen(await rows(feed), told)
    finally:
        await store.close()


def judge(seen: Seen, came: Sequence[str], stuck: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Everything that must be 0, by name, and examples of it.

    Who never came, since the answer to their opening was lost, keeps a place for the grace of those who are away.
    """
    book, found = Book(), [("stuck", contact) for contact in stuck]
    for number, (at, event) in enumerate(seen.desk, start=1):
        found += _before(book, event, at)
        try:
            book.read(event, at)
        except (AssertionError, KeyError) as fault:
            found.append(("unreadable", f"row {number} {type(event).__name__} {fault}"))
    issued = [event.contact for _, event in seen.desk if isinstance(event, m.TicketIssued)]
    turned = {event.contact for _, event in seen.desk if isinstance(event, m.TicketDeflected)}
    found += [("lost", contact) for contact in came if contact not in issued and contact not in turned]
    found += [("doubled", contact) for contact, times in Counter(issued).items() if times > 1]
    numbers = Counter(event.number for _, event in seen.desk if isinstance(event, m.TicketIssued))
    found += [("doubled", f"number {number}") for number, times in numbers.items() if times > 1]
    there = [each for each in book.guests.items() if each[0] in came or _where(each[1]) != "away"]
    found += [("left_behind", f"{contact} {_where(guest)}") for contact, guest in there]
    found += [("left_behind", f"{each} owed") for person in book.people.values() for each in person.owes]
    for contact, events in seen.sessions.items():
        found += [("told_apart", f"{contact} {what}") for what in _apart(contact, seen.desk, events)]
    counts = Counter(name for name, _ in found)
    return {name: counts[name] for name in COUNTED}, [f"{name} {what}" for name, what in found]


def _where(guest: Guest) -> str:
    """Where somebody stands who ought to have left."""
    if guest.owner is None:
        return "put off" if guest.put_off else "away" if guest.away else "waiting"
    return f"{'being written up' if guest.writing_up else 'talking'} with {guest.owner}"


def _before(book: Book, event: Event, at: datetime) -> list[tuple[str, str]]:
    """What is wrong with an event in the light of everything before it."""
    guest = book.guests.get(getattr(event, "contact", ""))
    if guest is None:
        return []
    match event:
        case m.OfferRung(contact=contact, counselor=counselor):
            found = [("passed_over", f"{each} for {contact}") for each in book.passed_over(contact, counselor)]
            if event.offer in book.named:
                found.append(("doubled", event.offer))
            if book.rings_at(counselor) or not book.has_room(counselor, contact):
                found.append(("beyond_room", event.offer))
            return found
        case m.OfferAccepted() if guest.owner is not None:
            return [("held_twice", event.contact)]
        case m.TicketRaised(due_at=due_at) if due_at > guest.promised:
            return [("moved_back", event.contact)]
        case m.TicketAbandoned() if guest.away is None or at - guest.away < timedelta(seconds=GRACE_S[guest.medium]):
            return [("given_up", event.contact)]
    return []


def _apart(contact: str, desk: Rows, session: Sequence[Event]) -> list[str]:
    """Where the session was told less, or more, than the desk has done."""
    about = Counter(type(event).__name__ for _, event in desk if getattr(event, "contact", None) == contact)
    told = Counter(type(event).__name__ for event in session)
    unheard = any(isinstance(event, SessionEnded) and not event.answered for event in session)  # left as one accepted
    apart = []
    if about["OfferAccepted"] - told["CounselorJoined"] not in ((0, 1) if unheard else (0,)):
        apart.append(f"accepted {about['OfferAccepted']}, joined {told['CounselorJoined']}")
    if not told["SessionEnded"] + told["ContactAbandoned"] + told["ContactDeflected"]:
        apart.append("never over")
    return apart
