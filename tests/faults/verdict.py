"""Judges a drill by two witnesses only: what the clients wrote down, and what the log holds."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from tests.faults.talker import Talker


class Verdict(msgspec.Struct, frozen=True):
    """Counts of what must never happen, with a few examples; all of them 0 is a pass."""

    lost: int = 0  # acknowledged, not in the log
    doubled: int = 0  # more than once in the log
    reordered: int = 0  # in the log in another order than they were said
    undelivered: int = 0  # in the log, never on the other screen
    misshown: int = 0  # a screen that differs from the log
    unacked: int = 0  # said, and never answered although everything works again
    repeated: int = 0  # shown twice on one socket that had not asked for it
    leaked: int = 0  # shown to a visitor although it is the staff's alone
    stranded: int = 0  # in nobody's hands although somebody was free
    held_twice: int = 0  # in two counselors' hands
    examples: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """True where nothing happened that must not."""
        return not any(self.counts.values())

    @property
    def counts(self) -> dict[str, int]:
        """Every count by its name."""
        return {name: getattr(self, name) for name in self.__struct_fields__ if name != "examples"}


# Written by hand, and not taken from the house: what a visitor is never shown, by the name it has on the wire.
STAFF_ONLY = frozenset(
    {"risk.noted", "risk.assessed", "risk.raised", "risk.lowered", "escalation.noted", "wrap_up.submitted"}
    | {"escalation.opened", "page.issued", "ticket.asked", "offer.rung", "offer.accepted"}
)
Pair = tuple[str, Talker, Talker]
Words = Mapping[str, Sequence[tuple[str, str]]]


def judge(pairs: Sequence[Pair], log: Words, held_twice: Sequence[str] = (), stranded: Sequence[str] = ()) -> Verdict:
    """Judge each feed: `log` holds (author's id, text) in order of seq, texts are unique per drill."""
    found: Counter[str] = Counter(held_twice=len(held_twice), stranded=len(stranded))
    examples = [f"held_twice {contact}" for contact in held_twice] + [f"stranded {contact}" for contact in stranded]
    for talker in {talker.name: talker for _, *speakers in pairs for talker in speakers}.values():
        shown = {frame["event"]["type"] for frames in talker.shown.values() for frame in frames}
        leaked = sorted(shown & STAFF_ONLY) if talker.door == "contact" else []
        found.update(leaked=len(leaked), repeated=talker.repeated)
        examples += [f"leaked {kind}" for kind in leaked]
    for feed, *speakers in pairs:
        stored = [text for _, text in log.get(feed, ())]
        faults = _judge_feed(feed, speakers, stored)
        found.update({name: len(texts) for name, texts in faults.items()})
        examples += [f"{name} {feed} {text}" for name, texts in faults.items() for text in texts[:2]]
    return Verdict(**found, examples=tuple(examples[:12]))


def _judge_feed(feed: str, speakers: Sequence[Talker], stored: Sequence[str]) -> dict[str, list[str]]:
    """Everything that is wrong with one feed."""
    counts = Counter(stored)
    faults: dict[str, list[str]] = {"doubled": [text for text, count in counts.items() if count > 1]}
    acked = [text for talker in speakers for to, text, _, _ in talker.acked if to == feed]
    faults["lost"] = [text for text in acked if text not in counts]
    faults["unacked"] = sorted(set().union(*(talker.sent.get(feed, []) for talker in speakers)) - set(acked))
    faults["reordered"], faults["undelivered"], faults["misshown"] = [], [], []
    for talker in speakers:
        said = talker.sent.get(feed, [])
        place = {text: number for number, text in enumerate(said)}
        own = [place[text] for text in stored if text in place]
        faults["reordered"] += [said[b] for a, b in itertools.pairwise(own) if b < a]
        shown = talker.words(feed)
        faults["undelivered"] += [text for text in stored if text not in set(shown)]
        if set(shown) == set(stored) and shown != list(stored):
            faults["misshown"].append(talker.name)
    return faults
