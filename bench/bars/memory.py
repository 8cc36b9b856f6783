"""T11: memory per idle signed-in socket of ours, beside a plain ASGI echo on the same server."""

import asyncio
from typing import Any

from websockets.asyncio.client import ClientConnection

from bench.bars.idle import idling
from bench.text.arm import answering, reach
from bench.text.cpu import rss_bytes
from bench.text.ours import OurRig, Ours
from launcher.engines import throwaway_engines
from launcher.places import python
from launcher.ports import free_port
from launcher.supervisor import Program, Supervisor

WARM_UP, SETTLE_S = 40, 2.0
ECHO = "bench.peers.echo:application"
UVICORN = "--ws websockets-sansio --loop uvloop --http httptools --ws-per-message-deflate false --log-level warning"
SERVE = {
    "daphne": ("-m", "daphne", "-b", "127.0.0.1", "-p", "{port}", ECHO),
    "uvicorn": ("-m", "uvicorn", ECHO, "--host", "127.0.0.1", "--port", "{port}", *UVICORN.split()),
}


def memory(server: str, sockets: int) -> dict[str, Any]:
    """Kibibytes per socket of both, and their ratio."""
    echo = asyncio.run(_echo(server, sockets))
    with Ours(server).running(1) as rig:
        ours = asyncio.run(_ours(rig, sockets))
    return {
        "server": server,
        "sockets": sockets,
        "ours_kib": round(ours, 1),
        "echo_kib": round(echo, 1),
        "ratio": ours / echo,
    }


async def _ours(rig: OurRig, sockets: int) -> float:
    """Visitors who came in and say nothing."""
    web = [pid for pid in [rig.ships.of("web1").pid("web1")] if pid]
    async with idling(rig, WARM_UP):
        await asyncio.sleep(SETTLE_S)
        before = rss_bytes(web)
        async with idling(rig, sockets):
            await asyncio.sleep(SETTLE_S)
            return (rss_bytes(web) - before) / sockets / 1024


async def _echo(server: str, sockets: int) -> float:
    """Sockets of an application that does nothing but echo."""
    with throwaway_engines() as engines:
        port = free_port()
        argv = (python(), *(word.format(port=port) for word in SERVE[server]))
        with Supervisor([Program("echo", argv)], engines.log) as supervisor:
            answering([port])
            pid = supervisor.pid("echo") or 0
            warm = await _reached(port, WARM_UP)
            await asyncio.sleep(SETTLE_S)
            before = rss_bytes([pid])
            more = await _reached(port, sockets)
            await asyncio.sleep(SETTLE_S)
            grown = rss_bytes([pid]) - before
            for socket in (*warm, *more):
                socket.transport.abort()
            return grown / sockets / 1024


async def _reached(port: int, number: int) -> list[ClientConnection]:
    """Open sockets one after another and say one thing on each."""
    found = []
    for _ in range(number):
        socket = await reach(f"http://127.0.0.1:{port}", "/ws/")
        await socket.send("hello")
        await socket.recv()
        found.append(socket)
    return found
