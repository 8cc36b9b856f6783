"""A taken port is noticed before anything is set up, and said in a sentence."""

import socket
from collections.abc import Iterator

import pytest

from launcher.errors import LaunchError
from launcher.ports import await_free, free_port, get, require_free, url


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """Somebody who listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_a_free_port_is_accepted() -> None:
    require_free("127.0.0.1", free_port())


def test_a_taken_port_is_refused_with_the_way_out(taken: socket.socket) -> None:
    port = taken.getsockname()[1]
    with pytest.raises(LaunchError, match=rf"Port {port} on 127\.0\.0\.1 is taken .*--port"):
        require_free("127.0.0.1", port)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(LaunchError, match="is not a port"):
        require_free("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(LaunchError, match=r"192\.0\.2\.1 is not an address of this machine"):
        require_free("192.0.2.1", free_port())


def test_waiting_for_a_port_ends_when_it_is_given_back(taken: socket.socket) -> None:
    port = taken.getsockname()[1]
    with pytest.raises(LaunchError):
        await_free("127.0.0.1", port, 0)
    taken.close()
    await_free("127.0.0.1", port, 20)


def test_nobody_answering_is_status_0(taken: socket.socket) -> None:
    port = taken.getsockname()[1]
    taken.close()
    assert get("127.0.0.1", port, "/readyz") == (0, "")


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", "http://127.0.0.1:8000"), ("0.0.0.0", "http://127.0.0.1:8000"), ("::", "http://[::1]:8000")],
)
def test_the_printed_address_can_be_opened_here(host: str, expected: str) -> None:
    assert url(host, 8000) == expected
