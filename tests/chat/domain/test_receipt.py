"""Receipts: watermarks that only rise."""

from hypothesis import given
from hypothesis import strategies as st

from chat.domain.receipt import Receipt, mark
from chat.messages import MarkReceipt, ReceiptMarked
from kernel.terms import Actor
from tests.personas import CHEN, XIAO_LI
from tests.strategies import seqs


@given(seqs, seqs, seqs, seqs, seqs, st.sampled_from([XIAO_LI, CHEN]))
def test_no_receipt_falls_or_names_what_was_not_said(
    delivered: int, read: int, before: int, told: int, seq: int, by: Actor
) -> None:
    known = Receipt(max(before, told), told)
    for event in mark(MarkReceipt(delivered, read), by, known, known, max(seq, known.delivered)):
        assert isinstance(event, ReceiptMarked)
        assert known.delivered <= event.delivered <= max(seq, known.delivered)
        assert known.read <= event.read <= event.delivered
        assert event.side == ("visitor" if by == XIAO_LI else "counselor")


def test_the_same_receipt_again_says_nothing() -> None:
    assert mark(MarkReceipt(3, 2), CHEN, Receipt(), Receipt(3, 2), 9) == ()
    assert mark(MarkReceipt(3, 2), XIAO_LI, Receipt(), Receipt(3, 2), 9) == (ReceiptMarked("visitor", 3, 2),)
