"""A sealed recording is played back whole, by party and by span, and nothing that was changed is."""

import io
import tempfile
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.voice.contract import RecordingDecision
from chat.voice.matroska import Clusters, header
from chat.voice.playback import one_track, open_recording, span_of
from chat.voice.recorder import Sealer
from kernel.seal import Tampered

KEY, RIGHT = b"k" * 32, RecordingDecision("k1", "c1.1", 1, ("rec-1",))
# Opus frames of 20 ms that say nothing: a TOC byte and silence, told apart by their tail.
FRAMES = [(number % 2 + 1, 20 * (number // 2), b"\xf8\xff\xfe" + number.to_bytes(2)) for number in range(600)]


def recorded() -> bytes:
    """Two people for six seconds, over two clusters."""
    clusters = Clusters()
    return header(("visitor", "counselor")) + b"".join(clusters.block(*frame) for frame in FRAMES)


def sealed(path: Path, data: bytes, *, last: bool = True) -> Path:
    """A file as the recorder writes it, in several chunks."""
    with path.open("xb") as file:
        sealer = Sealer(file, KEY, RIGHT)
        for at in range(0, len(data), 4000):
            sealer.write(data[at : at + 4000])
            sealer.flush()
        if last:
            sealer.flush(last=True)
    return path


def packets(data: bytes) -> list[tuple[int, int, bytes]]:
    """What another program reads: stream, time in ms, packet."""
    with av.open(io.BytesIO(data), "r") as container:
        found = [(p.stream_index, int(p.pts or 0), bytes(p)) for p in container.demux() if p.size]
    # A player takes off the codec's delay; only the distances are the recording's.
    return [(stream, at - found[0][1], packet) for stream, at, packet in found]


def test_what_was_written_is_read_and_each_party_is_a_file_of_its_own(tmp_path: Path) -> None:
    sound = open_recording(sealed(tmp_path / "a.xqr", recorded()), KEY, RIGHT)
    assert sound.whole
    assert sound.data == recorded()
    for track in (1, 2):
        alone = one_track(sound.data, track)
        assert packets(alone) == [(0, at, frame) for number, at, frame in FRAMES if number == track]
    assert FRAMES[0][2] not in one_track(sound.data, 3)


def test_a_cut_off_end_that_was_written_is_tampering(tmp_path: Path) -> None:
    path = sealed(tmp_path / "a.xqr", recorded()[:9000], last=False)
    with pytest.raises(Tampered):
        open_recording(path, KEY, RIGHT, ended=True)


@settings(max_examples=40)
@given(cut=st.integers(0, 12_000))
def test_wherever_a_kill_tears_the_file_all_whole_chunks_before_it_play(cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = sealed(Path(folder) / "a.xqr", recorded(), last=False)
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.truncate(min(cut, size))
        sound = open_recording(path, KEY, RIGHT)
    assert not sound.whole
    assert recorded().startswith(sound.data)
    # 15 bytes stand before the chunks; each has a length of 4 bytes and a tag of 16.
    ends = [15 + 4020 * n if n * 4000 <= len(recorded()) else size for n in range(-(-len(recorded()) // 4000) + 1)]
    whole = max((n for n, end in enumerate(ends) if end <= min(cut, size)), default=0)
    assert len(sound.data) == min(len(recorded()), 4000 * whole)


def test_a_recording_cut_off_by_a_crash_plays_up_to_there_and_says_so(tmp_path: Path) -> None:
    sound = open_recording(sealed(tmp_path / "a.xqr", recorded()[:9000], last=False), KEY, RIGHT)
    assert not sound.whole
    assert sound.data == recorded()[:9000]
    assert packets(one_track(sound.data, 1))


@pytest.mark.promise("R12")
def test_a_changed_byte_another_key_or_another_right_opens_nothing(tmp_path: Path) -> None:
    path = sealed(tmp_path / "a.xqr", recorded())
    assert b"OpusHead" not in path.read_bytes()
    with pytest.raises(Tampered):
        open_recording(path, b"x" * 32, RIGHT)
    with pytest.raises(Tampered):
        open_recording(path, KEY, RecordingDecision("k1", "c2.1", 1, ("rec-1",)))
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(data)
    with pytest.raises(Tampered):
        open_recording(path, KEY, RIGHT)


@given(size=st.integers(1, 1000), first=st.integers(0, 1200), last=st.integers(0, 1200), form=st.sampled_from("abc"))
def test_a_span_is_what_the_player_asked_for(size: int, first: int, last: int, form: str) -> None:
    """Held against RFC 9110's words."""
    text = {"a": f"bytes={first}-{last}", "b": f"bytes={first}-", "c": f"bytes=-{last}"}[form]
    wanted = {
        "a": [at for at in range(size) if first <= at <= last],
        "b": [at for at in range(size) if first <= at],
        "c": [at for at in range(size) if size - last <= at],
    }[form]
    if wanted:
        assert span_of(text, size) == (wanted[0], wanted[-1] + 1)
    else:
        with pytest.raises(ValueError, match="range"):
            span_of(text, size)


@pytest.mark.parametrize("text", ["bytes=0-1,5-9", "lines=1-2"])
def test_what_is_not_understood_is_answered_with_all_of_it(text: str) -> None:
    assert span_of(text, 100) is None
