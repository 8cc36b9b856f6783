"""What every media engine does: open legs, connect them by a table of routes, tell facts. Commands are idempotent."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from chat.domain.lanes import Lane, Route
from kernel.terms import Role

LANES: tuple[Lane, ...] = ("main", "aux")
LOST_AFTER_S = 6.0


class Limits(msgspec.Struct, frozen=True):
    """What one worker takes: at most so many calls and legs, and no new call while its loop lags by `lag_ms`."""

    calls: int = 250
    legs_per_call: int = 6
    lag_ms: float = 150.0
    lost_after_s: float = LOST_AFTER_S


class Load(msgspec.Struct, frozen=True):
    """How busy a worker is: `lag_ms` is the median lag of its loop in the last seconds."""

    calls: int
    legs: int
    lag_ms: float
    limit: int

    @property
    def score(self) -> float:
        """0 is idle, 1 and above takes no new call."""
        return max(self.calls / max(1, self.limit), self.lag_ms / 150.0)


class LegConnected(msgspec.Struct, frozen=True, tag_field="fact", tag="leg.connected"):
    """Media flows with this leg; also told again when it comes back."""

    call: str
    leg: str


class LegLost(msgspec.Struct, frozen=True, tag_field="fact", tag="leg.lost"):
    """Nothing was heard of this leg for too long (`silent`), it hung up (`closed`), or it could not prove itself."""

    call: str
    leg: str
    reason: str


class LegQuality(msgspec.Struct, frozen=True, tag_field="fact", tag="leg.quality"):
    """How this leg receives: `loss` 0..1 lately, `jitter_ms`, `rtt_ms` to the worker; None where not known."""

    call: str
    leg: str
    loss: float
    jitter_ms: float
    rtt_ms: float | None = None


Fact = LegConnected | LegLost | LegQuality
Tell = Callable[[Fact], None]


class RecordingDecision(msgspec.Struct, frozen=True):
    """The right to record one call: without this value nothing can be tapped. Made by the room that keeps records."""

    call: str
    recording: str
    policy_version: int
    consents: tuple[str, ...]


class Tap(Protocol):
    """Takes the encoded packets of one leg; must return at once and never touch a file itself."""

    def take(self, at: float, timestamp: int, payload: bytes) -> None:
        """One Opus packet: when it arrived (s, monotonic) and its media time (1/48000 s)."""


class MediaEngine(Protocol):
    """One worker's media plane. Errors are Malformed (the offer) and Refused (`unknown_call`, `unknown_leg`,
    `too_many_legs`, `overloaded`, `no_codec`, `not_permitted`)."""

    async def start(self) -> None:
        """Open ports."""

    async def open_leg(self, call: str, leg: str, role: Role, offer: str) -> str:
        """Answer an offer: opens the call and the leg where they are new; the same offer gets the same answer, a
        changed one restarts ICE or, with another certificate, replaces the leg's connection."""

    async def arrange(self, call: str, revision: int, routes: frozenset[Route]) -> None:
        """Make exactly these routes stand; a revision that is not newer changes nothing. Routes to or from legs that
        are not here yet wait for them."""

    async def close_leg(self, call: str, leg: str) -> None:
        """Hang up one leg; unknown ones are closed already."""

    async def close_call(self, call: str) -> None:
        """Hang up all legs and forget the call."""

    async def tap(self, call: str, leg: str, tap: Tap | None, decision: RecordingDecision) -> None:
        """Attach a tap to what this leg says, or detach it with None; raises Refused for another call's decision."""

    def legs(self, call: str) -> frozenset[str]:
        """Name the legs of a call that are here; none where the call is unknown."""

    def load(self) -> Load:
        """Tell how busy this worker is."""

    async def stop(self) -> None:
        """Hang up everything and close the ports."""
