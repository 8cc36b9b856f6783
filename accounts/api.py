"""Who am I, and a ticket for a socket that can carry neither cookie nor header."""

from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import HttpError

from accounts import lines, store
from accounts.auth import Identity, identify
from accounts.domain.roles import home
from accounts.mfa import has_second_factor
from accounts.orm import off_loop
from kernel import clock
from kernel.errors import NotPermitted, Unavailable
from kernel.wire import Name

router = Router(tags=["accounts"])


class LineLabel(Schema):
    """What a line is called."""

    zh: str
    en: str


class LineRef(Schema):
    """A line by id and name."""

    id: str
    name: LineLabel


class Me(Schema):
    """The signed-in member of staff."""

    id: str
    name: str
    role: str
    lines: list[LineRef]
    mfa_required: bool
    mfa_enrolled: bool
    demo: bool
    home: str


class Ticket(Schema):
    """Lets one socket in once within 30 seconds."""

    ticket: str


def raw_headers(request: HttpRequest) -> list[tuple[bytes, bytes]]:
    """The request's headers as ASGI gives them."""
    scope: dict[str, Any] = getattr(request, "scope", {})
    return list(scope.get("headers", []))


async def who(request: HttpRequest, door: str) -> Identity:
    """Tell who asks; 401 to sign in, 403 where that does not help, 503 while nobody can tell."""
    origin: Literal["if_present", "required"] = "if_present" if request.method == "GET" else "required"
    try:
        guest = await identify(door, raw_headers(request), None, clock.now(), origin=origin)
        if guest.session and request.method != "GET":  # what a page asks by itself is nobody's doing
            await off_loop(store.touch, guest.session, clock.now())
        return guest
    except NotPermitted as no:
        raise HttpError(401 if no.code == "sign_in" else 403, no.code) from None
    except Unavailable:
        raise HttpError(503, "unavailable") from None


@router.get("me", response=Me, summary="The signed-in member of staff")
async def me(request: HttpRequest) -> dict[str, Any]:
    """Id, name, role and lines; whether a second factor is required here, and enrolled; the page they work on."""
    guest = await who(request, "staff")
    try:
        names, enrolled = await off_loop(_about, guest)
    except Unavailable:
        raise HttpError(503, "unavailable") from None
    return {
        "id": guest.actor.id,
        "name": guest.name,
        "role": guest.actor.role.value,
        "lines": [{"id": line.id, "name": {"zh": line.zh, "en": line.en}} for line in names],
        "mfa_required": settings.XINQIAO_MFA_REQUIRED,
        "mfa_enrolled": enrolled,
        "demo": settings.XINQIAO_DEMO,
        "home": home(guest.actor.role),
    }


def _about(guest: Identity) -> tuple[tuple[lines.LineName, ...], bool]:
    """The names of somebody's lines, and whether they have a second factor."""
    known = store.staff_by_id(guest.actor.id)
    return lines.named(guest.lines), known is not None and has_second_factor(known.user_id)


@router.post("tickets", response={201: Ticket}, summary="A single-use ticket for a socket")
async def ticket(request: HttpRequest, door: Name = "contact") -> Status[dict[str, str]]:
    """For clients whose socket can carry neither cookie nor header: put it into the hello frame."""
    guest = await who(request, "contact" if door == "contact" else "staff")
    return Status(201, {"ticket": await store.aissue_ticket(guest.actor, clock.now())})
