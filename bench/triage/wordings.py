"""Wording families written for this project, with their slots filled in."""

import re
import tomllib
from itertools import product
from math import gcd
from pathlib import Path

import msgspec

_SLOT = re.compile(r"\{([a-z]+)\}")
FAMILIES = Path(__file__).resolve().parents[2] / "tests" / "triage" / "wordings"


class Wording(msgspec.Struct, frozen=True):
    """One sentence, the family it belongs to, and what it should raise: now, risk, third or quiet."""

    family: str
    label: str
    text: str


def wordings(name: str, fillings: int = 4) -> list[Wording]:
    """The families of tune.toml or held.toml; a sentence with a slot is filled at most `fillings` ways."""
    data = tomllib.loads((FAMILIES / f"{name}.toml").read_text("utf-8"))
    slots: dict[str, list[str]] = data.get("slots", {})
    out: list[Wording] = []
    for family in data["family"]:
        for at, text in enumerate(family["texts"]):
            out.extend(Wording(family["name"], family["label"], one) for one in _filled(text, slots, at, fillings))
    return out


def _filled(text: str, slots: dict[str, list[str]], at: int, fillings: int) -> list[str]:
    """The text with its slots filled, starting at a different filling for each sentence."""
    if not _SLOT.search(text):
        return [text]
    made: list[str] = []
    for turn in range(fillings):
        shift = at + turn
        made.append(_SLOT.sub(lambda m: slots[m[1]][shift % len(slots[m[1]])], text))  # noqa: B023
    return list(dict.fromkeys(made))


def composed(each: int = 160) -> list[Wording]:
    """The families of composed.toml: every part of each list used, at most `each` sentences a family."""
    data = tomllib.loads((FAMILIES / "composed.toml").read_text("utf-8"))
    lists: dict[str, list[str]] = data["lists"]
    out: list[Wording] = []
    for family in data["family"]:
        parts = [lists[name] for name in family["parts"]]
        pairs = [family.get("join", "，").join(chosen) for chosen in product(*parts)]
        step = next(n for n in range(max(1, len(pairs) // each), len(pairs) + 2) if gcd(n, len(pairs)) == 1)
        picked = (pairs[at * step % len(pairs)] for at in range(min(each, len(pairs))))
        out.extend(Wording(family["name"], family["label"], text) for text in picked)
    return out
