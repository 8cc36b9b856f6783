"""The text plane beside the tutorial's Channels chat: CPU per durable message, in pairs of short phases.

Both stand on PostgreSQL with fsync on and a Valkey of their own, two web processes each; the two parties of a
conversation are on different processes. A message counts when it was acknowledged to its sender and shown to the
other side; the tutorial's chat runs in its careful order (save, tell, acknowledge). Servers are pinned to one
core, the load to the other; figures are ratios of CPU per message within one run.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import psycopg
from websockets.asyncio.client import ClientConnection, connect

from tests.faults import tutorial
from tests.faults.drill import _open
from tests.faults.fleet import Fleet
from tests.faults.fleet import fleet as our_fleet

WORDS = "今天又加班到很晚，回到家谁也不想理，躺下全是工作上的事，翻来覆去睡不着，心里堵得慌，也不知道跟谁说。"
TICKS = os.sysconf("SC_CLK_TCK")
SUBPROTOCOL: Any = "xinqiao.v1"


def cpu_s(pids: list[int]) -> float:
    """CPU seconds of processes and everything below them, the dead children of PostgreSQL included."""
    total, todo = 0.0, list(pids)
    while todo:
        pid = todo.pop()
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(field) for field in fields[11:15]) / TICKS
            todo += [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return total


def pin(pids: list[int], core: int) -> None:
    """Put processes and everything below them on one core."""
    todo = list(pids)
    while todo:
        pid = todo.pop()
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{pid}/task"):
                os.sched_setaffinity(int(task), {core})
            todo += [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def leaders(ships: Fleet) -> list[int]:
    """The processes of a fleet."""
    names = [("web1", ships.supervisor), ("web2", ships.supervisor), ("clock1", ships.supervisor)]
    names += [
        ("clock2", ships.supervisor),
        ("postgres", ships.engines.supervisor),
        ("valkey", ships.engines.supervisor),
    ]
    return [pid for name, owner in names if (pid := owner.pid(name))]


class Pair:
    """One conversation: `send` says something and returns when it was acknowledged and shown to the other side."""

    def __init__(
        self, speaker: ClientConnection, frame: Callable[[str], str], acked: Callable[[Any], str | None]
    ) -> None:
        """`frame` spells a message with an id; `acked` reads an acknowledgement's id."""
        self._speaker, self._frame, self._acked = speaker, frame, acked
        self._count = 0
        self._said: dict[str, asyncio.Future[float]] = {}
        self.shown: asyncio.Queue[float] = asyncio.Queue()

    async def listen(self) -> None:
        """Take acknowledgements."""
        async for raw in self._speaker:
            frame = json.loads(raw)
            if frame.get("op") == "refused":  # too fast for one person: come again as told
                await asyncio.sleep(frame["retry_ms"] / 1000)
                await self._speaker.send(self._frame(frame["id"]))
                continue
            cid = self._acked(frame)
            if cid in self._said and not self._said[cid].done():
                self._said[cid].set_result(time.perf_counter())

    async def send(self) -> tuple[float, float]:
        """Say one thing; seconds until the acknowledgement and until the other side saw it."""
        self._count += 1
        cid = f"b{self._count}"
        answer = self._said[cid] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await self._speaker.send(self._frame(cid))
        async with asyncio.timeout(30):
            acked, shown = await answer, await self.shown.get()
        del self._said[cid]
        return acked - began, shown - began


@contextlib.asynccontextmanager
async def our_pairs(ships: Fleet, cookies: dict[str, str], count: int) -> AsyncIterator[list[Pair]]:
    """Visitors on the first web process, counselors on the second, everybody in a talk."""
    sockets: list[ClientConnection] = []
    pairs: dict[str, Pair] = {}

    async def join(url: str, door: str, headers: dict[str, str]) -> ClientConnection:
        address = f"{url.replace('http', 'ws', 1)}/ws/{door}/"
        socket = await connect(
            address,
            subprotocols=[SUBPROTOCOL],
            origin=cast(Any, url),
            additional_headers=headers,
            ping_interval=None,
            proxy=None,
        )
        sockets.append(socket)
        await socket.send('{"op":"hello"}')
        return socket

    async def counsel(name: str, socket: ClientConnection) -> None:
        await socket.send(json.dumps(_do("ready", "desk.main", {"type": "seat.ready", "slots": 4})))
        async for raw in socket:
            frame = json.loads(raw)
            event = frame.get("event", {})
            if event.get("type") == "offer.rung" and event["counselor"] == name:
                await socket.send(
                    json.dumps(_do(event["offer"], "desk.main", {"type": "offer.accept", "offer": event["offer"]}))
                )
            elif event.get("type") == "message.posted" and frame["feed"] in pairs:
                pairs[frame["feed"]].shown.put_nowait(time.perf_counter())

    tasks = [
        asyncio.create_task(counsel(name, await join(ships.webs[1], "console", {"Cookie": cookie})))
        for name, cookie in cookies.items()
    ]
    for _ in range(count):
        contact, headers = await _open(ships.webs[0])
        socket = await join(ships.webs[0], "contact", headers)
        await socket.send(json.dumps(_do("in", f"case.{contact}", {"type": "intake.submit", "thoughts": "no"})))
        while json.loads(await socket.recv()).get("event", {}).get("type") != "counselor.joined":
            pass
        feed = f"session.{contact}"
        pairs[feed] = Pair(
            socket,
            lambda cid, feed=feed: json.dumps(
                _do(cid, feed, {"type": "message.post", "text": WORDS}), ensure_ascii=False
            ),  # type: ignore[misc]
            lambda frame: frame["id"] if frame["op"] == "ack" else None,
        )
    tasks += [asyncio.create_task(pair.listen()) for pair in pairs.values()]
    try:
        yield list(pairs.values())
    finally:
        await _end(tasks, sockets)


@contextlib.asynccontextmanager
async def tutorial_pairs(ships: Fleet, count: int) -> AsyncIterator[list[Pair]]:
    """Rooms of two, one on each web process."""
    sockets, tasks, pairs = [], [], []
    for number in range(count):
        ends = [
            await connect(
                f"{url.replace('http', 'ws', 1)}/ws/durable/r{number}/{side}/",
                origin=cast(Any, url),
                ping_interval=None,
                proxy=None,
            )
            for side, url in zip("ab", ships.webs, strict=True)
        ]
        sockets += ends
        pair = Pair(
            ends[0],
            lambda cid: json.dumps({"id": cid, "text": WORDS}, ensure_ascii=False),
            lambda frame: frame.get("ack"),
        )

        async def watch(socket: ClientConnection, pair: Pair) -> None:
            async for _ in socket:
                pair.shown.put_nowait(time.perf_counter())

        tasks += [asyncio.create_task(pair.listen()), asyncio.create_task(watch(ends[1], pair))]
        pairs.append(pair)
    try:
        yield pairs
    finally:
        await _end(tasks, sockets)


async def _end(tasks: list[asyncio.Task[None]], sockets: list[ClientConnection]) -> None:
    """Stop listening and hang up."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.gather(*(socket.close() for socket in sockets), return_exceptions=True)


def _do(cid: str, to: str, command: dict[str, Any]) -> dict[str, Any]:
    """Spell a command frame."""
    return {"op": "do", "id": cid, "to": to, "command": command}


class Phase:
    """What one short stretch of load measured."""

    def __init__(self, waits: list[tuple[float, float]], cpu: float, wall: float) -> None:
        """Seconds until ack and until shown per message, CPU seconds of all servers, wall seconds."""
        self.messages = len(waits)
        self.cpu_us = 1e6 * cpu / max(1, len(waits))
        self.per_s = len(waits) / wall
        self.busy = cpu / wall
        ordered = sorted(shown * 1000 for _, shown in waits) or [0.0]
        self.shown_p50_ms, self.shown_p99_ms = ordered[len(ordered) // 2], ordered[int(0.99 * (len(ordered) - 1))]
        acks = sorted(ack * 1000 for ack, _ in waits) or [0.0]
        self.ack_p50_ms, self.ack_p99_ms = acks[len(acks) // 2], acks[int(0.99 * (len(acks) - 1))]


async def phase(pairs: list[Pair], pids: list[int], seconds: float, rate: float | None) -> Phase:
    """Load for a while: each pair keeps one message outstanding, or all of them share a fixed rate."""
    waits: list[tuple[float, float]] = []
    stop = time.perf_counter() + seconds
    gap = len(pairs) / rate if rate else 0.0

    async def one(number: int, pair: Pair) -> None:
        due = time.perf_counter() + gap * number / len(pairs)
        while due < stop:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            late = time.perf_counter() - due if rate else 0.0
            acked, shown = await pair.send()
            waits.append((acked + late, shown + late))
            due = due + gap if rate else time.perf_counter()

    before, began = cpu_s(pids), time.perf_counter()
    await asyncio.gather(*(one(number, pair) for number, pair in enumerate(pairs)))
    return Phase(waits, cpu_s(pids) - before, time.perf_counter() - began)


def main(argv: list[str]) -> None:
    """Run and print a table on stderr, one JSON object on stdout."""
    parser = argparse.ArgumentParser(prog="bench text")
    parser.add_argument("--json", action="store_true", help="kept for symmetry: the last line is always JSON")
    parser.add_argument("--pairs", type=int, default=32, help="conversations")
    parser.add_argument("--rounds", type=int, default=5, help="ABBA rounds per regime")
    parser.add_argument("--seconds", type=float, default=2.5, help="length of a phase")
    options = parser.parse_args(argv)
    with _fleets(options.pairs) as (ours, cookies, theirs):
        found = asyncio.run(_measure(ours, cookies, theirs, options))
    print(json.dumps(found))


@contextlib.contextmanager
def _fleets(pairs: int) -> Iterator[tuple[Fleet, dict[str, str], Fleet]]:
    """Both fleets, running and pinned."""
    with our_fleet() as ours, tutorial.fleet() as theirs:
        cookies = ours.prepare(-(-pairs // 4))
        ours.supervisor.start()
        theirs.supervisor.start()
        deadline = time.monotonic() + 60
        while not ours.ready():
            if time.monotonic() > deadline:
                sys.exit("our fleet did not become ready")
            time.sleep(0.2)
        for ships in (ours, theirs):
            pin(leaders(ships), 0)
        os.sched_setaffinity(0, {1})
        try:
            yield ours, cookies, theirs
        finally:
            ours.supervisor.stop()
            theirs.supervisor.stop()


async def _measure(ours: Fleet, cookies: dict[str, str], theirs: Fleet, options: Any) -> dict[str, Any]:
    """Both regimes, ABBA, then the check that every message that counted is in the database."""
    found: dict[str, Any] = {"pairs": options.pairs, "rounds": options.rounds, "phase_s": options.seconds}
    sent = {"ours": 0, "tutorial": 0}
    async with our_pairs(ours, cookies, options.pairs) as us, tutorial_pairs(theirs, options.pairs) as them:
        arms = {"ours": (us, leaders(ours)), "tutorial": (them, leaders(theirs))}
        for ships in (ours, theirs):
            pin(leaders(ships), 0)
        for regime, rate in (("saturated", None), ("50/s", 50.0)):
            phases: dict[str, list[Phase]] = {"ours": [], "tutorial": []}
            for _ in range(options.rounds):
                for arm in ("ours", "tutorial", "tutorial", "ours"):
                    pairs, pids = arms[arm]
                    phases[arm].append(await phase(pairs, pids, options.seconds, rate))
                    sent[arm] += phases[arm][-1].messages
            found[regime] = _summary(phases)
            print(regime, json.dumps(found[regime]), file=sys.stderr, flush=True)
    found["rows"] = {
        "ours": _rows(ours, "kernel_logrow WHERE kind = 'message.posted'"),
        "tutorial": _rows(theirs, "tutorial_message"),
    }
    found["sent"] = sent
    found["void"] = found["rows"] != sent
    return found


def _rows(ships: Fleet, table: str) -> int:
    """How many messages are stored."""
    with psycopg.connect(ships.env["DATABASE_URL"]) as link:
        row = link.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _summary(phases: dict[str, list[Phase]]) -> dict[str, Any]:
    """Medians per arm, and the ratio pair by pair."""
    names = ("cpu_us", "per_s", "busy", "ack_p50_ms", "ack_p99_ms", "shown_p50_ms", "shown_p99_ms")
    summary: dict[str, Any] = {
        arm: {name: round(statistics.median(getattr(one, name) for one in measured), 2) for name in names}
        for arm, measured in phases.items()
    }
    ratios = [b.cpu_us / a.cpu_us for a, b in zip(phases["ours"], phases["tutorial"], strict=True)]
    summary["tutorial/ours cpu"] = {
        "median": round(statistics.median(ratios), 2),
        "min": round(min(ratios), 2),
        "max": round(max(ratios), 2),
    }
    return summary
