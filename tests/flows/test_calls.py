"""Calls as stories: people at the real doors, real media workers, what is heard at the other end."""

from datetime import timedelta

import pytest

from chat import messages as chat
from kernel.decider import Address
from kernel.terms import Attending, Medium, RiskLevel, Role
from queueing import messages as queueing
from server import calls, wiring
from tests.chat.voice.peers import stay_on_loopback
from tests.flows.calls import Exchange, Person, exchange
from tests.flows.test_stories import CALM


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    """Stay on this machine, on a database that is emptied afterwards."""
    stay_on_loopback(monkeypatch)


async def answered(h: Exchange, medium: Medium = Medium.TEXT) -> tuple[Person, Person]:
    """A visitor and the counselor who took them."""
    chen = await h.staffed("chen")
    visitor = await h.visits(medium)
    await h.give(Address("case", visitor.actor.id), CALM, visitor.actor)
    await h.takes(chen, visitor)
    return visitor, chen


async def talking(h: Exchange) -> tuple[Person, Person, str]:
    """Both in a call that began in writing."""
    visitor, chen = await answered(h)
    assert (await visitor.do("call.request"))["op"] == "ack"
    call = (await chen.event("call.requested", side="visitor"))["event"]["call"]
    assert (await chen.do("call.accept"))["op"] == "ack"
    await visitor.event("call.accepted", call=call)
    await h.connects(call, "visitor", "chen")
    return visitor, chen, call


async def test_writing_becomes_a_call_with_no_new_ticket_and_both_hear_each_other() -> None:
    async with exchange() as h:
        visitor, chen, call = await talking(h)
        await h.hear(visitor={"chen"}, chen={"visitor"})
        assert visitor.events("call.placed")[0].keys() == {"type", "call", "at"}
        desk = await h.told(h.desk.feed)
        assert desk.count("ticket.issued") == 1
        assert (await h.at_desk()).tickets[visitor.actor.id].medium is Medium.VOICE
        other = await h.comes()
        await h.give(Address("case", other.id), CALM, other)
        assert (await h.at_desk()).tickets[other.id].offers == (), "who talks is not rung for somebody else"
        await visitor.do("message.post", text="我也可以写字。")
        await chen.event("message.posted")
        await chen.do("call.end")
        await visitor.event("call.ended", reason="counselor")
        await h.engine.settled()
        assert len((await h.at_desk()).tickets[other.id].offers) == 1, "who writes again may be"
        assert (await h.state("session", visitor.actor)).phase == "active"
        assert (await visitor.do("call.offer", call=call, sdp="v=0 " * 9))["code"] == "no_call"


async def test_who_comes_by_voice_is_talking_as_soon_as_somebody_accepts() -> None:
    async with exchange() as h:
        visitor, chen = await answered(h, Medium.VOICE)
        call = (await visitor.event("call.accepted"))["event"]["call"]
        ticket = (await h.at_desk()).tickets[visitor.actor.id]
        assert ticket.medium is Medium.VOICE
        await h.connects(call, "visitor", "chen")
        await h.hear(visitor={"chen"}, chen={"visitor"})
        await visitor.do("session.end")
        await chen.event("call.ended", reason="session_over")


async def test_on_hold_the_visitor_hears_the_clip_and_is_heard_by_nobody() -> None:
    async with exchange() as h:
        visitor, chen, _ = await talking(h)
        assert (await visitor.do("call.hold", on=True))["op"] == "refused"
        await chen.do("call.hold", on=True)
        await visitor.event("call.held", on=True)
        await h.hear(visitor={"clip"}, chen=set())
        await chen.do("call.hold", on=False)
        await h.hear(visitor={"chen"}, chen={"visitor"})


@pytest.mark.promise("R8")
async def test_a_supervisor_listens_whispers_and_speaks_and_the_visitor_learns_only_what_can_be_heard() -> None:
    async with exchange() as h:
        visitor, chen, call = await talking(h)
        zhao = await h.staffed("zhao", Role.SUPERVISOR, ready=False)
        zhao.feed = visitor.feed
        assert (await zhao.do("call.join"))["op"] == "refused"
        assert (await zhao.offer(call))["code"] == "not_permitted"

        async def attends(how: Attending | None) -> None:
            word = how.value if how is not None else None
            said = await zhao.do("contact.attend", at=h.desk.feed, contact=visitor.actor.id, how=word)
            assert said["op"] == "ack", said
            await h.engine.settled()

        await attends(Attending.MONITOR)
        assert (await zhao.do("call.join"))["op"] == "ack"
        await zhao.event("call.attended", staff="zhao", how="monitor")
        assert (await zhao.offer(call))["op"] == "reply"
        await h.hear(visitor={"chen"}, chen={"visitor"}, zhao={"visitor", "chen"})
        await attends(Attending.WHISPER)
        await h.hear(visitor={"chen"}, chen={"visitor", "zhao"}, zhao={"visitor", "chen"})
        assert visitor.events("call.attended") == []
        assert not [frame for frame in visitor.frames if "zhao" in str(frame)], "not a word of who listens"
        await chen.event("call.attended", staff="zhao", how="whisper")
        await attends(Attending.BARGE)
        await h.hear(visitor={"chen", "zhao"}, chen={"visitor", "zhao"}, zhao={"visitor", "chen"})
        await visitor.event("call.attended", how="barge")
        await attends(None)
        await h.hear(visitor={"chen"}, chen={"visitor"}, zhao=set())
        assert [event["how"] for event in visitor.events("call.attended")] == ["barge", None]


async def test_a_transfer_takes_the_call_along_and_the_first_counselor_hears_nothing_any_more() -> None:
    async with exchange() as h:
        visitor, chen, call = await talking(h)
        liu = await h.staffed("liu")
        contact = visitor.actor.id
        assert (await chen.do("transfer.offer", at=h.desk.feed, contact=contact, to="liu"))["op"] == "ack"
        assert (await liu.do("transfer.accept", at=h.desk.feed, contact=contact))["op"] == "ack"
        liu.feed = visitor.feed
        await visitor.event("call.handed_over", counselor="liu")
        assert (await liu.offer(call))["op"] == "reply"
        await h.hear(visitor={"liu"}, liu={"visitor"}, chen=set())
        assert (await chen.offer(call))["op"] == "refused"


async def test_a_crisis_worker_joins_as_a_third_voice() -> None:
    async with exchange() as h:
        visitor, _, call = await talking(h)
        session = Address("session", visitor.actor.id)
        await h.give(session, chat.NoteEscalation(open=True))
        await h.give(session, chat.JoinParticipant("lin", Role.CRISIS_WORKER))
        lin = await h.staffed("lin", Role.CRISIS_WORKER, ready=False)
        lin.feed = visitor.feed
        assert (await lin.do("call.join"))["op"] == "ack"
        assert (await lin.offer(call))["op"] == "reply"
        await h.hear(visitor={"chen", "lin"}, chen={"visitor", "lin"}, lin={"visitor", "chen"})
        await visitor.event("call.joined", staff="lin", on=True)
        await h.give(session, chat.NoteEscalation(open=False))
        await h.hear(visitor={"chen"}, chen={"visitor"}, lin=set())


async def test_a_worker_that_ends_is_replaced_at_once_and_the_same_call_goes_on() -> None:
    async with exchange(workers=2) as h:
        visitor, _, call = await talking(h)
        await h.hear(visitor={"chen"}, chen={"visitor"})
        node = (await h.state("session", visitor.actor)).call.node
        (first,) = [each[0] for each in h.workers if each[0].name == node]
        placed = len(visitor.events("call.placed"))
        await h.dismiss(first)
        await visitor.until(lambda _frame: len(visitor.events("call.placed")) > placed)
        await h.connects(call, "visitor", "chen")
        await h.hear(visitor={"chen"}, chen={"visitor"})
        state = (await h.state("session", visitor.actor)).call
        assert (state.call, state.node != node) == (call, True)


async def test_without_a_worker_nobody_is_rung_and_a_call_that_loses_its_last_one_waits_for_the_next() -> None:
    async with exchange(workers=0) as h:
        visitor, chen = await answered(h)
        assert (await visitor.do("call.request"))["code"] == "no_voice"
        worker = await h.hire()
        await visitor.do("call.request")
        await chen.do("call.request")
        call = (await visitor.event("call.accepted"))["event"]["call"]
        await h.connects(call, "visitor", "chen")
        await h.dismiss(worker)
        await visitor.event("call.leg_lost", leg="visitor")
        refused = await visitor.offer(call)
        assert (refused["code"], refused["retry_ms"]) == ("unavailable", 1000)
        await h.hire()
        await visitor.until(lambda _frame: len(visitor.events("call.placed")) == 2)
        await visitor.offer(call)
        await chen.offer(call)
        await h.hear(visitor={"chen"}, chen={"visitor"})


async def test_the_same_offer_gets_the_same_answer_and_nonsense_gets_a_code() -> None:
    async with exchange() as h:
        visitor, _, call = await talking(h)
        sdp = visitor.replies[-1]["offer"]
        first = visitor.replies[-1]["body"]["sdp"]
        again = await visitor.do("call.offer", call=call, sdp=sdp)
        assert again["body"] == {"call": call, "sdp": first}
        for nonsense in ("v=0 but nothing else at all", "x" * 17_000):
            assert (await visitor.do("call.offer", call=call, sdp=nonsense))["code"] == "malformed"
        assert (await visitor.do("call.prepare", call=call))["body"] == {"ice_servers": []}
        assert (await visitor.do("call.prepare", call="c9.1"))["code"] == "no_call"
        await h.hear(visitor={"chen"}, chen={"visitor"})


@pytest.mark.promise("R8")
async def test_nothing_of_anybody_s_connection_is_in_the_log_in_the_others_frames_or_in_what_is_written_down(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with exchange() as h:
        caplog.set_level("DEBUG", "xinqiao")
        visitor, chen, _ = await talking(h)
        await visitor.until(lambda frame: frame["op"] == "hinted" and frame["hint"]["type"] == "quality")
        await chen.do("call.end")
        rows = await h.engine.read(visitor.feed, 0)
        # aioice and aiortc are the browsers here; what they say to themselves is theirs.
        written = [record.getMessage() for record in caplog.records if not record.name.startswith(("aioice", "aiortc"))]
        stored = "".join(str(row.event) for row in rows) + "".join(written)
        for person, other in ((visitor, chen), (chen, visitor)):
            marks = marks_of(person.replies[0]["offer"])
            assert len(marks) > 4
            told = json_of(other) + stored
            assert not [mark for mark in marks if mark in told]
            # The worker's port and certificate are everybody's.
            own = marks_of(person.replies[0]["body"]["sdp"]) - marks_of(other.replies[0]["body"]["sdp"])
            assert len(own) >= 4
            assert not [mark for mark in own if mark in told]


def json_of(person: Person) -> str:
    """Everything that ever came over somebody's socket."""
    return str(person.frames)


def marks_of(sdp: str) -> set[str]:
    """What an SDP says of whose connection it is: names, secrets, keys, ports, sources."""
    marks: set[str] = set()
    for line in sdp.splitlines():
        name, _, value = line.partition(":")
        if name in ("a=ice-ufrag", "a=ice-pwd", "a=fingerprint"):
            marks.add(value.split()[-1])
        elif name == "a=ssrc":
            marks.update((value.split()[0], value.rpartition(":")[2]))
        elif name == "a=candidate" and " tcp " not in value:
            marks.add(value.split()[5])
    return {mark for mark in marks if len(mark) > 3}


async def test_a_hold_is_carried_out_whichever_process_takes_it_also_when_the_first_one_is_gone() -> None:
    async with exchange() as h:
        visitor, chen, _ = await talking(h)
        other = wiring.build()
        await other.start()
        try:
            again = Person(other, "chen", chen.actor, h.line, contact=visitor.actor.id)
            await again.until(lambda frame: frame["op"] == "welcome")
            await calls.close(h.hub)
            assert (await again.do("call.hold", on=True))["op"] == "ack"
            await h.hear(visitor={"clip"}, chen=set())
            await again.do("call.hold", on=False)
            await h.hear(visitor={"chen"}, chen={"visitor"})
            await again.leave()
        finally:
            await other.stop()


@pytest.mark.promise("R7")
async def test_outside_the_hours_of_voice_a_visitor_writes_unless_in_danger_and_a_counselor_may_offer() -> None:
    async with exchange() as h:
        visitor, chen = await answered(h)
        hour = timedelta(hours=1)
        written = queueing.OpenInterval(h.now - hour, h.now + 8 * hour, h.now + 7 * hour, Medium.TEXT)
        await h.give(h.desk, queueing.PublishHours((written,), "no voice now"))
        assert (await visitor.do("call.request"))["code"] == "voice_closed"
        assert (await visitor.do("message.post", text="那我打字。"))["op"] == "ack"
        assert (await chen.do("call.request"))["op"] == "ack"
        assert (await visitor.do("call.request"))["op"] == "ack"
        await chen.event("call.accepted")
        assert (await visitor.do("call.end"))["op"] == "ack"
        await h.give(Address("session", visitor.actor.id), chat.NoteRisk(RiskLevel.HIGH))
        assert (await visitor.do("call.request"))["op"] == "ack"
        await chen.event("call.requested", side="visitor")
