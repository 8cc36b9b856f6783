"""A recorded call: who says yes, what stands in the file, and how soon a no is obeyed."""

import asyncio
import io
import math
from array import array
from collections import deque
from pathlib import Path

import av
import pytest
from pytest_django import Settings

from accounts.orm import off_loop
from chat.voice.contract import RecordingDecision
from chat.voice.recorder import unseal
from kernel import clock
from kernel.decider import Address
from kernel.terms import Medium
from recordings_policy import messages as records
from recordings_policy import recordings
from recordings_policy.policy import RecordPolicy, Rule
from tests.chat.voice.peers import PATIENT_S, eventually, stay_on_loopback
from tests.flows.calls import TONES, Exchange, Person, exchange
from tests.flows.test_calls import answered
from tests.recordings_policy.people import DAY, HASH, policy

CONSENT = {"purpose": "recording", "version": "rec-2", "text_hash": HASH, "channel": "page"}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Path:
    """Recordings and keys of this test alone."""
    stay_on_loopback(monkeypatch)
    settings.RECORDINGS_DIR, settings.KEYS_DIR = tmp_path / "recordings", tmp_path / "keys"
    return tmp_path / "recordings"


async def rules(h: Exchange, visitor: Person, given: RecordPolicy | None) -> None:
    """Put a policy in force for this record, or none."""
    found = (Rule(1, given, clock.now() - DAY),) if given is not None else ()
    await h.give(Address("record", visitor.actor.id), records.ApplyPolicy(found))


async def begin(h: Exchange, *, consent: bool, recorded: bool = True) -> tuple[Person, Person, str]:
    """A call, with or without a yes before it."""
    visitor, chen = await answered(h)
    await rules(h, visitor, policy(line=h.line) if recorded else None)
    if consent:
        said = await visitor.do("consent.give", at=f"record.{visitor.actor.id}", **CONSENT)
        assert said["op"] == "ack"
    await visitor.do("call.request")
    await chen.do("call.request")
    call = (await visitor.event("call.accepted"))["event"]["call"]
    await h.connects(call, "visitor", "chen")
    return visitor, chen, call


def tones(plain: bytes) -> dict[str, set[str]]:
    """Which voices are on which track."""
    heard: dict[str, set[str]] = {}
    with av.open(io.BytesIO(plain), "r", format="matroska") as container:
        for stream in container.streams:
            samples = array("f")
            container.seek(0)
            for frame in container.decode(stream):
                assert isinstance(frame, av.AudioFrame)
                samples.extend(array("f", bytes(frame.planes[0])[: 4 * frame.samples]))
            heard[stream.metadata["title"]] = {name for name, hertz in TONES.items() if _loud(samples, hertz)}
    return heard


def _loud(samples: "array[float]", hertz: float) -> bool:
    """Whether a tone is in it, by Goertzel over the last half second."""
    part = samples[-24_000:]
    step, a, b = 2 * math.cos(2 * math.pi * hertz / 48_000), 0.0, 0.0
    for sample in part:
        a, b = sample + step * a - b, a
    return bool(part) and 2 * math.sqrt(max(a * a + b * b - step * a * b, 0.0)) / len(part) > 0.02


async def played(visitor: Person, number: int = 1) -> bytes:
    """What a player gets of a whole recording."""
    kept = await off_loop(recordings.find, visitor.actor.id, number)
    assert kept is not None
    decision = RecordingDecision(kept.call, kept.recording, kept.policy_version, kept.consents)
    with kept.path.open("rb") as file:
        return b"".join(unseal(file, kept.key, decision))


def size(folder: Path) -> int:
    """Bytes in the folder."""
    return sum(path.stat().st_size for path in folder.glob("*")) if folder.is_dir() else 0


async def written(folder: Path, more: int) -> None:
    """Wait until so many bytes are there."""
    async with asyncio.timeout(PATIENT_S):
        while size(folder) < more:
            await asyncio.sleep(0.02)


def files(folder: Path) -> int:
    """Files in the folder."""
    return len(list(folder.glob("*")))


@pytest.mark.promise("R5")
async def test_with_policy_and_consent_each_voice_is_on_its_own_track_and_the_end_closes_the_file(
    own_folder: Path,
) -> None:
    async with exchange() as h:
        visitor, chen, _ = await begin(h, consent=True)
        await visitor.event("call.recorded", on=True)
        await chen.event("call.recorded", on=True)
        await written(own_folder, 8_000)  # a second of two voices as aiortc sends them
        await chen.do("call.end")
        await visitor.event("call.recorded", on=False)
        heard = await asyncio.to_thread(tones, await played(visitor))
        assert heard == {"visitor": {"visitor"}, "counselor": {"chen"}, "colleague": set()}
        assert files(own_folder) == 1
        async with asyncio.timeout(PATIENT_S):
            while (await off_loop(recordings.listed, visitor.actor.id))[0].ended_at is None:
                await asyncio.sleep(0.02)


@pytest.mark.promise("R5")
@pytest.mark.parametrize(("consent", "recorded"), [(False, True), (True, False), (False, False)])
async def test_without_the_policy_or_without_the_consent_there_is_no_file(
    own_folder: Path, consent: bool, recorded: bool
) -> None:
    async with exchange() as h:
        visitor, _, _ = await begin(h, consent=consent, recorded=recorded)
        async with asyncio.timeout(PATIENT_S):
            while (await h.told(f"record.{visitor.actor.id}"))[-1] != "recording.refused":
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.5)  # a recorder that was begun all the same would have made its file at once
        assert visitor.events("call.recorded") == []
        assert size(own_folder) == 0


@pytest.mark.promise("R5")
async def test_a_no_stops_it_within_a_second_and_a_later_yes_begins_another_file(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slow the machine is: what arrived a second after the no was accepted is not taken for the file."""
    taken: list[float] = []

    class Noted(deque[tuple[int, float, bytes]]):
        """A recorder's queue, with a note of when each packet in it arrived."""

        def append(self, packet: tuple[int, float, bytes]) -> None:
            taken.append(packet[1])
            super().append(packet)

    monkeypatch.setattr("chat.voice.recorder.deque", Noted)
    async with exchange() as h:
        visitor, _, _ = await begin(h, consent=False)
        record = f"record.{visitor.actor.id}"
        await visitor.do("consent.give", at=record, **CONSENT)
        await visitor.event("call.recorded", on=True)
        assert await eventually(lambda: len(taken) > 5)
        await visitor.do("consent.withdraw", at=record, purpose="recording")
        over = asyncio.get_running_loop().time()
        await visitor.event("call.recorded", on=False)
        assert taken[0] < taken[-1] < over + 1
        before = size(own_folder)
        await asyncio.sleep(1.2)  # longer than a lease, and than a writer waits
        assert size(own_folder) == before > 0
        await visitor.do("consent.give", at=record, **CONSENT)
        await visitor.until(lambda _frame: [event["on"] for event in visitor.events("call.recorded")][2:] == [True])
        assert files(own_folder) == 2


@pytest.mark.promise("R5")
async def test_whoever_says_stop_is_obeyed_and_nothing_begins_again_by_itself_not_even_elsewhere(
    own_folder: Path,
) -> None:
    async with exchange(workers=2) as h:
        visitor, chen, call = await begin(h, consent=True)
        await visitor.event("call.recorded", on=True)
        await chen.do("recording.stop", at=f"record.{visitor.actor.id}", medium=Medium.VOICE.value)
        await visitor.event("call.recorded", on=False)
        await moved(h, visitor)
        await h.connects(call, "visitor", "chen")
        await asyncio.sleep(1)
        assert [event["on"] for event in visitor.events("call.recorded")] == [True, False]
        assert files(own_folder) == 1


@pytest.mark.promise("R5")
async def test_on_hold_and_paused_nothing_is_written_and_on_another_worker_it_goes_on_in_a_new_file(
    own_folder: Path,
) -> None:
    async with exchange(workers=2) as h:
        visitor, chen, call = await begin(h, consent=True)
        await visitor.event("call.recorded", on=True)
        for begins, ends in (("call.hold", chen), ("call.pause", visitor)):
            count = len(visitor.events("call.recorded"))
            await ends.do(begins, on=True)
            await visitor.until(lambda _frame, n=count: len(visitor.events("call.recorded")) == n + 1)  # type: ignore[misc]  # a default keeps the count
            await ends.do(begins, on=False)
            await visitor.until(lambda _frame, n=count: len(visitor.events("call.recorded")) == n + 2)  # type: ignore[misc]  # likewise
        await moved(h, visitor)
        await h.connects(call, "visitor", "chen")
        await visitor.until(lambda _frame: [e["on"] for e in visitor.events("call.recorded")][-2:] == [False, True])
        assert files(own_folder) == 2


async def moved(h: Exchange, visitor: Person) -> None:
    """The call's worker ends, and another one has it."""
    node = (await h.state("session", visitor.actor)).call.node
    placed = len(visitor.events("call.placed"))
    (first,) = [each[0] for each in h.workers if each[0].name == node]
    await h.dismiss(first)
    await visitor.until(lambda _frame: len(visitor.events("call.placed")) > placed)
