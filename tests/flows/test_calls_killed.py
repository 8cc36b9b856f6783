"""A media worker that is killed under a call: the real process, the real signal."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from kernel import clock
from kernel.lease import STALE_AFTER
from server import calls
from tests.chat.voice.peers import PATIENT_S, Peer, eventually, stay_on_loopback
from tests.flows.calls import TONES, Exchange, exchange
from tests.flows.test_calls import talking

ROOT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """What a process needs to work on this test's own database."""
    at = connection.settings_dict
    who = f"{quote(str(at['USER']))}:{quote(str(at['PASSWORD']))}"
    url = f"postgresql://{who}@{at['HOST'] or '127.0.0.1'}:{at['PORT'] or 5432}/{quote(str(at['NAME']))}"
    folders = {"KEYS_DIR": str(settings.KEYS_DIR), "RECORDINGS_DIR": str(settings.RECORDINGS_DIR)}
    return {**os.environ, "DATABASE_URL": url, **folders, "VOICE_PORT": "0"}


@asynccontextmanager
async def workers(h: Exchange, count: int) -> AsyncIterator[dict[str, "subprocess.Popen[str]"]]:
    """Real media workers, by name."""
    env = environment()
    command = [sys.executable, "manage.py", "runvoice"]
    started = [_start(command, env) for _ in range(count)]
    try:
        lines = await asyncio.gather(*(asyncio.to_thread(_first_line, process) for process in started))
        board = calls.exchange(h.hub).board
        async with asyncio.timeout(PATIENT_S):
            while len(await board.workers(clock.now())) < count:
                await asyncio.sleep(0.05)
        yield dict(zip((line.split()[-1] for line in lines), started, strict=True))
    finally:
        for process in started:
            process.kill()
            process.communicate()


def _start(command: list[str], env: dict[str, str]) -> "subprocess.Popen[str]":
    """Start a process whose words are read."""
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)


def _first_line(process: "subprocess.Popen[str]") -> str:
    """What it says when it is ready."""
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.faults
async def test_a_killed_worker_costs_a_moment_of_the_call_and_nothing_else(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stay_on_loopback(monkeypatch)
    async with exchange(workers=0) as h, workers(h, 2) as running:
        visitor, chen, call = await talking(h)
        await h.hear(visitor={"chen"}, chen={"visitor"})
        node = (await h.state("session", visitor.actor)).call.node
        loop = asyncio.get_running_loop()
        killed = loop.time()
        running[node].kill()
        for person in (visitor, chen):
            await person.until(lambda _frame, person=person: len(person.events("call.placed")) == 2)  # type: ignore[misc]  # a default keeps this one
        told = loop.time()
        for person in (visitor, chen):
            assert (await person.offer(call))["op"] == "reply"
        assert await eventually(lambda: visitor.hears() == {"chen"} and chen.hears() == {"visitor"})
        print(f"told after {told - killed:.3f} s, audio again after {loop.time() - killed:.3f} s")
        assert loop.time() - killed < STALE_AFTER.total_seconds(), "nobody waited for a lease to end"
        state = (await h.state("session", visitor.actor)).call
        assert (state.call, state.phase, state.node != node) == (call, "live", True)


@pytest.mark.faults
async def test_a_frozen_worker_is_left_as_soon_as_a_page_offers_again(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing breaks, nobody answers: the page hears silence and offers again."""
    stay_on_loopback(monkeypatch)
    async with exchange(workers=0) as h, workers(h, 2) as running:
        visitor, chen, call = await talking(h)
        await h.hear(visitor={"chen"}, chen={"visitor"})
        node = (await h.state("session", visitor.actor)).call.node
        loop = asyncio.get_running_loop()
        before = [person.peer for person in (visitor, chen)]
        fresh = [Peer(person.name, TONES[person.name]) for person in (visitor, chen)]
        offers = [await peer.offer() for peer in fresh]
        running[node].send_signal(signal.SIGSTOP)
        try:
            offered = loop.time()
            answer = asyncio.create_task(visitor.do("call.offer", call=call, sdp=offers[0]))
            assert (await visitor.do("message.post", text="我还在写字。"))["op"] == "ack"
            assert not answer.done(), "who writes does not wait for a worker"
            said = [await answer, await chen.do("call.offer", call=call, sdp=offers[1])]
            print(f"both answered {loop.time() - offered:.3f} s after the first offer")
            for person, peer, reply in zip((visitor, chen), fresh, said, strict=True):
                person.peer = peer
                await peer.take(reply["body"]["sdp"])
            assert await eventually(lambda: visitor.hears() == {"chen"} and chen.hears() == {"visitor"})
            assert (await h.state("session", visitor.actor)).call.node != node
        finally:
            running[node].send_signal(signal.SIGCONT)
            await asyncio.gather(*(peer.stop() for peer in before if peer is not None))
        # Awake again it finds that the call lives elsewhere, and lets go of it.
        await h.hear(visitor={"chen"}, chen={"visitor"})
