"""Recordings: playable, one track per party, nothing readable on disk, and every change to the file is found."""

import io
import itertools
import math
import time
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.voice import clip
from chat.voice.contract import RecordingDecision
from chat.voice.matroska import Clusters, element
from chat.voice.playback import open_recording
from chat.voice.recorder import Recorder, Sealer, unseal
from kernel.seal import Tampered

KEY = bytes(range(32))
RIGHT = RecordingDecision("call", "rec", 3, ("consent-of-visitor", "consent-of-counselor"))
OTHER = RecordingDecision("call", "rec", 3, ("consent-of-visitor",))


def record(path: Path, *, pause: tuple[int, int] = (0, 0)) -> None:
    """Two people, the clip each, 20 ms a packet; paused for packets within `pause`."""
    recorder = Recorder(path, KEY, RIGHT, ("visitor", "counselor"))
    recorder.allow(math.inf)
    for n in range(100):
        recorder.pause(on=pause[0] <= n < pause[1])
        for tap in recorder.taps:
            tap.take(1000 + n * 0.02, n * 960, clip.packets()[n])
    recorder.stop()
    assert recorder.dropped == 0


def play(path: Path) -> dict[int, list[tuple[int, bytes]]]:
    """What a player finds: per track, times in ms and packets."""
    with path.open("rb") as file:
        plain = b"".join(unseal(file, KEY, RIGHT))
    found: dict[int, list[tuple[int, bytes]]] = {}
    with av.open(io.BytesIO(plain), "r", format="matroska") as container:
        assert [stream.codec_context.name for stream in container.streams] == ["opus", "opus"]
        assert [stream.metadata["title"] for stream in container.streams] == ["visitor", "counselor"]
        for packet in container.demux():
            if packet.size and packet.pts is not None:
                found.setdefault(packet.stream.index, []).append((int(packet.pts), bytes(packet)))
    return found


def test_both_parties_are_there_as_they_were_sent(tmp_path: Path) -> None:
    record(tmp_path / "rec")
    found = play(tmp_path / "rec")
    for track in (0, 1):
        assert [packet for _, packet in found[track]] == list(clip.packets())
        steps = {b - a for (a, _), (b, _) in itertools.pairwise(found[track])}
        assert steps == {20}


@pytest.mark.promise("R5")
def test_a_pause_is_a_gap_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    record(tmp_path / "rec", pause=(30, 60))
    times = [at for at, _ in play(tmp_path / "rec")[0]]
    assert len(times) == 70
    assert max(b - a for a, b in itertools.pairwise(times)) == 31 * 20


@pytest.mark.promise("R5")
def test_nothing_is_taken_before_it_is_allowed_nor_past_the_lease(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "rec", KEY, RIGHT, ("visitor", "counselor"))
    tap = recorder.taps[0]
    tap.take(10.0, 0, clip.packets()[0])
    recorder.allow(11.0)
    tap.take(10.5, 0, clip.packets()[1])
    tap.take(11.0, 0, clip.packets()[2])
    recorder.allow(12.0)
    tap.take(11.5, 0, clip.packets()[3])
    recorder.stop()
    assert [packet for _, packet in play(tmp_path / "rec")[0]] == [clip.packets()[1], clip.packets()[3]]


def test_what_was_said_is_sealed_soon_also_where_nobody_says_anything_more(tmp_path: Path) -> None:
    """A kill during a hold costs nothing of what was said before it."""
    recorder = Recorder(tmp_path / "rec", KEY, RIGHT, ("visitor", "counselor"))
    assert not open_recording(tmp_path / "rec", KEY, RIGHT).whole
    recorder.allow(math.inf)
    recorder.taps[0].take(10.0, 0, clip.packets()[0])
    deadline = time.monotonic() + 30
    while clip.packets()[0] not in (found := open_recording(tmp_path / "rec", KEY, RIGHT)).data:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert not found.whole
    recorder.stop()
    assert open_recording(tmp_path / "rec", KEY, RIGHT).whole


@pytest.mark.promise("R12")
def test_no_packet_and_no_name_stands_in_the_file(tmp_path: Path) -> None:
    record(tmp_path / "rec")
    data = (tmp_path / "rec").read_bytes()
    assert not [packet for packet in clip.packets() if len(packet) > 8 and packet in data]
    for word in (b"OpusHead", b"visitor", b"counselor", b"matroska"):
        assert word not in data


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "rec").write_bytes(b"older")
    with pytest.raises(FileExistsError):
        Recorder(tmp_path / "rec", KEY, RIGHT, ("visitor",))


@given(st.integers(1, 3), st.integers(0, 4_999), st.integers(1, 1_500))
def test_a_block_is_spelled_as_any_element(track: int, at_ms: int, size: int) -> None:
    packet = bytes(n % 251 for n in range(size))
    clusters = Clusters()
    clusters.block(1, 0, b"x")
    body = bytes((0x80 | track,)) + at_ms.to_bytes(2, "big") + b"\x80" + packet
    assert clusters.block(track, at_ms, packet) == element(0xA3, body)


def sealed(parts: list[bytes]) -> bytes:
    """A file of these chunks."""
    file = io.BytesIO()
    sealer = Sealer(file, KEY, RIGHT)
    for part in parts:
        sealer.write(part)
        sealer.flush()
    sealer.flush(last=True)
    return file.getvalue()


chunks = st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=4)


@given(chunks)
def test_what_was_sealed_is_read(parts: list[bytes]) -> None:
    assert b"".join(unseal(io.BytesIO(sealed(parts)), KEY, RIGHT)) == b"".join(parts)


@given(chunks, st.integers(0, 10_000), st.integers(0, 7))
def test_one_changed_bit_is_found(parts: list[bytes], at: int, bit: int) -> None:
    data = bytearray(sealed(parts))
    data[at % len(data)] ^= 1 << bit
    with pytest.raises(Tampered):
        list(unseal(io.BytesIO(bytes(data)), KEY, RIGHT))


@given(chunks, st.integers(1, 10_000))
def test_a_file_cut_off_anywhere_is_found(parts: list[bytes], cut: int) -> None:
    data = sealed(parts)
    with pytest.raises(Tampered):
        list(unseal(io.BytesIO(data[: len(data) - 1 - cut % len(data)]), KEY, RIGHT))


def test_another_consent_does_not_open_it() -> None:
    for key, decision in ((KEY, OTHER), (bytes(32), RIGHT)):
        with pytest.raises(Tampered):
            list(unseal(io.BytesIO(sealed([b"voice"])), key, decision))


def test_something_behind_the_end_is_found() -> None:
    data = sealed([b"voice"])
    with pytest.raises(Tampered):
        list(unseal(io.BytesIO(data + b"\0"), KEY, RIGHT))
