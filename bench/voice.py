"""`python -m bench voice [--seconds 6] [--calls 10,50] [--stock 2]`: CPU per call of both engines, in one run.

The server is a process of its own; this process is the load, two light peers per call, 50 packets a second each way.
CPU is the server's own (all threads, /proc/PID/task/*/schedstat); a call-second is 100 packets in and 100 out. Delays
are of this very machine: from the load through the server to the load, both sides' event loops included.
"""

import argparse
import asyncio
import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench._voice_peer import EVERY_S, LoadPeer
from chat.domain.lanes import Party, arrange
from chat.voice.contract import Limits, MediaEngine
from chat.voice.control import Arrange, OpenLeg, derive
from chat.voice.node import Node
from chat.voice.switchboard import Line
from kernel.terms import Role

SECRET = derive(b"only for this bench")
IDS = itertools.count(1)
ROUTES = arrange((Party("visitor", Role.VISITOR), Party("counselor", Role.COUNSELOR)), holder="counselor")


async def serve(kind: str) -> None:
    """The server's process: an engine behind a control port, until its input ends."""
    from chat.voice.passthrough import PassthroughEngine  # noqa: PLC0415 - aiortc's memory is not to count here

    engine: MediaEngine
    limits = Limits(calls=1000, lag_ms=1e9)
    if kind == "passthrough":
        engine = PassthroughEngine(lambda fact: None, limits=limits)
    else:
        import aioice.ice  # noqa: PLC0415

        from chat.voice.reference import AiortcEngine  # noqa: PLC0415

        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
        engine = AiortcEngine(lambda fact: None, limits=limits)
    await engine.start()
    node = Node(engine, SECRET)
    print(await node.start("127.0.0.1", 0), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await node.stop()
    await engine.stop()


def cpu_s(pid: int) -> float:
    """CPU time of a process, all threads, in seconds."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def memory_mb(pid: int) -> float:
    """Resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 1e6


async def speak(peers: list[LoadPeer], seconds: float) -> None:
    """Let everybody talk, spread evenly over each 20 ms."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    groups = [peers[start::10] for start in range(10)]
    for count in range(int(seconds / EVERY_S)):
        for place, group in enumerate(groups):
            due = begun + count * EVERY_S + place * EVERY_S / 10
            await asyncio.sleep(max(0.0, due - loop.time()))
            for peer in group:
                peer.speak(peer.begin + count)


async def join(line: Line, kind: str, call: int, role: Role) -> LoadPeer:
    """Connect one leg."""
    peer = LoadPeer(role.value)
    peer.stamped = kind == "passthrough"
    reply = await line.ask(OpenLeg(next(IDS), f"c{call}", peer.name, role, peer.offer()), 20)
    await peer.connect(reply.answer)
    return peer


def start(kind: str) -> "subprocess.Popen[str]":
    """A server of its own process."""
    command = [sys.executable, "-m", "bench.voice", "--serve", kind]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def measure(kind: str, calls: int, seconds: float) -> dict[str, Any]:
    """One engine under one load."""
    server = start(kind)
    assert server.stdin is not None
    assert server.stdout is not None
    peers: list[LoadPeer] = []
    try:
        line = Line(f"127.0.0.1:{server.stdout.readline().strip()}", SECRET)
        before = cpu_s(server.pid)
        for first in range(0, calls, 10):
            called = range(first, min(calls, first + 10))
            peers += await asyncio.gather(
                *(join(line, kind, call, role) for call in called for role in (Role.VISITOR, Role.COUNSELOR))
            )
            for call in called:
                await line.ask(Arrange(next(IDS), f"c{call}", 1, ROUTES), 10)
        setup_ms = 1000 * (cpu_s(server.pid) - before) / calls
        await speak(peers, 1.0)
        await asyncio.sleep(0.1)
        for peer in peers:
            peer.begin = int(1.0 / EVERY_S)
            peer.sent = peer.received = 0
            peer.delays.clear()
        before = cpu_s(server.pid)
        await speak(peers, seconds)
        used = cpu_s(server.pid) - before
        await asyncio.sleep(0.3)
        line.close()
        return report(kind, calls, seconds, used, setup_ms, memory_mb(server.pid), peers)
    finally:
        for peer in peers:
            peer.close()
        server.stdin.close()
        server.wait(20)


def report(
    kind: str, calls: int, seconds: float, used: float, setup_ms: float, memory: float, peers: list[LoadPeer]
) -> dict[str, Any]:
    """Figures of one measurement."""
    delays = sorted(delay for peer in peers for delay in peer.delays)
    sent, received = sum(peer.sent for peer in peers), sum(peer.received for peer in peers)
    per_call_ms = 1000 * used / (calls * seconds)
    out = {
        "engine": kind,
        "calls": calls,
        "cpu_ms_per_call_s": round(per_call_ms, 2),
        "calls_per_core": round(1000 / per_call_ms, 1),
        "core_share": round(used / seconds, 3),
        "setup_cpu_ms_per_call": round(setup_ms, 1),
        "lost": round(max(0.0, 1 - received / sent), 5) if kind == "passthrough" else None,
        "rss_mb": round(memory),
    }
    if delays:
        out["delay_p50_ms"] = round(1000 * delays[len(delays) // 2], 2)
        out["delay_p99_ms"] = round(1000 * delays[int(len(delays) * 0.99)], 2)
    return out


async def run(calls: list[int], stock: int, seconds: float) -> dict[str, Any]:
    """Measure one after another; the ratio is that of the largest number of calls to the stock recipe."""
    found = [await measure("passthrough", count, seconds) for count in calls]
    out: dict[str, Any] = {"engines": found}
    if stock:
        found.append(await measure("aiortc", stock, seconds))
        ratio = found[-1]["cpu_ms_per_call_s"] / found[-2]["cpu_ms_per_call_s"]
        out["calls_per_core_vs_aiortc"] = round(ratio, 1)
    return out


def main(arguments: list[str]) -> None:
    """Measure, or be the server of a measurement."""
    parser = argparse.ArgumentParser(prog="bench voice")
    parser.add_argument("--serve", choices=("passthrough", "aiortc"))
    parser.add_argument("--json", action="store_true", help="one line instead of an indented answer")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--calls", default="10,50")
    parser.add_argument("--stock", type=int, default=2, help="calls on the reference engine; 0 leaves it out")
    options = parser.parse_args(arguments)
    if options.serve:
        asyncio.run(serve(options.serve))
        return
    wanted = [int(part) for part in options.calls.split(",") if part]
    found = asyncio.run(run(wanted, options.stock, options.seconds))
    print(json.dumps(found, indent=None if options.json else 2))


if __name__ == "__main__":
    main(sys.argv[1:])
