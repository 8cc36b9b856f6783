"""A media worker is killed while it records: the real process, the real signal, the real file."""

import asyncio
import io
from pathlib import Path

import av
import pytest
from pytest_django import Settings

from accounts.orm import off_loop
from chat.voice.contract import RecordingDecision
from chat.voice.playback import one_track, open_recording
from recordings_policy import recordings
from tests.chat.voice.peers import PATIENT_S, stay_on_loopback
from tests.flows.calls import exchange
from tests.flows.test_calls_killed import workers
from tests.flows.test_recorded_calls import begin, tones

TRACKS = {"visitor": {"visitor"}, "counselor": {"chen"}, "colleague": set[str]()}


def frames(data: bytes) -> int:
    """How many packets of one party another program decodes; a damaged one is an error of its own."""
    with av.open(io.BytesIO(data), "r", format="matroska") as container:
        return sum(1 for _ in container.decode(audio=0))


@pytest.mark.faults
@pytest.mark.promise("R5")
async def test_a_recording_cut_by_kill_9_plays_up_to_there_and_goes_on_in_another_file(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> None:
    stay_on_loopback(monkeypatch)
    settings.RECORDINGS_DIR, settings.KEYS_DIR = tmp_path / "recordings", tmp_path / "keys"
    async with exchange(workers=0) as h, workers(h, 2) as running:
        visitor, chen, call = await begin(h, consent=True)
        await visitor.event("call.recorded", on=True)
        kept = await off_loop(recordings.find, visitor.actor.id, 1)
        assert kept is not None
        right = RecordingDecision(kept.call, kept.recording, kept.policy_version, kept.consents)
        async with asyncio.timeout(PATIENT_S):
            while kept.path.stat().st_size < 8_000:  # more than the beginning and one sealed stretch of two voices
                await asyncio.sleep(0.05)
        running[(await h.state("session", visitor.actor)).call.node].kill()
        await visitor.until(lambda _frame: len(visitor.events("call.placed")) == 2)
        await h.connects(call, "visitor", "chen")
        await visitor.until(lambda _frame: [e["on"] for e in visitor.events("call.recorded")][-2:] == [False, True])
        torn = await asyncio.to_thread(open_recording, kept.path, kept.key, right)
        assert not torn.whole
        assert await asyncio.to_thread(tones, torn.data) == TRACKS
        for track in (1, 2):
            # Sealed after 2 s, or when 32 KiB are full: about a second of what aiortc sends, 50 packets of each party.
            assert frames(one_track(torn.data, track)) >= 40
        (first, second) = await off_loop(recordings.listed, visitor.actor.id)
        assert (first.ended_at, second.ended_at) == (None, None)
        await chen.do("call.end")
