"""The gate of the record, asked directly: what bars first, what is stopped, and what is left running (R5)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.terms import SYSTEM, Medium, Role
from recordings_policy.domain.consent import Consent
from recordings_policy.domain.gate import Book, bar, request, stop, stop_barred
from recordings_policy.domain.state import RecordState, Running, evolve
from recordings_policy.messages import (
    Bar,
    RecordingAllowed,
    RecordingRefused,
    RecordingStopped,
    RequestRecording,
    StopRecording,
)
from recordings_policy.policy import Channel, Purpose, Rule
from tests.recordings_policy.people import DAY, HASH, OLD_HASH, T0, WORKER_LI, policy, rule

pytestmark = pytest.mark.promise("R5")
VOICE, TEXT = Medium.VOICE, Medium.TEXT


def yes(text_hash: str = HASH, purpose: Purpose = Purpose.RECORDING, role: Role = Role.VISITOR) -> Consent:
    """A yes that stands."""
    return Consent(purpose, "rec-2", text_hash, Channel.PAGE, "zh-Hans", role, T0)


def record(
    rules: tuple[Rule, ...] = (rule(),),
    consents: tuple[Consent, ...] = (yes(),),
    *,
    closed: bool = False,
    erase: bool = False,
    running: tuple[Running, ...] = (),
) -> RecordState:
    """A record of line main; unless told otherwise everything speaks for recording voice."""
    return RecordState(
        line="main",
        rules=rules,
        consents=consents,
        closed_at=T0 if closed else None,
        erase_at=T0 if erase else None,
        running=running,
        allowed=max((each.recording for each in running), default=0),
    )


RULES: dict[str, tuple[Rule, ...]] = {
    "fits": (rule(),),
    "other medium": (rule(given=policy(TEXT)),),
    "none": (),
    "over": (rule(until=T0),),
    "not yet": (Rule(1, policy(), T0 + timedelta(seconds=1)),),
    "forbids": (rule(given=policy(record=False)),),
    "for another purpose": (rule(given=policy(purposes=(Purpose.TRAINING,))),),
    "replaced by one that forbids": (rule(1), rule(2, given=policy(record=False))),
}
CONSENTS: dict[str, tuple[Consent, ...]] = {
    "fits": (yes(),),
    "none": (),
    "another purpose": (yes(purpose=Purpose.TRAINING),),
    "other words": (yes(OLD_HASH),),
    "by a stranger": (yes(role=Role.REFERRAL_PARTNER),),
}


def first_bar(rules: str, consents: str, *, closed: bool, erase: bool) -> Bar | None:
    """Read off the table of the design: closing, erasure, no policy, policy says no, no consent, wrong consent."""
    if closed:
        return "closed"
    if erase:
        return "erasure"
    if rules in {"other medium", "none", "over", "not yet"}:
        return "no_policy"
    if rules != "fits":
        return "policy_forbids"
    if consents in {"none", "another purpose"}:
        return "no_consent"
    return None if consents == "fits" else "consent_mismatch"


@given(
    rules=st.sampled_from(sorted(RULES)),
    consents=st.sampled_from(sorted(CONSENTS)),
    closed=st.booleans(),
    erase=st.booleans(),
    on=st.booleans(),
)
def test_one_thing_missing_is_enough_and_every_door_gives_the_same_reason(
    rules: str, consents: str, closed: bool, erase: bool, on: bool
) -> None:
    running = (Running(VOICE, 3),) if on else ()
    state = record(RULES[rules], CONSENTS[consents], closed=closed, erase=erase, running=running)
    expected = first_bar(rules, consents, closed=closed, erase=erase)
    answer = bar(state, VOICE, T0)
    assert answer == (expected or yes())

    stopping, asking = Book(state, evolve), Book(state, evolve)
    stop_barred(stopping, T0)
    assert stopping.events == ((RecordingStopped(VOICE, 3, expected),) if on and expected else ())
    request(asking, RequestRecording(VOICE), SYSTEM, T0)
    if on:
        assert asking.events == ()
    elif expected:
        assert asking.events == (RecordingRefused(VOICE, expected),)
        assert asking.state == state
    else:
        assert asking.events == (RecordingAllowed(VOICE, 1, 1, "rec-2"),)


def test_the_consent_that_is_named_is_the_one_to_recording_and_the_policy_the_newest() -> None:
    state = record((rule(4), rule(9), rule(5)), (yes(purpose=Purpose.TRAINING), yes()))
    book = Book(state, evolve)
    request(book, RequestRecording(VOICE), SYSTEM, T0)
    assert book.events == (RecordingAllowed(VOICE, 1, 9, "rec-2"),)
    assert bar(state, VOICE, T0) == yes()


def test_a_policy_rules_up_to_its_end_and_not_at_it() -> None:
    state = record((rule(until=T0 + DAY),))
    assert bar(state, VOICE, T0 + DAY - timedelta(microseconds=1)) == yes()
    assert bar(state, VOICE, T0 + DAY) == "no_policy"


def test_every_recording_has_a_number_of_its_own_across_media_and_stops() -> None:
    book = Book(record((rule(), rule(given=policy(TEXT)))), evolve)
    for medium in (VOICE, TEXT):
        request(book, RequestRecording(medium), SYSTEM, T0)
    stop(book, StopRecording(VOICE), WORKER_LI, T0)
    request(book, RequestRecording(VOICE), SYSTEM, T0)
    assert [each.recording for each in book.events if isinstance(each, RecordingAllowed)] == [1, 2, 3]
    assert set(book.state.running) == {Running(TEXT, 2), Running(VOICE, 3)}


def test_a_stop_ends_the_medium_it_names_and_only_once() -> None:
    book = Book(record(running=(Running(TEXT, 1), Running(VOICE, 2))), evolve)
    stop(book, StopRecording(VOICE), WORKER_LI, T0)
    stop(book, StopRecording(VOICE), WORKER_LI, T0)
    assert book.events == (RecordingStopped(VOICE, 2, "asked"),)
    assert book.state.running == (Running(TEXT, 1),)


def test_what_loses_its_ground_stops_and_what_keeps_it_goes_on() -> None:
    running = (Running(TEXT, 1), Running(VOICE, 2))
    book = Book(record((rule(), rule(given=policy(TEXT, record=False))), running=running), evolve)
    stop_barred(book, T0)
    assert book.events == (RecordingStopped(TEXT, 1, "policy_forbids"),)
    everything = Book(record(closed=True, running=running), evolve)
    stop_barred(everything, T0)
    assert [each.reason for each in everything.events if isinstance(each, RecordingStopped)] == ["closed", "closed"]
    assert everything.state.running == ()
