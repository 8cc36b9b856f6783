"""What ties somebody of the staff to a contact, and which words need such a tie: nobody acts on a stranger's contact.

The session holds its own words against its owner. Case and record do not know who has the contact, so their words are
held against these ties before they are given.
"""

from collections.abc import Mapping
from enum import StrEnum

from kernel.terms import STAFF, Role


class Tie(StrEnum):
    """One reason why a contact is somebody's business."""

    HOLDER = "holder"  # it is in their hands, owed by them, or theirs was the last
    BESIDE = "beside"  # they came into the conversation beside its owner
    CALLED = "called"  # they have, or help with, its escalation
    FOLLOWS = "follows"  # its follow-up is theirs
    IN_SCOPE = "in_scope"  # it is on a line of theirs


HANDS = frozenset({Tie.HOLDER, Tie.BESIDE, Tie.CALLED, Tie.FOLLOWS})

BOUND = frozenset({"case", "record"})
"""Kinds of aggregates whose words need a tie; the others see to it themselves."""

# By these words somebody of the line comes to a contact that is not theirs yet.
INVITING: Mapping[str, frozenset[str]] = {
    "case": frozenset({"escalation.acknowledge", "escalation.join", "follow_up.take"}),
    "record": frozenset({"glass.ask", "glass.break", "glass.refuse"}),
}


# What only protects is never refused to whoever has, or had, the contact: a line may be taken from them in the middle.
PROTECTING = frozenset({"risk.raise", "help.now", "recording.stop", "consent.withdraw"})


def may_touch(role: Role, kind: str, tag: str, ties: frozenset[Tie]) -> bool:
    """Tell whether these ties allow somebody of the staff to give this command to this contact.

    Which words a role has at all stands in `roles`. A supervisor answers for every contact of their lines; an
    administrator's words (holds) are about the books and not about a line. Whoever was moved to another line may still
    say what protects a contact that was theirs, and nothing else.
    """
    if role not in STAFF or kind not in BOUND or role is Role.ADMINISTRATOR:
        return True
    if Tie.IN_SCOPE not in ties:
        return bool(ties & HANDS) and tag in PROTECTING
    return bool(ties & HANDS) or role is Role.SUPERVISOR or tag in INVITING.get(kind, frozenset())
