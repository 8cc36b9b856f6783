"""Datagrams read many at a call are the same ones that are read one by one, each with its sender."""

import socket
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.voice import inbox as box
from chat.voice.srtp import BUFFER_BYTES
from tests.chat.voice.conftest import Stage

Make = Callable[[socket.socket], box.Inbox | box.PlainInbox]
KINDS = [box.PlainInbox, pytest.param(box.Inbox, marks=pytest.mark.skipif(sys.platform != "linux", reason="recvmmsg"))]
HOSTS = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


def opened(family: socket.AddressFamily) -> socket.socket:
    """A socket on loopback."""
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.bind((HOSTS[family], 0))
    return made


def read(waiting: box.Inbox | box.PlainInbox) -> list[tuple[bytes, bytes]]:
    """Everything that waits, with whom it came from."""
    found: list[tuple[bytes, bytes]] = []
    while (count := waiting.read()) > 0:
        for place in range(count):
            data = bytes(waiting.buffers[place].view[: waiting.sizes[place]])
            found.append((waiting.keys[place].tobytes(), data))
    return found


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("family", HOSTS)
def test_what_was_sent_is_read_in_order_with_its_sender(make: Make, family: socket.AddressFamily) -> None:
    with opened(family) as here, opened(family) as li, opened(family) as chen:
        waiting = make(here)
        assert read(waiting) == []
        said = [(li if n % 3 else chen, bytes([n]) * (n + 1)) for n in range(2 * box.BATCH + 5)]
        for by, words in said:
            by.sendto(words, here.getsockname())
        assert read(waiting) == [(box.spell(by.getsockname()), words) for by, words in said]
        assert read(waiting) == []
        li.sendto(b"again", here.getsockname())
        ((key, words),) = read(waiting)
        assert (box.target(key), words) == (li.getsockname(), b"again")
        here.sendto(b"heard", box.target(key))
        assert li.recv(100) == b"heard"


@pytest.mark.parametrize("make", KINDS)
def test_what_is_too_long_is_cut_and_nothing_beside_it_is_touched(make: Make) -> None:
    with opened(socket.AF_INET) as here, opened(socket.AF_INET) as li:
        waiting = make(here)
        for words in (b"a" * 5000, b"", b"b" * 10):
            li.sendto(words, here.getsockname())
        assert [words for _, words in read(waiting)] == [b"a" * BUFFER_BYTES, b"", b"b" * 10]


def plain(address: bytes) -> str:
    """As the system writes it."""
    return socket.inet_ntop(socket.AF_INET6, address)


ports = st.integers(0, 2**16 - 1)
numbers = st.integers(0, 2**20 - 1)
addresses = st.one_of(
    st.tuples(st.ip_addresses(v=4).map(str), ports),
    st.tuples(st.binary(min_size=16, max_size=16).map(plain), ports, numbers, numbers),
)


@given(addresses, addresses)
def test_a_key_is_an_address_and_no_other(one: tuple[str, int], other: tuple[str, int]) -> None:
    assert box.target(box.spell(one)) == one
    assert (box.spell(one) == box.spell(other)) == (one == other)


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without the call."""
    monkeypatch.setattr(box, "_recvmmsg", None)


async def test_a_call_is_the_same_where_the_system_reads_one_at_a_time(one_at_a_time: None, fast_stage: Stage) -> None:
    await fast_stage.join("visitor", "chen")
    await fast_stage.place("chen")
    await fast_stage.hear(visitor={"chen"}, chen={"visitor"})
