"""How each event changes the record, one at a time and held against plain books of our own."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kernel.terms import Medium, Role
from kernel.wire import Event
from recordings_policy import messages as m
from recordings_policy.domain.hold import Phase
from recordings_policy.domain.state import Keep, RecordState, evolve
from recordings_policy.policy import Channel, Purpose
from tests.recordings_policy.people import DAY, HASH, OLD_HASH, T0

TEXT, VOICE = Medium.TEXT, Medium.VOICE
FILLED = RecordState(line="main", keeps=(Keep(m.Span(TEXT, T0, T0 + DAY, T0 + DAY, 1)),))


def span(medium: Medium, days: int = 1) -> m.Span:
    """Kept for some days."""
    return m.Span(medium, T0, T0 + days * DAY, T0 + days * DAY, 1)


def after(events: tuple[Event, ...], state: RecordState = FILLED) -> RecordState:
    """What the events make of a record."""
    for event in events:
        state = evolve(state, event)
    return state


yes = st.builds(
    m.ConsentGiven,
    purpose=st.sampled_from(Purpose),
    version=st.sampled_from(["v1", "v2"]),
    text_hash=st.sampled_from([HASH, OLD_HASH]),
    channel=st.sampled_from(Channel),
    language=st.just("zh-Hans"),
    role=st.sampled_from([Role.VISITOR, Role.COUNSELOR]),
    at=st.integers(0, 9).map(lambda n: T0 + n * DAY),
)
no = st.builds(m.ConsentWithdrawn, st.sampled_from(Purpose), st.sampled_from([Role.VISITOR, Role.COUNSELOR]))


@given(st.lists(yes | no, max_size=20))
def test_of_each_purpose_the_last_word_stands_and_the_visitors_no_until_the_next_yes(
    said: list[m.ConsentGiven | m.ConsentWithdrawn],
) -> None:
    state = after(tuple(said))
    standing: dict[Purpose, tuple[str, str, Role]] = {}
    refused: set[Purpose] = set()
    for word in said:
        if isinstance(word, m.ConsentGiven):
            standing[word.purpose] = (word.version, word.text_hash, word.role)
            refused.discard(word.purpose)
        else:
            standing.pop(word.purpose, None)
            if word.role is Role.VISITOR:
                refused.add(word.purpose)
    assert {c.purpose: (c.version, c.text_hash, c.role) for c in state.consents} == standing
    assert len(state.consents) == len(standing)
    assert sorted(state.refusals) == sorted(refused)
    assert (state.line, state.keeps) == (FILLED.line, FILLED.keeps)


@given(st.lists(st.tuples(st.sampled_from([TEXT, VOICE]), st.booleans()), max_size=15))
def test_what_runs_is_the_last_recording_of_each_medium_and_what_was_recorded_is_never_forgotten(
    story: list[tuple[Medium, bool]],
) -> None:
    state, running = FILLED, dict[Medium, int]()
    once: list[Medium] = []
    for number, (medium, begins) in enumerate(story, 1):
        if begins:
            state = evolve(state, m.RecordingAllowed(medium, number, 1, "v1"))
            running[medium] = number
            once += [medium] if medium not in once else []
        else:
            state = evolve(state, m.RecordingStopped(medium, number, "asked"))
            running.pop(medium, None)
    assert {each.medium: each.recording for each in state.running} == running
    assert len(state.running) == len(running)
    assert list(state.recorded) == once
    assert state.allowed == max((n for n, (_, begins) in enumerate(story, 1) if begins), default=0)


def test_a_refusal_and_other_news_leave_the_record_as_it_was() -> None:
    assert evolve(FILLED, m.RecordingRefused(VOICE, "no_policy")) == FILLED
    assert evolve(FILLED, Event()) == FILLED


def test_destruction_goes_medium_by_medium_and_all_is_gone_with_the_last_receipt() -> None:
    assert not RecordState().gone
    state = after((m.RecordClosed(T0, (span(TEXT), span(VOICE, 2))),), RecordState(line="main"))
    assert state.keeps == (Keep(span(TEXT)), Keep(span(VOICE, 2)))
    assert state.closed_at == T0
    state = after((m.PurgeOrdered(TEXT, T0 + DAY, 3), m.PurgeBegun(TEXT), m.PurgeCompleted(TEXT, HASH)), state)
    assert state.keeps == (Keep(span(TEXT), T0 + DAY, 3, True, HASH), Keep(span(VOICE, 2)))
    assert not state.gone
    assert evolve(state, m.PurgeCompleted(VOICE, OLD_HASH)).gone


# One medium ordered, one being destroyed.
HALF = after(
    (
        m.RecordClosed(T0, (span(TEXT), span(VOICE))),
        m.PurgeOrdered(TEXT, T0, 2),
        m.PurgeOrdered(VOICE, T0, 1),
        m.PurgeBegun(VOICE),
    )
)


def test_a_new_plan_calls_off_what_is_only_ordered_and_leaves_what_has_begun() -> None:
    text, voice = HALF.keeps
    plans = (span(TEXT, 9), span(VOICE, 9))
    for news in (m.PolicyApplied((), plans), m.ErasureRequested(T0 + DAY, plans)):
        assert evolve(HALF, news).keeps == (Keep(span(TEXT, 9)), voice)
    assert evolve(HALF, m.ErasureRequested(T0 + DAY, plans)).erase_at == T0 + DAY
    assert evolve(HALF, m.PolicyApplied((), ())).keeps == (Keep(text.span), voice)


def test_a_proposed_hold_freezes_and_calls_off_and_only_its_end_thaws() -> None:
    text, voice = HALF.keeps
    proposed = evolve(HALF, m.HoldProposed(1, "court", "doc-1", T0 + 9 * DAY, T0 + 3 * DAY, "zhao"))
    assert proposed.keeps == (Keep(text.span), voice)
    assert not HALF.frozen
    assert proposed.frozen
    placed = evolve(proposed, m.HoldPlaced(1))
    assert placed.frozen
    assert evolve(placed, m.HoldLiftProposed(1, "qian")).frozen
    for state, end, phase in (
        (proposed, m.HoldLapsed(1), Phase.LAPSED),
        (placed, m.HoldLifted(1), Phase.LIFTED),
        (placed, m.HoldExpired(1), Phase.EXPIRED),
    ):
        ended = evolve(state, end)
        assert not ended.frozen
        assert ended.holds[0].phase is phase
        assert ended.keeps == proposed.keeps


def test_the_state_survives_its_snapshot_and_a_seal_is_for_good() -> None:
    sealed = evolve(HALF, m.SealOrdered())
    assert sealed.sealed
    assert after((m.PolicyApplied((), ()), m.RecordClosed(T0, ())), sealed).sealed
    assert msgspec.json.decode(msgspec.json.encode(sealed), type=RecordState) == sealed
