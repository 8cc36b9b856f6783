"""What every media engine keeps, measured by tones at the other end."""

import pytest

from chat.domain.lanes import Route
from chat.voice.contract import LegConnected, LegLost
from kernel.errors import Malformed, Refused
from kernel.terms import Attending, Role
from tests.chat.voice.conftest import Stage
from tests.chat.voice.offers import CHROMIUM
from tests.chat.voice.peers import Peer, eventually


async def test_two_people_talk_hold_and_resume(stage: Stage) -> None:
    await stage.join("visitor", "chen")
    await stage.place("chen")
    await stage.hear(visitor={"chen"}, chen={"visitor"})
    assert stage.told(LegConnected, "visitor")
    assert stage.told(LegConnected, "chen")
    await stage.place("chen", held=True)
    await stage.hear(visitor={"clip"}, chen=set())
    await stage.place("chen")
    await stage.hear(visitor={"chen"}, chen={"visitor"})


async def test_a_supervisor_monitors_whispers_and_barges_and_the_visitor_never_hears_a_whisper(stage: Stage) -> None:
    await stage.join("visitor", "chen", "zhao")
    await stage.place("chen", zhao=Attending.MONITOR)
    await stage.hear(visitor={"chen"}, chen={"visitor"}, zhao={"visitor", "chen"})
    await stage.place("chen", zhao=Attending.WHISPER)
    await stage.hear(visitor={"chen"}, chen={"visitor", "zhao"}, zhao={"visitor", "chen"})
    await stage.place("chen", zhao=Attending.BARGE)
    await stage.hear(visitor={"chen", "zhao"}, chen={"visitor", "zhao"}, zhao={"visitor", "chen"})
    await stage.place("chen")
    await stage.hear(visitor={"chen"}, chen={"visitor"}, zhao=set())


async def test_a_contact_is_handed_over_with_all_three_talking_in_between(stage: Stage) -> None:
    await stage.join("visitor", "chen", "lin")
    await stage.place("chen")
    await stage.hear(visitor={"chen", "lin"}, chen={"visitor", "lin"}, lin={"visitor", "chen"})
    await stage.leave("chen")
    await stage.place("lin")
    await stage.hear(visitor={"lin"}, lin={"visitor"})


async def test_routes_wait_for_legs_and_old_revisions_change_nothing(stage: Stage) -> None:
    await stage.join("visitor")
    both = frozenset({Route("chen", "visitor", "main"), Route("visitor", "chen", "main")})
    await stage.engine.arrange("call", 5, both)
    await stage.engine.arrange("call", 5, frozenset())
    await stage.engine.arrange("call", 4, frozenset())
    await stage.join("chen")
    await stage.hear(visitor={"chen"}, chen={"visitor"})


async def test_who_hangs_up_is_told_lost_and_a_new_connection_takes_the_leg_over(stage: Stage) -> None:
    await stage.join("visitor", "chen")
    await stage.place("chen")
    await stage.hear(chen={"visitor"})
    await stage.people.pop("visitor").stop()
    assert await eventually(lambda: stage.told(LegLost, "visitor"))
    stage.facts.clear()
    await stage.join("visitor")
    await stage.hear(visitor={"chen"}, chen={"visitor"})
    assert stage.told(LegConnected, "visitor")


async def test_commands_are_idempotent_and_answers_repeat(stage: Stage) -> None:
    peer = Peer("visitor", 400)
    offer = await peer.offer()
    first = await stage.engine.open_leg("call", "visitor", Role.VISITOR, offer)
    assert await stage.engine.open_leg("call", "visitor", Role.VISITOR, offer) == first
    assert stage.engine.load().legs == 1
    for _ in range(2):
        await stage.engine.close_leg("call", "visitor")
        await stage.engine.close_call("call")
    assert (stage.engine.load().calls, stage.engine.load().legs) == (0, 0)
    await peer.stop()


async def test_what_cannot_be_done_is_refused_with_a_code(stage: Stage) -> None:
    with pytest.raises(Malformed):
        await stage.engine.open_leg("call", "visitor", Role.VISITOR, "v=0\r\nwhat")
    deaf = CHROMIUM.replace("opus/48000/2", "speex/8000")
    with pytest.raises(Refused, match="no_codec"):
        await stage.engine.open_leg("call", "visitor", Role.VISITOR, deaf)
    with pytest.raises(Refused, match="unknown_call"):
        await stage.engine.arrange("call", 1, frozenset())
    assert stage.engine.load().calls == 0


async def test_nobody_takes_a_leg_over_in_another_role(stage: Stage) -> None:
    peers = [Peer("visitor", 400), Peer("visitor", 400)]
    await stage.engine.open_leg("call", "visitor", Role.VISITOR, await peers[0].offer())
    with pytest.raises(Refused, match="not_permitted"):
        await stage.engine.open_leg("call", "visitor", Role.SUPERVISOR, await peers[1].offer())
    for peer in peers:
        await peer.stop()
