"""Argon2id for staff passwords, a few at a time: each takes 64 MiB and a core for a moment."""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher
from typing_extensions import override

AT_ONCE = 2
_gate = threading.BoundedSemaphore(AT_ONCE)


class BoundedArgon2(Argon2PasswordHasher):
    """RFC 9106's second profile (64 MiB, 3 passes); a storm of sign-ins waits in line, two at a time."""

    time_cost = 3
    memory_cost = 64 * 1024
    parallelism = 2

    @override
    def encode(self, password: str, salt: str) -> str:
        """Hash within the gate."""
        with _gate:
            return super().encode(password, salt)

    @override
    def verify(self, password: str, encoded: str) -> bool:
        """Check within the gate."""
        with _gate:
            return super().verify(password, encoded)
