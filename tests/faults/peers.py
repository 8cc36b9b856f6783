"""What the tests of hostile peers do again and again: raw sockets, what a process weighs, how long an echo takes."""

import asyncio
import base64
import json
import os
import re
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.client import visitor
from tests.faults.fleet import Fleet

SUBPROTOCOL: Any = "xinqiao.v1"
MIB = 1024 * 1024
TEXT, CONT, PING, FINAL = 0x1, 0x0, 0x9, 0x80
Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def rss(ships: Fleet, name: str = "web1") -> int:
    """Resident memory of a process in bytes."""
    status = Path(f"/proc/{ships.supervisor.pid(name)}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


@asynccontextmanager
async def raw(url: str, headers: dict[str, str], **options: Any) -> AsyncIterator[ClientConnection]:
    """A socket that says only what the test says."""
    socket = await connect(
        f"{url.replace('http', 'ws', 1)}/ws/contact/",
        subprotocols=options.pop("subprotocols", [SUBPROTOCOL]),
        additional_headers=headers,
        ping_interval=None,
        proxy=None,
        close_timeout=1,
        **options,
    )
    try:
        yield socket
    finally:
        with suppress(Exception):
            await socket.close()


async def close_code(socket: ClientConnection) -> int | None:
    """Read until the server closes; answers its code."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(20):
            while True:
                await socket.recv()
    return socket.close_code


async def opened(url: str) -> tuple[str, dict[str, str]]:
    """A visitor's contact and the header that opens it."""
    contact, peer = await visitor(url)
    return contact, peer._headers


async def pongs(socket: ClientConnection, seconds: float) -> list[float]:
    """Ping for a while; the seconds each answer took."""
    waits, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        asked = time.monotonic()
        await socket.send('{"op":"ping"}')
        async with asyncio.timeout(10):
            while json.loads(await socket.recv())["op"] != "pong":
                pass
        waits.append(time.monotonic() - asked)
        await asyncio.sleep(0.05)
    return waits


def frame(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """A frame as a client sends it; masked with zeros, which leaves the payload as it is."""
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack("!H", len(payload))
    return bytes([opcode | (FINAL if final else 0)]) + size + bytes(4) + payload


@asynccontextmanager
async def bare(ships: Fleet, headers: dict[str, str] | None = None) -> AsyncIterator[Wire]:
    """A TCP connection on which a visitor's handshake was done by hand, and `hello` said."""
    if headers is None:
        _, headers = await opened(ships.webs[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", ships.ports[0], limit=4096)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = ["GET /ws/contact/ HTTP/1.1", f"Host: 127.0.0.1:{ships.ports[0]}", "Upgrade: websocket"]
    lines += ["Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
    lines += ["Sec-WebSocket-Protocol: xinqiao.v1", f"Authorization: {headers['Authorization']}", "", ""]
    writer.write("\r\n".join(lines).encode())
    assert b" 101 " in await reader.readline()
    writer.write(frame(TEXT, b'{"op":"hello"}'))
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
