"""Whoever changes, removes, adds, swaps or cuts a row of the access log is found at that row (R8)."""

import hashlib
import hmac
import random
from datetime import timedelta

import msgspec
import pytest

from recordings_policy.domain.chain import START, Entry, Fault, Head, head_after, link, verify
from tests.recordings_policy.people import T0

pytestmark = pytest.mark.promise("R8")
ROWS = 60
TAMPERINGS = 500


def keyed(number: int, content: bytes) -> str:
    """The house's key."""
    return hmac.new(b"the house's key %d" % number, content, hashlib.sha256).hexdigest()


def forged(number: int, content: bytes) -> str:
    """Somebody else's key."""
    return hmac.new(b"a guess %d" % number, content, hashlib.sha256).hexdigest()


def look(number: int) -> Entry:
    """One look."""
    at = T0 + timedelta(seconds=number)
    return Entry(0, f"staff-{number % 7}", "counselor", "transcript", f"c-{number % 11}", "care", "", at, 1)


def chain(rows: int = ROWS) -> tuple[list[Entry], Head]:
    """A log as the house writes it."""
    entries, head = [], Head()
    for number in range(rows):
        entries.append(link(look(number), head, keyed))
        head = head_after(entries[-1], keyed)
    return entries, head


WHOLE, END = chain()
FIELDS = ("who", "role", "what", "contact", "why", "reference", "at", "key", "prev", "digest")


def flip(entries: list[Entry], dice: random.Random) -> int:
    """Change one field of one row."""
    at, field = dice.randrange(ROWS), dice.choice(FIELDS)
    old = getattr(entries[at], field)
    new = {"at": T0, "key": 2}.get(field, f"{old}x" if field != "digest" else old[::-1])
    entries[at] = msgspec.structs.replace(entries[at], **{field: new})
    return at + 1


def delete(entries: list[Entry], dice: random.Random) -> int:
    """Take one row out; half the time number the rest anew."""
    at = dice.randrange(ROWS)
    del entries[at]
    if dice.random() < 0.5:
        renumber(entries)
    return at + 1


def insert(entries: list[Entry], dice: random.Random) -> int:
    """Put a row in, linked as well as one can without the key."""
    at = dice.randrange(ROWS + 1)
    before = Head(at, entries[at - 1].digest if at else START)
    entries.insert(at, link(look(dice.randrange(ROWS)), before, forged))
    if dice.random() < 0.5:
        renumber(entries)
    return at + 1


def swap(entries: list[Entry], dice: random.Random) -> int:
    """Exchange two rows; half the time give each the other's number."""
    first, second = sorted(dice.sample(range(ROWS), 2))
    entries[first], entries[second] = entries[second], entries[first]
    if dice.random() < 0.5:
        renumber(entries)
    return first + 1


def cut(entries: list[Entry], dice: random.Random) -> int:
    """Cut the tail off."""
    at = dice.randrange(ROWS)
    del entries[at:]
    return at + 1


def renumber(entries: list[Entry]) -> None:
    """Hide a gap in the numbers."""
    entries[:] = [msgspec.structs.replace(each, seq=n) for n, each in enumerate(entries, start=1)]


def rebuild(entries: list[Entry], dice: random.Random) -> int:
    """Change a row and compute every digest from there on anew, with a guessed key."""
    at = dice.randrange(ROWS)
    entries[at] = msgspec.structs.replace(entries[at], who="nobody")
    head = Head(at, entries[at - 1].digest if at else START)
    for number in range(at, ROWS):
        entries[number] = link(entries[number], head, forged)
        head = head_after(entries[number], forged)
    return at + 1


def test_the_log_as_written_is_whole() -> None:
    assert verify(WHOLE, END, keyed) is None
    assert verify([], Head(), keyed) is None


def test_every_one_of_500_tamperings_is_found_at_its_row() -> None:
    ways = (flip, delete, insert, swap, cut, rebuild)
    for seed in range(TAMPERINGS):
        dice = random.Random(seed)
        way = ways[seed % len(ways)]
        entries = list(WHOLE)
        at = way(entries, dice)
        fault = verify(entries, END, keyed)
        assert fault is not None, (seed, way.__name__)
        assert fault.seq == at, (seed, way.__name__, fault)


def test_a_cut_log_with_an_older_end_is_found_by_an_end_written_down_elsewhere() -> None:
    entries, older = chain(40)
    assert verify(entries, older, keyed) is None
    assert verify(entries, older, keyed, anchor=END) == Fault(41, "missing")


def test_a_log_rewritten_by_somebody_with_the_key_is_found_by_an_end_written_down_elsewhere() -> None:
    written_down = Head(30, WHOLE[29].digest)
    entries, head = [], Head()
    for number in range(ROWS):
        other = msgspec.structs.replace(look(number), who="somebody else" if number == 12 else look(number).who)
        entries.append(link(other, head, keyed))
        head = head_after(entries[-1], keyed)
    assert verify(entries, head, keyed) is None
    assert verify(entries, head, keyed, anchor=written_down) == Fault(30, "head")
    assert verify(WHOLE, END, keyed, anchor=written_down) is None


@pytest.mark.parametrize("field", ["count", "digest", "key", "seal"])
def test_a_changed_end_is_found(field: str) -> None:
    wrong = {"count": END.count - 1, "digest": WHOLE[3].digest, "key": 2, "seal": START}[field]
    assert verify(WHOLE, msgspec.structs.replace(END, **{field: wrong}), keyed) is not None


def test_a_log_whose_end_was_removed_is_found() -> None:
    assert verify(WHOLE, Head(), keyed) is not None
    assert verify([], END, keyed) == Fault(1, "missing")


def test_two_true_logs_spliced_together_are_found_at_the_seam() -> None:
    """For instance a restored backup that went its own way: every row is genuine, the two do not join."""
    other, head = WHOLE[:20], head_after(WHOLE[19], keyed)
    for number in range(20, ROWS):
        other.append(link(look(number + 100), head, keyed))
        head = head_after(other[-1], keyed)
    assert verify(other, head, keyed) is None
    assert verify([*WHOLE[:30], *other[30:]], head, keyed) == Fault(31, "unlinked")
