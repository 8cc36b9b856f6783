"""What the screening knows, as compiled records: spellings, quiet phrases, rules, grammar, score weights."""

import re

import msgspec

from kernel.terms import RiskLevel
from triage.domain.expression import Expression
from triage.domain.normalise import Spelling
from triage.domain.sieve import Sieve


class Quiet(msgspec.Struct, frozen=True):
    """A phrase that uses deadly words harmlessly."""

    id: str
    version: int
    kind: str
    expression: Expression


class Rule(msgspec.Struct, frozen=True):
    """One way danger is said: where it stands, what it means, how sure it is (strength, 0 to 1)."""

    id: str
    version: int
    category: str
    level: RiskLevel
    strength: float
    expression: Expression
    unless: re.Pattern[str] | None = None
    alarm: bool = True
    route: str = "self"
    negatable: bool = True
    subject: bool = True
    recovers: bool = False


class Combo(msgspec.Struct, frozen=True):
    """Cues that mean danger close together: every one of `all`, and one of `any` if it names some.

    `rule` says what it raises; `reach` is the farthest a cue may begin from the first one, in characters.
    """

    rule: Rule
    all: tuple[str, ...]
    any: tuple[str, ...]
    reach: int


class Presence(msgspec.Struct, frozen=True):
    """Cues of a place or a means: what the score alone hears at `least` beside one of them is imminent."""

    cues: frozenset[str]
    least: float


class Grammar(msgspec.Struct, frozen=True):
    """How the words around a match are read."""

    denied_before: re.Pattern[str]
    doubly: re.Pattern[str]
    hollow: re.Pattern[str]
    denied_after: re.Pattern[str]
    other_person: re.Pattern[str]
    own_person: re.Pattern[str]
    not_subject_before: re.Pattern[str]
    not_subject_after: re.Pattern[str]
    says: re.Pattern[str]
    about_other: re.Pattern[str]
    long_ago: re.Pattern[str]
    mended: re.Pattern[str]
    quoted: re.Pattern[str]
    over: re.Pattern[str]


class Weights(msgspec.Struct, frozen=True):
    """A logistic regression over character n-grams and rule features, as trained by bench/triage."""

    version: int
    bias: float
    threshold: float
    longest: int
    grams: dict[str, float]
    features: dict[str, float]


Tried = dict[int, list[int]]
"""By the number of a record (quiet phrases, rules, cues): the alternatives worth trying, in their order."""


class Lexicon(msgspec.Struct, frozen=True):
    """Everything screening needs, assembled once by the shell triage/screening.py."""

    spellings: tuple[Spelling, ...]
    quiet: tuple[Quiet, ...]
    rules: tuple[Rule, ...]
    cues: tuple[Rule, ...]
    combos: tuple[Combo, ...]
    combos_unless: re.Pattern[str]
    grammar: Grammar
    weights: Weights
    presence: Presence = Presence(frozenset(), 1.0)
    worth: Sieve = msgspec.field(default_factory=lambda: Sieve(()))
    places: tuple[tuple[int, int], ...] = ()
    disguised: Sieve = msgspec.field(default_factory=lambda: Sieve(()))

    def __post_init__(self) -> None:
        """Index what each alternative needs: `worth` over quiet phrases, rules and cues, `disguised` over spellings.

        `places` says of each number of `worth` which record it belongs to, and which of its alternatives it is.
        """
        expressions = [one.expression for one in self.quiet]
        expressions += [one.expression for one in (*self.rules, *self.cues)]
        places = [(at, number) for at, one in enumerate(expressions) for number in range(len(one.alternatives))]
        msgspec.structs.force_setattr(self, "worth", Sieve([needs for one in expressions for needs in one.needs]))
        msgspec.structs.force_setattr(self, "places", tuple(places))
        msgspec.structs.force_setattr(self, "disguised", Sieve([one.needs for one in self.spellings]))

    def tried(self, held: set[str]) -> Tried:
        """The records and alternatives that a text with these grams may match."""
        found: Tried = {}
        for number in sorted(self.worth.passing(held)):
            record, alternative = self.places[number]
            found.setdefault(record, []).append(alternative)
        return found
