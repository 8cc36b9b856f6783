"""Who hears whom in a call: the one place where a whisper could reach the wrong ear.

Every leg hears on two lanes, `main` and `aux`, each fed by at most one source; nothing is mixed. A route
(source, sink, lane) is what a media engine carries out, so a call's whole arrangement is one set of routes.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from kernel.errors import Refused
from kernel.terms import Attending, Role

Lane = Literal["main", "aux"]
HOLD_CLIP = "clip.hold"


class Route(msgspec.Struct, frozen=True, order=True):
    """What `source` says is heard by `sink` on `lane`."""

    source: str
    sink: str
    lane: Lane


class Party(msgspec.Struct, frozen=True):
    """One leg of a call: its id, what the person is, and how a supervisor attends (None for those who talk)."""

    leg: str
    role: Role
    attending: Attending | None = None


def arrange(parties: Iterable[Party], *, holder: str | None, held: bool = False) -> frozenset[Route]:
    """The routes of a call: `holder` is the leg whose person has the contact; `held` puts the visitor on hold.

    Refuses where a lane would need two sources: a whisper beside a third talker, or a fourth talker.
    """
    everybody = tuple(parties)
    talkers = tuple(p.leg for p in everybody if p.attending is None)
    visitor = next((p.leg for p in everybody if p.role is Role.VISITOR), None)
    routes = list(_talk(talkers, visitor, holder, held=held))
    for party in everybody:
        if party.attending is not None:
            routes += _attend(party, visitor, holder, held=held)
    taken = {(route.sink, route.lane) for route in routes}
    if len(taken) < len(routes):
        raise Refused("lanes_taken")
    return frozenset(routes)


def _talk(talkers: tuple[str, ...], visitor: str | None, holder: str | None, *, held: bool) -> Iterable[Route]:
    """Everybody who talks hears the others; a visitor on hold hears the clip and is heard by nobody."""
    if len(talkers) > 3:
        raise Refused("lanes_taken")
    for sink in talkers:
        if held and sink == visitor:
            yield Route(HOLD_CLIP, sink, "main")
            continue
        others = [leg for leg in talkers if leg != sink and not (held and leg == visitor)]
        # The visitor hears the holder on main, everybody else hears the visitor there, before a third person.
        others.sort(key=lambda leg: (leg != visitor, leg != holder, leg))
        lanes: tuple[Lane, ...] = ("main", "aux")
        for source, lane in zip(others, lanes, strict=False):
            yield Route(source, sink, lane)


def _attend(party: Party, visitor: str | None, holder: str | None, *, held: bool) -> Iterable[Route]:
    """A supervisor hears both sides; a whisper reaches the holder only, a barge the visitor as well."""
    if visitor is not None and not held:
        yield Route(visitor, party.leg, "main")
    if holder is not None:
        yield Route(holder, party.leg, "aux")
    if holder is not None and party.attending in (Attending.WHISPER, Attending.BARGE):
        yield Route(party.leg, holder, "aux")
    if visitor is not None and party.attending is Attending.BARGE and not held:
        yield Route(party.leg, visitor, "aux")
