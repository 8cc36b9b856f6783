"""T12: everybody comes back at once: signed in, let in, and shown the last twenty messages; CPU per return.

Ours does more for it: a lease that says who is there, four feeds followed, the session told that its visitor is back.
"""

import asyncio
import contextlib
import json
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import psycopg

from bench.text.arm import answering, reach
from bench.text.cpu import SERVERS, cpu_s, pin
from bench.text.ours import SUBPROTOCOL, OurRig, do, frame_of, open_contacts
from bench.text.pairs import SENTENCES
from launcher.engines import throwaway_engines
from launcher.places import ROOT, python
from launcher.ports import free_port
from launcher.supervisor import Program, Supervisor
from tests.faults.tutorial import TABLE

STOCK = "bench.peers.tutorial.returning:application"
PEOPLE, RETURNS, AT_ONCE, MISSED = 24, 240, 50, 20
Come = Callable[[int], Awaitable[None]]
SIGN_IN = """
import json
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
keys = []
for number in range(%d):
    user = get_user_model().objects.create(username=f"back{number}")
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session.create()
    keys.append(session.session_key)
print("KEYS " + json.dumps(keys))
"""


async def storm(come: Come, pids: list[int]) -> float:
    """CPU microseconds of all servers per return."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with gate, asyncio.timeout(60):
            await come(number % PEOPLE)

    await asyncio.gather(*(one(number) for number in range(PEOPLE)))  # once, so that nothing is done for the first time
    before = cpu_s(pids)
    await asyncio.gather(*(one(number) for number in range(RETURNS)))
    return 1e6 * (cpu_s(pids) - before) / RETURNS


async def ours(rig: OurRig) -> float:
    """Visitors with twenty messages each."""
    contacts = await open_contacts(rig.ships.webs[0], PEOPLE)
    for contact, headers in contacts:
        socket = await reach(rig.ships.webs[0], "/ws/contact/", headers, SUBPROTOCOL)
        await socket.send('{"op":"hello"}')
        for number in range(MISSED):
            said = {"type": "message.post", "text": SENTENCES[number % len(SENTENCES)]}
            await socket.send(do(f"m{number}", f"session.{contact}", said))
        for _ in range(MISSED):
            while frame_of(await socket.recv()).op != "ack":
                pass
        await socket.close()

    async def come(number: int) -> None:
        socket = await reach(rig.ships.webs[0], "/ws/contact/", contacts[number][1], SUBPROTOCOL)
        await socket.send('{"op":"hello"}')
        for _ in range(MISSED):
            while frame_of(await socket.recv()).event.type != "message.posted":
                pass
        await socket.close()

    return await storm(come, rig.pids())


def stock() -> float:
    """The tutorial's people with twenty messages each."""
    with _tutorial() as (url, keys, pids):

        async def come(number: int) -> None:
            socket = await reach(url, f"/ws/back/r{number}/", {"Cookie": f"sessionid={keys[number]}"})
            assert len(json.loads(await socket.recv())["history"]) == MISSED
            await socket.close()

        return asyncio.run(storm(come, pids))


@contextlib.contextmanager
def _tutorial() -> Iterator[tuple[str, list[str], list[int]]]:
    """One stock Daphne with sign-in, and people who have said something."""
    with throwaway_engines() as engines:
        settings = {"DJANGO_SETTINGS_MODULE": "bench.peers.tutorial.returning_settings"}
        env: dict[str, str] = engines.environment() | settings
        _django(env, "migrate", "--noinput", "--verbosity", "0")
        rows = [(f"r{n}", "a", SENTENCES[m % len(SENTENCES)]) for n in range(PEOPLE) for m in range(MISSED)]
        with psycopg.connect(engines.urls.database, autocommit=True) as link:
            link.execute(TABLE)
            link.cursor().executemany("INSERT INTO tutorial_message (room, author, text) VALUES (%s, %s, %s)", rows)
        said = _django(env, "shell", "--no-imports", "-c", SIGN_IN % PEOPLE)
        keys = json.loads(next(line for line in said.splitlines() if line.startswith("KEYS "))[5:])
        port = free_port()
        serve = (
            python(),
            "-m",
            "daphne",
            "-b",
            "127.0.0.1",
            "-p",
            str(port),
            "bench.peers.tutorial.returning:application",
        )
        with Supervisor([Program("web", serve, env=env)], engines.log) as webs:
            answering([port])
            found: list[Any] = [webs.pid("web"), engines.supervisor.pid("postgres"), engines.supervisor.pid("valkey")]
            pin(found, SERVERS)
            yield f"http://127.0.0.1:{port}", keys, found


def _django(env: dict[str, str], *args: str) -> str:
    """A management command of the tutorial's."""
    argv = [python(), "-m", "django", *args]
    return subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True, check=True).stdout
