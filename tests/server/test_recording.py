"""R5 on the file system: whatever is said, withdrawn, paused, lost or killed, nothing is written without right.

The recorder, its files and the record's rules are the real ones; store, shelf and time are given by the test. Every
packet says when it was spoken. What the files hold afterwards is held against an oracle that knows the story alone.
"""

import asyncio
import contextlib
import io
import struct
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, cast

import av
import msgspec
import pytest

from chat.domain.call_state import CallPhase, CallState
from chat.voice.contract import MediaEngine, RecordingDecision
from chat.voice.recorder import Recorder, unseal
from kernel import clock
from kernel.hub import Hub
from kernel.terms import Actor, Role
from recordings_policy.messages import ApplyPolicy, OpenRecord, RequestRecording, StopRecording, WithdrawConsent
from recordings_policy.policy import Purpose, Rule
from server.recording import LEASE_S, Keeper
from tests.recordings_policy.people import DAY, consent, policy
from tests.server.taping import CONTACT, Hubbed, Microphones, Shelf, Store

CALL = f"{CONTACT}.1"
LI = Actor(Role.VISITOR, CONTACT)
TICK_S = 0.1
SEQUENCES = 500


class Story:
    """One random sequence, a tenth of a second a step; `right` is what the oracle knows at each instant."""

    def __init__(self, folder: Path, seed: int) -> None:
        """A call that has just begun, with no rules and no consent."""
        self.dice = Random(seed)
        self.store = Store()
        self.shelf = Shelf(folder, self.store)
        self.now = 100.0
        self.policy = self.consented = False
        self.call = CallState(1, CallPhase.LIVE, CALL, counselor="chen", node="node")
        self.right_since: float | None = None
        self.unheard = False
        self.spoken: dict[int, bool] = {}
        self.hired()
        self.store.say(OpenRecord("main"))
        self.store.say(RequestRecording())

    def hired(self) -> None:
        """A worker begins, knowing nothing."""
        self.microphones = Microphones()
        self.keeper = Keeper(cast(Hub, Hubbed(self.store)), self.shelf, lambda: self.now)
        self.keeper.attach(cast(MediaEngine, self.microphones), self.report, lambda: "node")

    async def report(self, _call: str, command: Any) -> None:
        """The session takes the worker's word."""
        self.call = msgspec.structs.replace(self.call, recorded=command.on)

    async def told(self) -> None:
        """The worker hears how the call stands, and what follows happens."""
        await self.keeper.after(self.call)
        for _ in range(12):
            await asyncio.sleep(0)

    def speak(self) -> None:
        """Both say something; the payload is the instant and whether it may be written, which only the test reads."""
        may = self.policy and self.consented and self.call.to_be_recorded
        number = len(self.spoken)
        self.spoken[number] = self.lately(may) or may
        for tap in tuple(self.microphones.taps.values()):
            tap.take(self.now, number, struct.pack("!I", number))

    def lately(self, may: bool) -> bool:
        """A withdrawal whose news was lost has a second to be found; a pause and a hold have none."""
        if may:
            self.right_since, self.unheard = self.now, False
        elif not self.call.to_be_recorded:
            self.right_since = None
        return self.unheard and self.right_since is not None and self.now < self.right_since + LEASE_S

    async def step(self) -> None:
        """Something happens."""
        what = self.dice.choice(
            [
                "consent",
                "consent",
                "withdraw",
                "policy",
                "policy",
                "forbid",
                "hold",
                "pause",
                "kill",
                "away",
                "deaf",
                "dark",
                "stop",
            ]
        )
        if what in ("withdraw", "forbid"):
            self.unheard = self.unheard or self.store.deaf
        match what:
            case "consent":
                self.store.say(consent(), LI)
                self.consented = True
            case "withdraw":
                self.store.say(WithdrawConsent(Purpose.RECORDING), LI)
                self.consented = False
            case "policy" | "forbid":
                self.policy = what == "policy"
                rule = Rule(1, policy(record=self.policy), clock.now() - DAY)
                self.store.say(ApplyPolicy((rule,)))
            case "hold":
                self.call = msgspec.structs.replace(self.call, held=not self.call.held)
            case "pause":
                paused = frozenset() if self.call.paused else frozenset({"visitor"})
                self.call = msgspec.structs.replace(self.call, paused=paused)
            case "kill":
                await self.killed()
            case "away":
                self.store.away = not self.store.away
            case "deaf":
                self.store.deaf = not self.store.deaf
            case "dark":  # cut off from everything
                self.store.away = self.store.deaf = True
            case "stop":
                self.store.say(StopRecording())

    async def killed(self) -> None:
        """The worker is gone with its taps; what it had sealed stays, which is more than a kill leaves."""
        await self.keeper.stop()
        self.hired()

    async def run(self) -> None:
        """A few seconds of a call."""
        for _ in range(14):
            await self.step()
            await self.told()
            for _ in range(self.dice.randint(1, 16)):
                self.now += TICK_S
                if self.dice.random() < 0.8:  # ticks may be late
                    await self.keeper.confirm()
                    await self.told()
                self.speak()
        await self.keeper.stop()


def written(shelf: Shelf) -> set[int]:
    """The numbers of all packets that stand in the files."""
    found: set[int] = set()
    for kept in shelf.kept.values():
        if not kept.path.exists():
            continue
        decision = RecordingDecision(kept.call, kept.recording, kept.policy_version, kept.consents)
        with kept.path.open("rb") as file:
            plain = b"".join(unseal(file, kept.key, decision))
        with contextlib.suppress(av.EOFError), av.open(io.BytesIO(plain), "r", format="matroska") as container:
            found |= {struct.unpack("!I", bytes(packet))[0] for packet in container.demux() if packet.size}
    return found


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are opened and closed within the step, so that a story is the same each time."""

    async def inline(call: Any, *args: Any) -> Any:
        return call(*args)

    monkeypatch.setattr(asyncio, "to_thread", inline)


@pytest.mark.promise("R5")
def test_in_500_random_stories_no_byte_is_written_without_right(tmp_path: Path) -> None:
    stories = [told(tmp_path, seed) for seed in range(SEQUENCES)]
    total, wrong, allowed = (sum(each[n] for each in stories) for n in range(3))
    print(f"{SEQUENCES} stories: {total} packets written, {wrong} without right, {allowed} could have been")
    assert [seed for seed, each in enumerate(stories) if each[1]] == []
    assert total > SEQUENCES, "a recorder that never writes keeps every promise"


def told(folder: Path, seed: int) -> tuple[int, int, int]:
    """Tell one story: packets written, those without right, those that could have been."""
    (folder / str(seed)).mkdir()
    story = Story(folder / str(seed), seed)
    asyncio.run(story.run())
    found = written(story.shelf)
    return len(found), sum(not story.spoken[number] for number in found), sum(story.spoken.values())


def without_lease(recorder: Recorder, track: int, _at: float, packet: bytes) -> None:
    """A recorder that trusts what it heard last."""
    if not recorder._paused:
        recorder._waiting.append((track, _at, packet))


def without_pause(recorder: Recorder, *, on: bool) -> None:
    """A recorder that hears no pause."""


@pytest.mark.promise("R5")
@pytest.mark.parametrize(("name", "planted"), [("put", without_lease), ("pause", without_pause)])
def test_a_planted_fault_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, planted: Any) -> None:
    monkeypatch.setattr(Recorder, name, planted)
    assert sum(told(tmp_path, seed)[1] for seed in range(100))


@pytest.mark.promise("R5")
def test_a_frozen_worker_takes_nothing_of_what_came_while_it_slept(tmp_path: Path) -> None:
    async def asleep() -> Story:
        story = Story(tmp_path, 0)
        story.store.say(ApplyPolicy((Rule(1, policy(), clock.now() - DAY),)))
        story.store.say(consent(), LI)
        await story.told()
        story.store.say(RequestRecording())
        for _ in range(30):
            await asyncio.sleep(0.005)
            await story.told()
        await story.keeper.confirm()
        story.policy = story.consented = True
        story.speak()
        story.store.deaf = True  # frozen: no news are read
        story.store.say(WithdrawConsent(Purpose.RECORDING), LI)
        story.consented = False
        story.now += LEASE_S + 0.01
        story.speak()
        await story.keeper.stop()
        return story

    story = asyncio.run(asleep())
    assert written(story.shelf) == {0}
    assert timedelta(seconds=LEASE_S) <= timedelta(seconds=1)


def test_a_call_that_comes_back_while_its_recorder_is_closing_is_recorded_again(tmp_path: Path) -> None:
    """A worker may take a call for placed elsewhere for a moment; nothing else would have asked again for its rest."""

    async def both_taped(story: Story) -> None:
        async with asyncio.timeout(10):
            while len(story.microphones.taps) < 2:
                await asyncio.sleep(0.005)

    async def placed_twice() -> None:
        story = Story(tmp_path, 0)
        story.store.say(ApplyPolicy((Rule(1, policy(), clock.now() - DAY),)))
        story.store.say(consent(), LI)
        story.store.say(RequestRecording())
        await story.told()
        await both_taped(story)
        await story.keeper.after(CallState(call=CALL))
        async with asyncio.timeout(10):
            while story.microphones.taps:  # it has let go, and is not at its end yet
                await asyncio.sleep(0)
        await story.keeper.after(story.call)
        await both_taped(story)
        await story.keeper.stop()

    asyncio.run(placed_twice())
