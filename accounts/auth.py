"""Who is at the door: one answer for cookie with Origin, Authorization header and single-use ticket."""

from collections.abc import Iterable
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from types import SimpleNamespace
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http.request import split_domain_port, validate_host

from accounts import store
from accounts.domain.roles import Door, doors
from accounts.mfa import lacks_second_factor
from accounts.models import StaffMember
from accounts.orm import off_loop
from kernel.errors import NotPermitted
from kernel.terms import Actor, Role

CONTACT_COOKIE = "xq_contact"
SECRET_LIMIT = 200
Headers = Iterable[tuple[bytes, bytes]]
Via = Literal["cookie", "header", "ticket"]


class Identity(msgspec.Struct, frozen=True):
    """Somebody who may pass: the actor the log will name, what screens call them, and their lines."""

    actor: Actor
    name: str
    lines: tuple[str, ...]
    grade: Role
    via: Via
    session: str = ""  # the key of Django's session, where one speaks
    proof: str = ""  # changes with the password


class Shown(msgspec.Struct, frozen=True):
    """What a request shows, read once from its headers; several of one kind never pass for one."""

    host: str
    origin: str | None
    bearer: str
    contact: str
    session: str


def read(headers: Headers) -> Shown:
    """Take what matters from raw ASGI headers; the Origin is `null` when more than one was sent."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    origins, hosts = found.get("origin", []), found.get("host", [])
    scheme, _, bearer = " ".join(found.get("authorization", [])[:1]).partition(" ")
    cookies = _cookies("; ".join(found.get("cookie", [])))
    return Shown(
        host=hosts[0] if len(hosts) == 1 else "",
        origin=None if not origins else origins[0] if len(origins) == 1 else "null",
        bearer=bearer.strip() if scheme.lower() == "bearer" else "",
        contact=cookies.get(CONTACT_COOKIE, ""),
        session=cookies.get(settings.SESSION_COOKIE_NAME, ""),
    )


def _cookies(text: str) -> dict[str, str]:
    """Parse a Cookie header; one that cannot be read counts as none."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(text).items()}
    except CookieError:
        return {}


def origin_matches(shown: Shown) -> bool:
    """Tell whether the Origin is this very host (or one the installation lists), and the host one of ours."""
    if shown.origin is None or not shown.host:
        return False
    if shown.origin in settings.XINQIAO_ORIGINS:
        return True
    try:
        origin = urlsplit(shown.origin)
    except ValueError:
        return False
    schemes = {"https"} if settings.XINQIAO_HTTPS else {"http", "https"}
    domain, _ = split_domain_port(shown.host)
    ours = settings.ALLOWED_HOSTS
    return (
        origin.scheme in schemes
        and origin.netloc.lower() == shown.host.lower()
        and bool(domain)
        and validate_host(domain, ours)
    )


async def identify(
    door: str,
    headers: Headers,
    ticket: str | None,
    now: datetime,
    *,
    origin: Literal["required", "if_present"] = "required",
    fetch: store.Fetch | None = None,
) -> Identity:
    """Say who this is, or raise NotPermitted: `sign_in`, `forbidden_origin` or `forbidden_role`.

    `door` is `contact`, `console`, `supervision`, or `staff` for the staff's side of the API. Sockets and
    requests that change something need the Origin where a cookie speaks; a plain GET may come without one.
    `fetch` looks a visitor's token up without a thread. Raises Unavailable when the database does not answer.
    """
    way = Door(door)
    shown = read(headers)
    if ticket:
        return await off_loop(_by_ticket, way, ticket[:SECRET_LIMIT], now)
    if shown.bearer and way is Door.CONTACT:
        return await _visitor(shown.bearer[:SECRET_LIMIT], "header", now, fetch)
    cookie = shown.contact if way is Door.CONTACT else shown.session
    if not cookie:
        raise NotPermitted("sign_in")
    if not (origin_matches(shown) or (shown.origin is None and origin == "if_present")):
        raise NotPermitted("forbidden_origin")
    if way is Door.CONTACT:
        return await _visitor(cookie[:SECRET_LIMIT], "cookie", now, fetch)
    return await off_loop(_by_session, way, cookie[:SECRET_LIMIT], now)


async def _visitor(token: str, via: Via, now: datetime, fetch: store.Fetch | None) -> Identity:
    """Look a visitor's token up."""
    contact = await store.acontact_of_token(token, now, fetch)
    if contact is None:
        raise NotPermitted("sign_in")
    return _as_visitor(contact, via)


def _as_visitor(contact: str, via: Via) -> Identity:
    """A visitor has no name and no lines."""
    return Identity(Actor(Role.VISITOR, contact), "", (), Role.VISITOR, via)


def _by_session(way: Door, key: str, now: datetime) -> Identity:
    """Read Django's session; `get_user` also checks that the password has not changed since."""
    request: Any = SimpleNamespace(session=SessionStore(session_key=key))
    guest = _staff(way, get_user(request), "cookie", key)
    if way is not Door.SUPERVISION and store.is_idle(key, now):  # a wallboard on a wall has nobody to touch it
        store.end_sign_in(key)
        raise NotPermitted("sign_in")
    return guest


def _by_ticket(way: Door, ticket: str, now: datetime) -> Identity:
    """Use a ticket up; staff are looked up again, since 30 seconds are enough to be dismissed."""
    actor = store.redeem_ticket(ticket, now)
    if actor is None:
        raise NotPermitted("sign_in")
    if actor.role is Role.VISITOR:
        if way is not Door.CONTACT:
            raise NotPermitted("forbidden_role")
        return _as_visitor(actor.id, "ticket")
    member = StaffMember.objects.select_related("user").filter(staff_id=actor.id).first()
    return _staff(way, member.user if member else None, "ticket")


def _staff(way: Door, user: Any, via: Via, session: str = "") -> Identity:
    """Let an active member of staff with a second factor through the doors of their role."""
    if user is None or not (user.is_authenticated and user.is_active) or lacks_second_factor(user):
        raise NotPermitted("sign_in")
    member = StaffMember.objects.filter(user_id=user.pk).first()
    if member is None or way not in doors(member.kind):
        raise NotPermitted("forbidden_role")
    known = store.facts(member)
    actor, proof = Actor(known.role, known.staff_id), user.get_session_auth_hash()
    return Identity(actor, known.name, known.lines, known.role, via, session, proof)
