"""Without a socket: one request says and hears what a socket would, keeps the lease, and is bounded."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.db import connections
from django.test import AsyncClient

from accounts import store as accounts
from accounts.orm import off_loop
from chat.messages import OpenContact
from kernel import clock, ids
from kernel.decider import Address
from kernel.hub import Hub
from kernel.terms import Actor, Medium, Role
from queueing.models import Line
from server import exchange, wiring
from tests.server.test_presence import away

Ask = Callable[..., Awaitable[tuple[int, Any]]]


def told(story: Callable[[Hub, str, Ask], Awaitable[None]]) -> None:
    """A visitor with a contact and nothing but requests."""

    async def whole() -> None:
        exchange._buckets.clear()
        hub = await wiring.hub()
        try:
            contact, now = ids.contact_id(), clock.now()
            token = await accounts.aissue_visitor_token(contact, now)
            visitor = Actor(Role.VISITOR, contact)
            await hub.engine.submit(
                Address("session", contact), OpenContact("main", Medium.TEXT, "zh-Hans"), visitor, now, "open"
            )
            client = AsyncClient()

            async def ask(body: Any = None, bearer: str = token, **wish: Any) -> tuple[int, Any]:
                """One request; status and what it said."""
                answer = await client.post(
                    "/api/v1/exchange",
                    data=body if body is not None else json.dumps(wish),
                    content_type="application/json",
                    headers={"Authorization": f"Bearer {bearer}"},
                )
                return answer.status_code, answer.json()

            await story(hub, contact, ask)
        finally:
            await wiring.stop()
            await off_loop(connections.close_all)

    asyncio.run(whole())


def do(number: int, contact: str, **command: Any) -> dict[str, Any]:
    """A command frame."""
    return {"op": "do", "id": f"m{number}", "to": f"session.{contact}", "command": command}


@pytest.mark.promise("R1")
def test_what_is_said_is_answered_and_heard_once_however_often_it_is_sent(transactional_db: None) -> None:
    async def story(_hub: Hub, contact: str, ask: Ask) -> None:
        feed = f"session.{contact}"
        said = do(1, contact, type="message.post", text="没有信号，只能这样说")
        status, first = await ask(hello=True, say=[said])
        assert status == 200
        ops = [frame["op"] for frame in first["frames"]]
        assert (ops[0], ops[1]) == ("welcome", "ack")
        assert first["frames"][0]["you"]["id"] == contact
        events = [frame for frame in first["frames"] if frame["op"] == "event" and frame["feed"] == feed]
        assert [frame["event"]["type"] for frame in events][-1] == "message.posted"
        assert [frame["prev"] for frame in events] == [0, *[frame["seq"] for frame in events[:-1]]]
        last = events[-1]["seq"]
        _, again = await ask(after={feed: last}, say=[said])
        assert [frame["op"] for frame in again["frames"] if frame.get("feed", feed) == feed] == ["ack"]
        assert again["frames"][0]["seq"] == first["frames"][1]["seq"]

    told(story)


@pytest.mark.promise("R2")
def test_asking_holds_the_lease_that_a_socket_would(transactional_db: None) -> None:
    async def story(hub: Hub, contact: str, ask: Ask) -> None:
        assert not await hub.leases.is_present(f"visitor:{contact}", clock.now())
        await ask()
        assert await hub.leases.is_present(f"visitor:{contact}", clock.now())

    told(story)


@pytest.mark.promise("R10")
def test_bad_requests_are_refused_without_repeating_them_and_floods_are_slowed(transactional_db: None) -> None:
    async def story(_hub: Hub, contact: str, ask: Ask) -> None:
        for body in ("{", "[]", '{"say": [{"op": "do"}]}', '{"secret": "不该重复"}', " " * 70_000):
            status, answer = await ask(body)
            assert (status, answer) == (422, {"code": "malformed"})
        status, answer = await ask(say=[do(1, "cOTHER", type="message.post", text="x")])
        assert (status, answer["frames"][0]["code"]) == (200, "unknown_feed")
        assert (await ask(bearer="wrong"))[0] == 401
        statuses = [(await ask())[0] for _ in range(int(exchange.BURST) + 5)]
        assert statuses[0] == 200
        assert statuses[-1] == 429

    told(story)


@pytest.mark.promise("R2")
def test_whoever_opens_a_contact_and_never_comes_is_away_and_keeps_no_counselor(transactional_db: None) -> None:
    """Where the answer to the opening is lost, the page opens anew: somebody would have waited with a ghost in hand."""
    from server.clockwork import Clock
    from server.wiring import conninfo

    async def opened() -> str:
        await off_loop(lambda: Line.objects.get_or_create(id="main", name_zh="热线", name_en="Line"))
        answer = await AsyncClient().post(
            "/api/v1/contacts",
            data=json.dumps({"line": "main"}),
            content_type="application/json",
            headers={"X-Client": "app"},
        )
        return str(answer.json()["contact"])

    async def story(hub: Hub, _contact: str, _ask: Ask) -> None:
        session = Address("session", await opened())
        clocked = Clock(hub, conninfo())
        await clocked._notice_the_gone(clock.now())
        assert not await away(hub, session), "there is time to come"
        await hub.store.fetch("UPDATE kernel_lease SET seen_at = seen_at - interval '16 s' RETURNING 1", ())
        await clocked._notice_the_gone(clock.now())
        assert await away(hub, session)

    told(story)
