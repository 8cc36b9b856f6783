"""Passwords that an administrator hands over once."""

import base64

from kernel import ids


def fresh_password() -> str:
    """Draw 80 random bits, written so that a person can read them out and type them."""
    text = base64.b32encode(ids.random_bytes(10)).decode().lower()
    return "-".join(text[place : place + 4] for place in range(0, 16, 4))
