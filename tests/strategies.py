"""Values that Hypothesis draws from, shared by the tests of all rooms."""

import json
from datetime import UTC, datetime

import msgspec
from hypothesis import strategies as st

from kernel.terms import Medium, RiskLevel
from kernel.wire import Command, Event
from server.protocol_examples import example

T0 = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
"""A Tuesday afternoon in Beijing, 14:30."""

risks = st.sampled_from(list(RiskLevel))
media = st.sampled_from(list(Medium))
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=60)
seqs = st.integers(0, 40)


def event_of(kind: type[Event]) -> Event:
    """One plausible event of a class."""
    return msgspec.json.decode(json.dumps(example(kind)), type=kind)


def command_of(kind: type[Command]) -> Command:
    """One plausible command of a class."""
    return msgspec.json.decode(json.dumps(example(kind)), type=kind)
