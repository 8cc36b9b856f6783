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
    examples: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """True where nothing happened that must not."""
        return not (self.lost or self.doubled or self.reordered or self.undelivered or self.misshown or self.unacked)


def judge(pairs: Sequence[tuple[str, Talker, Talker]], log: Mapping[str, Sequence[tuple[str, str]]]) -> Verdict:
    """Judge each feed: `log` holds (author's id, text) in order of seq, texts are unique per drill."""
    found: Counter[str] = Counter()
    examples: list[str] = []
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
