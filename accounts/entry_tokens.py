"""A partner app's word for who somebody is: a JSON Web Token, HS256, minutes old, used once.

Written out here because it is thirty lines and every line is a decision: one algorithm, named issuers, no key from
the token itself, an age, and a number that counts once.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from django.db import IntegrityError, transaction

from accounts.models import SpentToken

LONGEST_LIFE = timedelta(minutes=10)
SKEW = timedelta(seconds=30)
LIMIT_CHARS = 4096


class Header(msgspec.Struct, frozen=True):
    """Only this."""

    alg: str


class Claims(msgspec.Struct, frozen=True):
    """Who says it (`iss`), about whom (`sub`: the app's own id of its member), until when, and the word's number."""

    iss: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    sub: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    iat: int
    exp: int
    jti: Annotated[str, msgspec.Meta(min_length=8, max_length=80)]


def verify(token: str, issuers: Mapping[str, bytes], now: datetime) -> Claims | None:
    """Read a token and use it up; None whatever is wrong with it."""
    claims = _read(token, issuers) if len(token) <= LIMIT_CHARS else None
    if claims is None or not _timely(claims, now):
        return None
    digest = hashlib.sha256(f"{claims.iss}|{claims.jti}".encode()).digest()
    try:
        with transaction.atomic():
            SpentToken.objects.create(digest=digest, expires_at=now + LONGEST_LIFE + 2 * SKEW)
    except IntegrityError:
        return None
    return claims


def _read(token: str, issuers: Mapping[str, bytes]) -> Claims | None:
    head, dot, rest = token.partition(".")
    body, dot, tag = rest.partition(".")
    try:
        header = msgspec.json.decode(_plain(head), type=Header)
        claims = msgspec.json.decode(_plain(body), type=Claims)
        shown = _plain(tag)
    except (msgspec.ValidationError, msgspec.DecodeError, binascii.Error, ValueError):
        return None
    secret = issuers.get(claims.iss)
    if header.alg != "HS256" or secret is None or not dot:
        return None
    wanted = hmac.new(secret, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return claims if hmac.compare_digest(wanted, shown) else None


def _plain(part: str) -> bytes:
    return base64.b64decode(part.encode("ascii") + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _timely(claims: Claims, now: datetime) -> bool:
    """Say whether it is not over, not from tomorrow, and not meant to last."""
    at, skew = now.timestamp(), SKEW.total_seconds()
    return claims.iat - skew <= at < claims.exp + skew and 0 < claims.exp - claims.iat <= LONGEST_LIFE.total_seconds()
