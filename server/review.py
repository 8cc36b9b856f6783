"""What a supervisor looks back on once a month, over HTTP: referrals reconciled, and feedback on the screening."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.errors import HttpError
from pydantic import Field

from accounts.api import who
from accounts.auth import Identity
from kernel import clock
from kernel.errors import Unavailable
from kernel.terms import Role
from server import feedback, reconciliation
from server.care import as_json, orm
from server.wiring import hub
from triage import store
from triage.policy import HOUSE

router = Router(tags=["review"])

LOOKS_BACK = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
Month = Annotated[str | None, Field(pattern=r"^20[0-9]{2}-(?:0[1-9]|1[0-2])$")]


@router.get("review/screening", summary="A month's feedback on the screening, rule by rule")
async def screening(request: HttpRequest, month: Month = None) -> HttpResponse:
    """How often each rule raised a level and what counselors said of it: counts of the house, nobody's words."""
    await _looks_back(request)
    try:
        return as_json(await feedback.report((await hub()).engine, month or this_month()))
    except Unavailable:
        raise HttpError(503, "unavailable") from None


@router.get("review/referrals", summary="A month's referrals, reconciled with the partners' answers")
async def referrals(request: HttpRequest, month: Month = None) -> HttpResponse:
    """Packets of the person's own lines: per partner what became of them, and those still without an end."""
    guest = await _looks_back(request)
    now = clock.now()
    try:
        found = await reconciliation.reconcile((await hub()).engine, month or this_month(), guest.lines)
        listed = await orm(store.partners, now.astimezone(HOUSE).date(), None)
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    names = {each.id: {"zh-Hans": each.name, "en": each.name_en} for each in listed}
    return as_json({"now": now, "names": names, "found": found})


async def _looks_back(request: HttpRequest) -> Identity:
    """Whoever answers for lines; nobody else reads what others were told."""
    guest = await who(request, "staff")
    if guest.actor.role not in LOOKS_BACK:
        raise HttpError(403, "forbidden_role")
    return guest


def this_month() -> str:
    """The month of the house's own day."""
    return f"{clock.now().astimezone(HOUSE):%Y-%m}"
