"""TCP ports on this machine, and one plain HTTP question."""

import contextlib
import errno
import http.client
import socket
import time

from launcher.errors import LaunchError


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def require_free(host: str, port: int) -> None:
    """Refuse, in a sentence, an address that cannot be listened on."""
    if not 0 < port < 65536:
        raise LaunchError(f"{port} is not a port: choose one between 1 and 65535 with --port.")
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise LaunchError(f"{host} is not an address of this machine: choose another with --host.") from None
    with socket.socket(family, kind, proto) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except PermissionError:
            raise LaunchError(f"Port {port} needs root: choose one above 1023 with --port.") from None
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise LaunchError(f"{host} is not an address of this machine: choose another with --host.") from None
            raise LaunchError(
                f"Port {port} on {host} is taken ({error.strerror}): "
                "stop what listens there, or choose another with --port."
            ) from None


def await_free(host: str, port: int, seconds: float) -> None:
    """`require_free`, but patient: what holds the address is about to end."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return require_free(host, port)
        except LaunchError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def reachable_host(host: str) -> str:
    """The address to call a server by that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 -- only compared


def own_addresses(host: str) -> list[str]:
    """The addresses a browser reaches this machine at, when a server listens on `host`; asks nobody."""
    if host not in ("0.0.0.0", "::", ""):  # noqa: S104 -- only compared
        return [str(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4][0])]
    found = ["127.0.0.1"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # an address of the documentation: nothing is sent, only a route is chosen
        found.insert(0, str(probe.getsockname()[0]))
    return list(dict.fromkeys(found))


def url(host: str, port: int) -> str:
    """The address a browser on this machine opens."""
    host = reachable_host(host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def get(host: str, port: int, path: str, timeout: float = 5.0) -> tuple[int, str]:
    """GET without proxies: status and body; status 0 when nobody answers."""
    connection = http.client.HTTPConnection(reachable_host(host), port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(4000).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()
