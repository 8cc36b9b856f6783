"""How far one side has received and read the other's words: two watermarks that only rise."""

import msgspec

from chat.messages import MarkReceipt, ReceiptMarked
from kernel.terms import Actor, Role
from kernel.wire import Event


class Receipt(msgspec.Struct, frozen=True):
    """How far one side has received and read, as seqs."""

    delivered: int = 0
    read: int = 0


def mark(command: MarkReceipt, by: Actor, visitor: Receipt, staff: Receipt, seq: int) -> tuple[Event, ...]:
    """Watermarks only rise, and never past what was said; nothing where nothing rose."""
    here = by.role is Role.VISITOR
    known = visitor if here else staff
    delivered = max(known.delivered, min(command.delivered, seq))
    read = max(known.read, min(command.read, delivered))
    if Receipt(delivered, read) == known:
        return ()
    return (ReceiptMarked("visitor" if here else "counselor", delivered, read),)
