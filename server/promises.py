"""What a line asks before it records a call, over HTTP: a page asks only where the policy names its very words."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError

from accounts.orm import off_loop
from kernel import clock
from kernel.errors import Unavailable
from kernel.terms import Medium
from recordings_policy import store
from recordings_policy.domain.consent import asked_of_visitor, rule_for

router = Router(tags=["lines"])


class Asked(Schema):
    """SHA-256 of the consent text by language; empty: calls of this line are not recorded, so nobody is asked."""

    texts: dict[str, str]


@router.get("lines/{line}/recording", response=Asked, summary="The words a visitor may agree to before recording")
async def recording(request: HttpRequest, line: str, response: HttpResponse) -> dict[str, Any]:
    """Without an active policy that records, nothing is asked and nothing is recorded."""
    response["Cache-Control"] = "no-store"
    now = clock.now()
    try:
        rules = await off_loop(store.rules_in_force, line, now)
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    return {"texts": asked_of_visitor(rule_for(rules, Medium.VOICE), now)}
