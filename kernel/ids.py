"""The only dice of the house: ids and secrets."""

import random
import secrets
import uuid

Dice = random.Random
"""Dice handed in by whoever rehearses; nothing else may hold any."""


def contact_id() -> str:
    """Mint the id of a contact: 26 characters, unguessable, safe in a URL and in a feed name."""
    return "c" + secrets.token_hex(12)


def command_id() -> str:
    """Mint an id for a command that no client named."""
    return uuid.uuid4().hex


def token() -> str:
    """Mint a 256-bit secret for a visitor's or a ticket's bearer, URL-safe."""
    return secrets.token_urlsafe(32)


def process_id() -> str:
    """Mint a name for this process, new at each start."""
    return secrets.token_hex(6)


def jitter(upper: float) -> float:
    """Draw a delay in seconds between 0 and `upper`, to spread reconnections."""
    return random.uniform(0, upper)  # noqa: S311 - spreading load, not guarding a secret


def seeded(seed: int) -> random.Random:
    """Give dice that fall the same way for the same seed: for rehearsals, never for a secret."""
    return random.Random(seed)  # noqa: S311 - a rehearsal is repeatable on purpose


def random_bytes(size: int) -> bytes:
    """Draw `size` random bytes for keys and nonces."""
    return secrets.token_bytes(size)
