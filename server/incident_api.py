"""What visitors are told of incidents under way: the supervisor's own words, and nothing about anybody."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from kernel.decider import Address
from kernel.errors import Unavailable
from queueing import store as lines
from server.wiring import hub

router = Router(tags=["lines"])

CACHE_S = 10


class Told(Schema):
    """One incident as visitors read it."""

    title: str
    known: str
    told_at: datetime


@router.get("lines/{line}/incidents", response=list[Told], summary="What is known of incidents under way")
async def told(request: HttpRequest, line: str, response: HttpResponse) -> list[dict[str, Any]]:
    """Empty for a line that is quiet, unknown or out of reach just now: the door opens all the same."""
    response["Cache-Control"] = f"public, max-age={CACHE_S}"
    if line not in {each.id for each in await lines.alines()}:
        return []
    try:
        loaded = await (await hub()).engine.state(Address("desk", line))
    except Unavailable:
        return []
    found = loaded.state.incidents.values() if loaded is not None else ()
    return [{"title": each.title, "known": each.known, "told_at": each.told_at} for each in found if each.known]
