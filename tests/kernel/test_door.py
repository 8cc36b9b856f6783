"""One socket from handshake to goodbye, over a plain ASGI conversation."""

import asyncio
import json
from typing import Any

import pytest

from kernel import door
from kernel.door import BURST_FRAMES, MALFORMED_LIMIT
from kernel.errors import NotPermitted, Refused, Unavailable
from kernel.outbound import BYTE_LIMIT
from kernel.wire import FRAME_LIMIT_BYTES, Close
from kernel.worklist import LINGERING_LIMIT
from tests.kernel.conversation import FEED, Frame, House, Porter, Slow, visit
from tests.kernel.world import READER


async def test_a_visit_welcomes_acknowledges_shows_and_lets_go() -> None:
    porter = Porter()
    async with visit(porter) as (call, house):
        call.do("a1", "一", "二")
        await call.until(lambda: len(call.of("event")) == 2)
        call.do("a1", "一", "二")
        call.say({"op": "ping"})
        await call.until(lambda: len(call.of("ack")) == 2 and call.of("pong"))
        assert call.frames[0]["op"] == "welcome"
        assert call.frames[0]["feeds"] == [FEED]
        assert [ack["seq"] for ack in call.of("ack")] == [2, 2]
        assert call.of("pong")[0]["heads"] == {FEED: 2}
        assert len(call.of("event")) == 2
        assert porter.inside == 1
        assert house.room.ids == [f"a1/{READER.id}"] * 2, "a client's id counts for that person only"
    assert porter.inside == 0
    assert house.registry.live == ()


async def test_hello_says_where_the_client_stands() -> None:
    house = House()
    house.room.append(FEED, 5)
    async with visit(house=house, hello={"op": "hello", "resume": {FEED: 3}}) as (call, _):
        await call.until(lambda: len(call.of("event")) == 2)
        call.say({"op": "resume", "feed": FEED, "after": 0})
        await call.until(lambda: len(call.of("event")) == 7)
        assert [frame["seq"] for frame in call.of("event")] == [4, 5, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (NotPermitted("forbidden_origin"), Close.FORBIDDEN),
        (NotPermitted("forbidden_role"), Close.FORBIDDEN),
        (Unavailable("x"), Close.RESTART),
    ],
)
@pytest.mark.promise("R8")
async def test_who_may_not_enter_is_turned_away_with_what_to_do_next(fault: Exception, code: int) -> None:
    async with visit(Porter(fault=fault)) as (call, _):
        await call.until(lambda: call.closed)
        assert call.closed == code
        assert call.frames == []


async def test_a_ticket_in_the_first_frame_opens_where_there_is_no_cookie() -> None:
    async with visit(Porter(early=False), hello={"op": "hello", "ticket": "good"}) as (call, _):
        await call.until(lambda: call.of("welcome"))
    async with visit(Porter(early=False), hello={"op": "hello", "ticket": "bad"}) as (call, _):
        await call.until(lambda: call.closed)
        assert call.closed == Close.SIGN_IN


@pytest.mark.promise("R10")
@pytest.mark.parametrize("first", ["{", {"op": "ping"}, {"op": "do", "id": "a", "to": FEED, "command": {}}])
async def test_a_socket_that_does_not_say_hello_is_closed(first: Any) -> None:
    async with visit(hello=first) as (call, _):
        await call.until(lambda: call.closed)
        assert call.closed == Close.MALFORMED
        assert call.frames == []


async def test_another_protocol_is_closed_before_anything_is_read() -> None:
    async with visit(protocol="soap") as (call, _):
        await call.until(lambda: call.closed)
        assert call.closed == Close.MALFORMED


@pytest.mark.promise("R10")
async def test_malformed_frames_are_answered_and_after_several_the_socket_is_closed() -> None:
    async with visit() as (call, house):
        call.do("good", "一")
        for _ in range(MALFORMED_LIMIT - 1):
            call.say('{"op":"do","id":"我不想说"}')
        await call.until(lambda: len(call.of("refused")) == MALFORMED_LIMIT - 1)
        assert call.closed is None
        call.say("x" * (FRAME_LIMIT_BYTES + 1))
        await call.until(lambda: call.closed)
        assert call.closed == Close.MALFORMED
        assert {frame["code"] for frame in call.of("refused")} == {"malformed"}
        assert "不想" not in json.dumps(call.frames, ensure_ascii=False)
        assert len(house.room.rows[FEED]) == 1


@pytest.mark.parametrize(
    ("frame", "fault", "code"),
    [
        ({"to": "session.other", "command": {"type": "tally.add"}}, None, "unknown_feed"),
        ({"to": "nofeed", "command": {"type": "tally.add"}}, None, "unknown_feed"),
        ({"to": FEED, "command": {"type": "tally.refuse"}}, None, "malformed"),
        ({"to": FEED, "command": {"type": "tally.add", "extra": 1}}, None, "malformed"),
        ({"to": FEED, "command": {"type": "tally.add"}}, Refused("not_yours"), "not_yours"),
        ({"to": FEED, "command": {"type": "tally.add", "words": ["stranger"]}}, None, "not_yours"),
        ({"to": FEED, "command": {"type": "tally.add"}}, Unavailable("x"), "unavailable"),
    ],
)
async def test_every_no_has_a_code(frame: Frame, fault: Exception | None, code: str) -> None:
    async with visit() as (call, house):
        house.room.fault = fault
        call.say({"op": "do", "id": "a1", **frame})
        await call.until(lambda: call.of("refused"))
        (refused,) = call.of("refused")
        assert (refused["id"], refused["code"]) == ("a1", code)
        assert ("retry_ms" in refused and refused["retry_ms"] is not None) is (code == "unavailable")
        assert call.closed is None


@pytest.mark.promise("R10")
async def test_a_flood_is_slowed_by_answers_and_nothing_accepted_is_lost() -> None:
    async with visit() as (call, house):
        sent = int(BURST_FRAMES) + 40
        for number in range(sent):
            call.do(f"n{number}", "x")
        await call.until(lambda: len(call.of("ack")) + len(call.of("refused")) == sent)
        assert call.closed is None
        assert len(call.of("ack")) >= BURST_FRAMES - 1
        assert {frame["code"] for frame in call.of("refused")} == {"too_fast"}
        assert all(frame["retry_ms"] > 0 for frame in call.of("refused"))
        assert len(house.room.rows[FEED]) == len(call.of("ack"))
        call.say({"op": "ping"})
        call.say({"op": "resume", "feed": FEED, "after": 0})
        await call.until(lambda: call.of("pong"))


@pytest.mark.promise("R10")
async def test_a_reader_that_stops_is_closed_and_can_come_back() -> None:
    async with visit() as (call, house):
        await call.until(lambda: call.of("welcome"))
        call.reads.clear()
        for _ in range(BYTE_LIMIT // 100):
            house.registry.deliver(FEED, house.room.append(FEED, 1))
            await asyncio.sleep(0)
        call.reads.set()
        await call.until(lambda: call.closed)
        assert call.closed == Close.TOO_SLOW


async def test_when_the_process_stops_clients_are_told_to_come_back() -> None:
    async with visit() as (call, house):
        await call.until(lambda: call.of("welcome"))
        for farewell in list(house.farewells):
            farewell()
        await call.until(lambda: call.closed)
        assert call.closed == Close.RESTART
        (bye,) = call.of("bye")
        assert 0 <= bye["after_ms"] <= 3000


async def test_what_the_door_answers_itself_holds_up_nothing_else_and_stands_in_no_log() -> None:
    porter = Slow()
    async with visit(porter) as (call, house):
        for number in range(LINGERING_LIMIT + 1):
            call.say({"op": "do", "id": f"slow{number}", "to": FEED, "command": {"type": "tally.refuse"}})
        call.do("quick", "一")
        await call.until(lambda: call.of("ack") and call.of("refused"))
        assert call.of("reply") == []
        assert [(frame["id"], frame["code"]) for frame in call.of("refused")] == [
            (f"slow{LINGERING_LIMIT}", "too_fast")
        ]
        porter.ready.set()
        await call.until(lambda: len(call.of("reply")) == LINGERING_LIMIT)
        assert call.of("reply")[0] == {"op": "reply", "id": "slow0", "body": {"for": "this socket"}}
        assert len(house.room.rows[FEED]) == 1


async def test_hints_pass_on_followed_feeds_only() -> None:
    async with visit() as (call, house):
        await call.until(lambda: call.of("welcome"))
        for to in (FEED, "session.other", "desk.main"):
            call.say({"op": "hint", "to": to, "hint": {"type": "typing", "on": True}})
        call.say({"op": "ping"})
        await call.until(lambda: call.of("pong"))
        assert house.whispers == [(FEED, True)]


@pytest.mark.promise("R8")
async def test_who_may_say_nothing_there_is_not_seen_to_type() -> None:
    porter = Porter()
    porter.may_hint = False
    async with visit(porter) as (call, house):
        await call.until(lambda: call.of("welcome"))
        call.say({"op": "hint", "to": FEED, "hint": {"type": "typing", "on": True}})
        call.say({"op": "ping"})
        await call.until(lambda: call.of("pong"))
        assert house.whispers == []


async def test_the_doorman_hears_of_each_command_that_was_carried_out() -> None:
    porter = Porter()
    async with visit(porter) as (call, _):
        call.do("a", "一")
        call.do("b", "stranger")
        await call.until(lambda: call.of("ack") and call.of("refused"))
        assert [seq for _, seq in porter.carried_out] == [call.of("ack")[0]["seq"]]


@pytest.mark.promise("R8")
async def test_who_may_no_longer_stay_is_closed_with_the_code_that_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "WATCH_S", 0.01)
    porter = Porter()
    async with visit(porter) as (call, _):
        call.do("a", "一")
        await call.until(lambda: call.of("ack"))
        assert call.closed is None
        porter.leave_by = Close.SIGN_IN
        await call.until(lambda: call.closed)
        assert call.closed == Close.SIGN_IN
        assert porter.idle_s < 5
