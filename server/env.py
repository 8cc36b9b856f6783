"""Reads the environment with types, collects every mistake and tells all of them at once."""

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from kernel.pool import ABANDONED

MASTER_KEY_BYTES = 32
# To libpq: what was sent and not taken for 10 s (in ms), or a peer silent for 20 and 3 times 5 s, is a dead way.
DEAD_WAY = {"tcp_user_timeout": "10000", "keepalives_idle": "20", "keepalives_interval": "5", "keepalives_count": "3"}
# As in the engine's pool: a node that was cut off in a transaction gives its locks back, and nobody waits for ever.
ORM_GUARDS = f"-c idle_in_transaction_session_timeout=5s -c lock_timeout=5s {ABANDONED}"
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


class Environment:
    """Typed access to variables; `finish` raises ImproperlyConfigured with one line per mistake."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        """Read from `variables`, usually os.environ."""
        self._variables = variables
        self.mistakes: list[str] = []

    def wrong(self, name: str, reason: str) -> None:
        """Note a mistake; reasons never repeat the value, which may be a secret."""
        self.mistakes.append(f"{name}: {reason}")

    def envstr(self, name: str, default: str = "") -> str:
        """Read a text, trimmed."""
        return self._variables.get(name, default).strip()

    def envbool(self, name: str, *, default: bool) -> bool:
        """Read 1/true/yes/on or 0/false/no/off."""
        value = self._variables.get(name, str(default)).strip().lower()
        if value not in _TRUE | _FALSE:
            self.wrong(name, "must be true or false")
        return value in _TRUE

    def envint(self, name: str, default: int, *, low: int = 0, high: int = 2**31) -> int:
        """Read a whole number within `low`..`high`, both inclusive."""
        value = self._variables.get(name, str(default)).strip()
        if not value.lstrip("-").isascii() or not value.lstrip("-").isdigit():
            self.wrong(name, "must be a whole number")
            return default
        number = int(value)
        if not low <= number <= high:
            self.wrong(name, f"must lie within {low} and {high}")
            return default
        return number

    def envlist(self, name: str, default: str = "") -> list[str]:
        """Read a list separated by commas."""
        return [part.strip() for part in self.envstr(name, default).split(",") if part.strip()]

    def envsecret(self, name: str, default: str = "") -> str:
        """Read a secret from NAME, or from the file that NAME_FILE points to; both at once is a mistake."""
        direct, file = self.envstr(name), self.envstr(f"{name}_FILE")
        if direct and file:
            self.wrong(name, f"is set twice, here and by {name}_FILE")
        if not file:
            return direct or default
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            self.wrong(f"{name}_FILE", f"cannot be read ({type(fault).__name__})")
            return default

    def finish(self) -> None:
        """Raise if anything was wrong."""
        if self.mistakes:
            listing = "\n  - ".join(self.mistakes)
            raise ImproperlyConfigured(f"The environment has {len(self.mistakes)} mistake(s):\n  - {listing}")


def read_database(env: Environment, url: str) -> dict[str, object]:
    """Turn a postgresql:// URL into Django's fields; query parameters are passed to libpq."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        env.wrong("DATABASE_URL", "is not a URL")
        return {}
    if parts.scheme not in {"postgresql", "postgres"}:
        env.wrong("DATABASE_URL", "must begin with postgresql:// - no other database is supported")
    name = unquote(parts.path.lstrip("/"))
    if not name:
        env.wrong("DATABASE_URL", "names no database: postgresql://user:password@host:port/database")
    # A pool bounds the connections of a process: under ASGI every request has a thread of its own.
    pool = {"min_size": 0, "max_size": 8, "timeout": 5.0, "max_lifetime": 600.0, "max_idle": 60.0}
    # Left to itself a pool dials again after 1, 2, 4, 8, 16 s …: a database that had been away for a while was back,
    # and staff were not let in for as long again. One that has given up dials as soon as somebody asks.
    pool["reconnect_timeout"] = 1.0
    options: dict[str, object] = {"connect_timeout": "5", "pool": pool, "options": ORM_GUARDS, **DEAD_WAY}
    options.update(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def read_keys(env: Environment, name: str, text: str) -> dict[int, bytes]:
    """Read `1:base64,2:base64`: 256-bit keys by version; the highest version seals, all of them open."""
    keys: dict[int, bytes] = {}
    for place, part in enumerate(filter(None, (piece.strip() for piece in text.split(","))), start=1):
        version, _, encoded = part.partition(":")
        try:
            number, key = int(version), base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            env.wrong(name, f"entry {place} is not VERSION:BASE64")
            continue
        if len(key) != MASTER_KEY_BYTES:
            env.wrong(name, f"entry {place} holds {len(key)} bytes, {MASTER_KEY_BYTES} are needed")
        elif number in keys or number < 1:
            env.wrong(name, f"entry {place}: versions are distinct whole numbers from 1")
        else:
            keys[number] = key
    return keys


def read_issuers(env: Environment, text: str) -> dict[str, bytes]:
    """Read `app:base64,portal:base64`: the secrets of partner apps that may say who somebody is, 32 bytes or more."""
    found: dict[str, bytes] = {}
    for place, part in enumerate(filter(None, (piece.strip() for piece in text.split(","))), start=1):
        issuer, _, encoded = part.partition(":")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            secret = b""
        if not issuer or issuer in found or len(secret) < MASTER_KEY_BYTES:
            env.wrong("ENTRY_TOKENS", f"entry {place} is not NAME:BASE64 of at least {MASTER_KEY_BYTES} bytes")
        else:
            found[issuer] = secret
    return found
