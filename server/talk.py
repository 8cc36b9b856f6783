"""What a partner who was let into a talk may read of it: from the moment it came in."""

from typing import Any

from chat.messages import MessagePosted, ParticipantJoined, ParticipantLeft, SessionEnded
from kernel.terms import Role
from server.wiring import hub

PAGE = 500
SIDES = {Role.VISITOR: "visitor", Role.REFERRAL_PARTNER: "partner"}


async def since_entry(contact: str, partner: str) -> list[dict[str, Any]]:
    """The words said since this partner last came in, oldest first; empty until the talk has noticed it."""
    engine = (await hub()).engine
    said: list[dict[str, Any]] = []
    inside, after = False, 0
    while True:
        rows = await engine.read(f"session.{contact}", after, PAGE)
        for row in rows:
            match row.event:
                case ParticipantJoined(person=person, grade=Role.REFERRAL_PARTNER) if person == partner:
                    said, inside = [], True
                case ParticipantLeft(person=person) if person == partner:
                    inside = False
                case SessionEnded() if inside:
                    said.append({"seq": row.seq, "at": row.at, "side": "end", "text": ""})
                case MessagePosted(text=str(text)) if inside:
                    side = SIDES.get(row.by.role, "counselor")
                    said.append({"seq": row.seq, "at": row.at, "side": side, "text": text})
        if len(rows) < PAGE:
            return said
        after = rows[-1].seq
