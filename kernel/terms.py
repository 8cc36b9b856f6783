"""Words that every room shares: roles, media, risk levels, and who is acting."""

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What somebody may be towards a contact; rights per role stand in accounts/domain/roles.py."""

    VISITOR = "visitor"
    COUNSELOR = "counselor"
    PEER_SUPPORTER = "peer_supporter"
    SUPERVISOR = "supervisor"
    CRISIS_WORKER = "crisis_worker"
    REFERRAL_PARTNER = "referral_partner"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


class Medium(StrEnum):
    """How a contact is carried."""

    TEXT = "text"
    VOICE = "voice"


class RiskLevel(StrEnum):
    """How urgent a contact is (一般/中/高/紧急); ordered by urgency, not by spelling."""

    ROUTINE = "routine"
    MODERATE = "moderate"
    HIGH = "high"
    IMMINENT = "imminent"

    @property
    def rank(self) -> int:
        """0 for routine up to 3 for imminent."""
        return _RANK[self]

    def __lt__(self, other: str) -> bool:
        """Less urgent than."""
        return self.rank < _RANK[other]

    def __le__(self, other: str) -> bool:
        """At most as urgent as."""
        return self.rank <= _RANK[other]

    def __gt__(self, other: str) -> bool:
        """More urgent than."""
        return self.rank > _RANK[other]

    def __ge__(self, other: str) -> bool:
        """At least as urgent as."""
        return self.rank >= _RANK[other]


_RANK = {"routine": 0, "moderate": 1, "high": 2, "imminent": 3}


class Attending(StrEnum):
    """How somebody is present in another's conversation: 监听, 密语, 强插."""

    MONITOR = "monitor"
    WHISPER = "whisper"
    BARGE = "barge"


class Actor(msgspec.Struct, frozen=True):
    """Who gives a command: a role, and an id that is unique within it (contact id for a visitor)."""

    role: Role
    id: str

    @property
    def is_staff(self) -> bool:
        """True for everybody who works a contact with a sign-in of their own."""
        return self.role in STAFF

    @property
    def is_counseling(self) -> bool:
        """True for whoever may hold a seat at a desk."""
        return self.role in COUNSELING


COUNSELING = frozenset({Role.COUNSELOR, Role.PEER_SUPPORTER, Role.CRISIS_WORKER, Role.SUPERVISOR})
STAFF = COUNSELING | {Role.ADMINISTRATOR}
SYSTEM = Actor(Role.SYSTEM, "system")
