"""Token buckets: they slow a flood and never lock anybody out."""

from datetime import datetime

import msgspec


class Bucket(msgspec.Struct, frozen=True):
    """So many tokens, refilled at `per_s`, at most `size`."""

    size: float
    per_s: float
    tokens: float
    at: datetime

    @classmethod
    def full(cls, size: float, per_s: float, now: datetime) -> "Bucket":
        """Begin full."""
        return cls(size, per_s, size, now)

    def take(self, now: datetime, cost: float = 1.0) -> tuple["Bucket", bool]:
        """Take tokens; answers the new bucket and whether there were enough. A clock jumping back refills nothing."""
        elapsed_s = max(0.0, (now - self.at).total_seconds())
        tokens = min(self.size, self.tokens + elapsed_s * self.per_s)
        if tokens < cost:
            return Bucket(self.size, self.per_s, tokens, now), False
        return Bucket(self.size, self.per_s, tokens - cost, now), True

    def wait_ms(self, cost: float = 1.0) -> int:
        """How long until `cost` tokens are there, in milliseconds."""
        return max(0, int(1000 * (cost - self.tokens) / self.per_s)) + 1
