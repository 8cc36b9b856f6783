"""Who may open what: the whole role x resource x reason matrix, and what sealing does to it (R8)."""

from datetime import timedelta
from itertools import product

import pytest

from kernel.terms import Role
from recordings_policy.domain.access import (
    TABLE,
    Answer,
    Circumstances,
    Need,
    Reason,
    Resource,
    in_hand,
    may_open,
)
from tests.recordings_policy.people import DAY, T0

pytestmark = pytest.mark.promise("R8")
EVERYTHING = frozenset(Need)
MATRIX = list(product(Role, Resource, Reason))

# Written again by hand, from what a union would expect; the code's table is not read here.
ALLOWED = {
    "visitor": {"own": "transcript recording record access_log"},
    "counselor": {"care": "transcript note case record reach packet", "training": "transcript recording"},
    "peer_supporter": {"care": "transcript note case record reach packet"},
    "crisis_worker": {
        "care": "transcript note case record reach packet",
        "crisis": "transcript note case record recording reach",
        "break_glass": "transcript note case record recording reach identity",
    },
    "supervisor": {
        "care": "transcript note case record reach packet",
        "crisis": "transcript note case record recording reach",
        "supervision": "transcript note case record",
        "complaint": "transcript note case record recording",
        "training": "transcript recording",
        "break_glass": "transcript note case record recording reach identity",
        "audit": "record access_log",
    },
    "administrator": {
        "disclosure": "transcript note case record recording identity",
        "audit": "record access_log",
    },
    "referral_partner": {"referral": "packet transcript"},
    "system": {},
}


def test_the_matrix_is_complete_and_says_no_unless_written() -> None:
    for role, resource, reason in MATRIX:
        answer = may_open(role, resource, reason, Circumstances(EVERYTHING))
        written = resource.value in ALLOWED[role.value].get(reason.value, "").split()
        assert answer.opened is written, (role, resource, reason)
        assert answer.code == ("" if written else "not_permitted")
    assert len(MATRIX) == 8 * 9 * 10


def test_every_single_condition_is_needed() -> None:
    for cell, terms in TABLE.items():
        for need in terms.needs:
            lacking = may_open(*cell, Circumstances(EVERYTHING - {need}))
            assert lacking == Answer(False, need.value), cell


def test_nobody_opens_anything_without_any_condition_but_the_books() -> None:
    free = {cell for cell in MATRIX if may_open(*cell, Circumstances()).opened}
    books = (Resource.RECORD, Resource.ACCESS_LOG)
    assert free == {
        (role, resource, Reason.AUDIT) for role in (Role.SUPERVISOR, Role.ADMINISTRATOR) for resource in books
    }


def test_what_is_sealed_opens_by_legal_disclosure_only() -> None:
    words = [cell for cell in MATRIX if cell[1] not in (Resource.RECORD, Resource.ACCESS_LOG)]
    opened = {
        (role, reason)
        for role, resource, reason in words
        if may_open(role, resource, reason, Circumstances(EVERYTHING, sealed=True)).opened
    }
    assert opened == {(Role.ADMINISTRATOR, Reason.DISCLOSURE)}


def test_the_visitor_still_reads_what_is_kept_and_who_looked_when_all_else_is_sealed_or_gone() -> None:
    for state in (Circumstances(EVERYTHING, sealed=True), Circumstances(EVERYTHING, gone=True)):
        for resource in (Resource.RECORD, Resource.ACCESS_LOG):
            assert may_open(Role.VISITOR, resource, Reason.OWN, state).opened


def test_what_is_gone_opens_for_nobody() -> None:
    for role, resource, reason in MATRIX:
        if resource not in (Resource.RECORD, Resource.ACCESS_LOG):
            assert not may_open(role, resource, reason, Circumstances(EVERYTHING, gone=True)).opened


def test_breaking_the_glass_and_disclosing_are_noticed() -> None:
    noticed = {reason for cell in MATRIX if may_open(*cell, Circumstances(EVERYTHING)).notice for reason in cell[2:]}
    assert noticed == {Reason.BREAK_GLASS, Reason.DISCLOSURE}


def test_a_contact_stays_in_hand_for_three_days() -> None:
    assert in_hand(True, False, None, T0)
    assert in_hand(False, True, T0, T0 + 3 * DAY - timedelta(seconds=1))
    assert not in_hand(False, True, T0, T0 + 3 * DAY)
    assert not in_hand(False, False, None, T0)
