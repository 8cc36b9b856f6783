"""The voice bench: its histogram, its percentiles, a real call through a server's own process, a path that vanishes."""

import contextlib
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.voice import janus, ours
from bench.voice.black_hole import BlackHole
from bench.voice.delays import PER_MS, Delays
from bench.voice.house import told
from bench.voice.load import stretch
from bench.voice.table import BARS


@given(st.lists(st.floats(0, 1.5), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_quantile_of_delays_is_within_a_slot_of_the_one_by_sorting(seconds: list[float], share: float) -> None:
    delays = Delays()
    for each in seconds:
        delays.add(each)
    rank = next(n for n in range(1, len(seconds) + 1) if n >= share * len(seconds))
    assert abs(delays.quantile_ms(share) - 1000 * sorted(seconds)[rank - 1]) <= 1.001 / PER_MS


def test_the_95th_percentile_of_twenty_tries_is_the_nineteenth() -> None:
    (found,) = told("V13", [float(n) for n in range(20, 0, -1)])
    assert (found["value"], found["most_ms"], found["times"], found["holds"]) == (19.0, 20.0, 20, True)
    assert told("V13", [500.0])[0]["holds"] is False


def test_where_janus_is_missing_the_reason_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "apt-get install janus" in janus.absent()
    assert {bar for bar in BARS if bar.startswith("V")} == {f"V{n}" for n in range(1, 17)}


async def test_a_call_goes_through_a_server_of_its_own_and_nothing_is_lost() -> None:
    async with ours.running() as rig:
        await rig.grow(1)
        found = await stretch(rig.arm, 0.4)
    assert found.received == found.sent == 40
    assert found.cpu_s > 0
    assert rig.arm.delays.number >= 40


def test_a_path_that_vanished_stays_so_and_a_new_one_leads_through() -> None:
    with contextlib.closing(BlackHole()) as hole, contextlib.ExitStack() as stack:
        worker, old, new = (stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for _ in range(3))
        for each in (worker, old, new):
            each.bind(("127.0.0.1", 0))
            each.settimeout(5)
        hole.target = worker.getsockname()[1]
        old.sendto(b"one", ("127.0.0.1", hole.port))
        said, way = worker.recvfrom(100)
        worker.sendto(b"two", way)
        assert (said, old.recv(100)) == (b"one", b"two")
        hole.cut()
        old.sendto(b"three", ("127.0.0.1", hole.port))
        worker.sendto(b"four", way)
        new.sendto(b"five", ("127.0.0.1", hole.port))
        assert worker.recv(100) == b"five"
        old.settimeout(0.2)
        with pytest.raises(TimeoutError):
            old.recv(100)
