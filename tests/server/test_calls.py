"""The exchange at the door: relays with short-lived credentials, and what is refused before any worker is asked."""

import base64
import hashlib
import hmac

import pytest
from pytest_django import Settings

from chat.call_messages import AcceptCall, RequestCall
from chat.media_messages import MediaPlan, OfferMedia, PrepareMedia
from chat.messages import Assign, Enqueue, OpenContact
from kernel import clock, ids
from kernel.decider import Address
from kernel.errors import NotPermitted, Refused, Unavailable
from kernel.hub import Hub
from kernel.terms import SYSTEM, Actor, Role
from kernel.wire import Command
from server import calls
from tests.server.conftest import quiet_hub

CHEN, ZHAO = Actor(Role.COUNSELOR, "chen"), Actor(Role.SUPERVISOR, "zhao")
SDP = "v=0 and whatever a browser says of itself"


async def asked(hub: Hub) -> tuple[Actor, Address]:
    """A visitor who wants to talk to Chen."""
    visitor = Actor(Role.VISITOR, ids.contact_id())
    to = Address("session", visitor.id)
    steps: tuple[tuple[Command, Actor], ...] = (
        (OpenContact("main"), visitor),
        (Enqueue(1), SYSTEM),
        (Assign("chen", "陈老师", Role.COUNSELOR, 1), SYSTEM),
        (RequestCall(), visitor),
    )
    for command, by in steps:
        await hub.engine.submit(to, command, by, clock.now(), ids.command_id())
    return visitor, to


def test_relays_are_named_only_where_there_are_some(settings: Settings) -> None:
    assert calls.relays() == ()
    settings.TURN_URLS, settings.TURN_SECRET = ["turn:relay.example.org:3478"], "shared with coturn"
    (relay,) = calls.relays()
    until, _, leg = relay.username.partition(":")
    assert 500 < int(until) - clock.now().timestamp() <= 600
    assert len(leg) >= 8
    signed = hmac.new(b"shared with coturn", relay.username.encode(), hashlib.sha1).digest()
    assert relay.credential == base64.b64encode(signed).decode()
    assert "shared" not in repr(relay)


async def test_a_plan_is_for_those_who_are_asked_or_have_a_leg(transactional_db: None) -> None:
    async with quiet_hub() as hub:
        visitor, to = await asked(hub)
        call = f"{visitor.id}.1"
        assert await calls.aside(hub, visitor, to, PrepareMedia(call)) == MediaPlan()
        with pytest.raises(Refused, match="no_call"):
            await calls.aside(hub, visitor, to, PrepareMedia(f"{visitor.id}.2"))
        await hub.engine.submit(to, AcceptCall(), CHEN, clock.now(), "yes")
        assert await calls.aside(hub, CHEN, to, PrepareMedia(call)) == MediaPlan()
        with pytest.raises(NotPermitted):
            await calls.aside(hub, ZHAO, to, PrepareMedia(call))
        await calls.close(hub)


@pytest.mark.promise("R8")
async def test_an_offer_is_refused_before_anybody_is_asked_and_its_words_are_in_no_error(
    transactional_db: None,
) -> None:
    async with quiet_hub() as hub:
        visitor, to = await asked(hub)
        call = f"{visitor.id}.1"
        for by, named, fault in ((visitor, call, NotPermitted), (visitor, "c9.1", Refused), (ZHAO, call, NotPermitted)):
            with pytest.raises(fault) as refused:
                await calls.aside(hub, by, to, OfferMedia(named, SDP))
            assert SDP not in repr(refused.value)
        await hub.engine.submit(to, AcceptCall(), CHEN, clock.now(), "yes")
        with pytest.raises(Unavailable) as away:
            await calls.aside(hub, visitor, to, OfferMedia(call, SDP))
        assert SDP not in repr(away.value)
        with pytest.raises(Refused, match="no_voice"):
            await calls.aside(hub, visitor, to, RequestCall())
        await calls.close(hub)
