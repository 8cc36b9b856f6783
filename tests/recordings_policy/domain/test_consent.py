"""No byte of audio without an active policy and a standing, fitting consent (R5)."""

from datetime import timedelta

import pytest

from kernel.errors import NotPermitted, Refused
from kernel.terms import SYSTEM, Actor, Medium, Role
from recordings_policy.domain.consent import Consent, asked_of_visitor, may_record
from recordings_policy.messages import (
    ApplyPolicy,
    ConsentGiven,
    ConsentWithdrawn,
    RecordingAllowed,
    RecordingRefused,
    RecordingStopped,
    RequestErasure,
    RequestRecording,
    StopRecording,
    WithdrawConsent,
)
from recordings_policy.policy import Channel, Purpose
from tests.recordings_policy.people import (
    COUNSELOR_CHEN,
    DAY,
    HASH,
    OLD_HASH,
    T0,
    WORKER_LI,
    Room,
    consent,
    policy,
    rule,
)

pytestmark = pytest.mark.promise("R5")


def reason_of(room: Room) -> str:
    """Ask, and read why not."""
    (event,) = room.do(RequestRecording())
    assert isinstance(event, RecordingRefused)
    return event.reason


def test_nothing_is_recorded_without_a_policy_even_with_consent() -> None:
    room = Room()
    room.do(consent(), WORKER_LI)
    assert reason_of(room) == "no_policy"


def test_nothing_is_recorded_without_consent_even_under_a_policy() -> None:
    assert reason_of(Room(rule())) == "no_consent"


def test_a_policy_that_records_nothing_is_a_no_whatever_the_visitor_says() -> None:
    room = Room(rule(given=policy(record=False)))
    room.do(consent(), WORKER_LI)
    assert reason_of(room) == "policy_forbids"


def test_a_policy_for_text_does_not_allow_voice() -> None:
    room = Room(rule(given=policy(Medium.TEXT)))
    room.do(consent(), WORKER_LI)
    assert reason_of(room) == "no_policy"


@pytest.mark.parametrize(("version", "text_hash"), [("rec-1", HASH), ("rec-2", OLD_HASH)])
def test_a_yes_to_other_words_is_no_yes(version: str, text_hash: str) -> None:
    room = Room(rule())
    room.do(consent(version, text_hash), WORKER_LI)
    assert reason_of(room) == "consent_mismatch"


def test_policy_and_fitting_consent_allow_recording_once() -> None:
    room = Room(rule(version=7))
    room.do(consent(), WORKER_LI)
    assert room.do(RequestRecording()) == (RecordingAllowed(Medium.VOICE, 1, 7, "rec-2"),)
    assert room.do(RequestRecording()) == ()


def test_withdrawing_stops_in_the_same_decision() -> None:
    room = Room(rule())
    room.record_something()
    assert room.do(WithdrawConsent(Purpose.RECORDING), WORKER_LI) == (
        ConsentWithdrawn(Purpose.RECORDING, Role.VISITOR),
        RecordingStopped(Medium.VOICE, 1, "no_consent"),
    )
    assert reason_of(room) == "no_consent"


def test_withdrawing_another_purpose_does_not_stop_recording() -> None:
    room = Room(rule())
    room.record_something()
    room.do(WithdrawConsent(Purpose.TRAINING), WORKER_LI)
    assert room.state.running


def test_recording_stops_when_its_policy_ends() -> None:
    room = Room(rule(until=T0 + timedelta(minutes=5)))
    room.record_something()
    assert room.wait(timedelta(minutes=4)) == ()
    assert room.wait(timedelta(minutes=1)) == (RecordingStopped(Medium.VOICE, 1, "no_policy"),)
    assert reason_of(room) == "no_policy"


def test_a_new_policy_that_forbids_stops_recording_in_the_same_decision() -> None:
    room = Room(rule())
    room.record_something()
    news = room.do(ApplyPolicy((rule(2, given=policy(record=False)),)))
    assert news[-1] == RecordingStopped(Medium.VOICE, 1, "policy_forbids")


def test_a_policy_not_yet_in_force_allows_nothing() -> None:
    coming = rule()
    room = Room(type(coming)(1, coming.policy, T0 + DAY))
    room.do(consent(), WORKER_LI)
    assert reason_of(room) == "no_policy"


def test_the_instant_a_policy_ends_is_outside_it() -> None:
    stands = Consent(Purpose.RECORDING, "rec-2", HASH, Channel.PAGE, "zh-Hans", Role.VISITOR, T0)
    assert may_record(rule(until=T0), (stands,), T0) == "no_policy"
    assert may_record(rule(until=T0), (stands,), T0 - timedelta(microseconds=1)) == stands


def test_asking_for_erasure_stops_recording() -> None:
    room = Room(rule())
    room.record_something()
    assert RecordingStopped(Medium.VOICE, 1, "erasure") in room.do(RequestErasure(), WORKER_LI)
    assert reason_of(room) == "erasure"


def test_closing_stops_recording_and_nothing_starts_after_it() -> None:
    room = Room(rule())
    room.record_something()
    assert RecordingStopped(Medium.VOICE, 1, "closed") in room.close()
    assert reason_of(room) == "closed"


def test_either_side_may_stop_a_recording() -> None:
    for who in (WORKER_LI, COUNSELOR_CHEN, SYSTEM):
        room = Room(rule())
        room.record_something()
        assert room.do(StopRecording(), who) == (RecordingStopped(Medium.VOICE, 1, "asked"),)
        assert room.do(StopRecording(), who) == ()


def test_a_spoken_consent_counts_only_where_the_policy_accepts_the_one_who_heard_it() -> None:
    room = Room(rule())
    room.do(consent(channel=Channel.SPOKEN), COUNSELOR_CHEN)
    assert reason_of(room) == "consent_mismatch"
    heard = policy(who_may_consent=(Role.VISITOR, Role.COUNSELOR))
    room.do(ApplyPolicy((rule(2, given=heard),)))
    assert isinstance(room.do(RequestRecording())[0], RecordingAllowed)


def test_nobody_clicks_for_the_visitor_and_the_visitor_attests_nothing() -> None:
    room = Room(rule())
    for who, channel in ((COUNSELOR_CHEN, Channel.PAGE), (WORKER_LI, Channel.SPOKEN)):
        with pytest.raises(Refused, match="wrong_channel"):
            room.do(consent(channel=channel), who)


def test_after_the_visitors_own_no_only_the_visitor_says_yes() -> None:
    room = Room(rule(given=policy(who_may_consent=(Role.VISITOR, Role.COUNSELOR))))
    room.do(WithdrawConsent(Purpose.RECORDING), WORKER_LI)
    with pytest.raises(Refused, match="only_visitor"):
        room.do(consent(channel=Channel.SPOKEN), COUNSELOR_CHEN)
    room.do(consent(), WORKER_LI)
    assert isinstance(room.do(RequestRecording())[0], RecordingAllowed)


def test_the_same_yes_twice_is_one_yes_and_another_text_is_another() -> None:
    room = Room(rule())
    assert isinstance(room.do(consent(), WORKER_LI)[0], ConsentGiven)
    assert room.do(consent(), WORKER_LI, after=DAY) == ()
    assert isinstance(room.do(consent("rec-3"), WORKER_LI)[0], ConsentGiven)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_only_the_house_itself_asks_to_record(role: Role) -> None:
    with pytest.raises(NotPermitted):
        Room(rule()).do(RequestRecording(), Actor(role, "x"))


def test_a_visitor_is_asked_with_the_policys_words_and_only_where_it_may_record_on_their_word() -> None:
    assert asked_of_visitor(rule(), T0) == {"zh-Hans": HASH}
    assert asked_of_visitor(None, T0) == {}
    for silent in (
        rule(until=T0),
        rule(given=policy(record=False)),
        rule(given=policy(purposes=(Purpose.TRAINING,))),
        rule(given=policy(who_may_consent=(Role.COUNSELOR,))),
    ):
        assert asked_of_visitor(silent, T0) == {}
