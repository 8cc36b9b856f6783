"""Every look is in the log before anything is shown, and the log in the database cannot be changed unseen (R8)."""

import random
import time
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts.models import StaffMember
from kernel.terms import Role
from recordings_policy import store
from recordings_policy.domain.access import Circumstances, Need, Reason, Resource
from recordings_policy.models import AccessHead, AccessLog
from tests.recordings_policy.people import COUNSELOR_CHEN, DAY, SUPERVISOR_ZHAO, T0, WORKER_LI

pytestmark = [pytest.mark.django_db, pytest.mark.promise("R8")]
IN_HAND = Circumstances(frozenset({Need.IN_HAND}))


def look(times: int = 1) -> None:
    """Chen reads Li's transcript."""
    for number in range(times):
        at = T0 + number * DAY
        assert store.ask(COUNSELOR_CHEN, Resource.TRANSCRIPT, "c-li", Reason.CARE, IN_HAND, at).opened


def by_force(statement: str, *arguments: int) -> None:
    """Do what only the owner of the database can do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE recordings_policy_accesslog DISABLE TRIGGER written_once")
        cursor.execute(statement, arguments)
        cursor.execute("ALTER TABLE recordings_policy_accesslog ENABLE TRIGGER written_once")


def test_a_look_is_in_the_log_with_who_what_why_and_when() -> None:
    look()
    (entry,) = store.looks("c-li")
    seen = (entry.who, entry.role, entry.what, entry.why, entry.at)
    assert seen == ("chen", Role.COUNSELOR, Resource.TRANSCRIPT, Reason.CARE, T0)
    assert store.looks("c-wang") == ()


def test_who_is_refused_leaves_no_look() -> None:
    answer = store.ask(COUNSELOR_CHEN, Resource.TRANSCRIPT, "c-li", Reason.CARE, Circumstances(), T0)
    assert answer.code == Need.IN_HAND
    assert not AccessLog.objects.exists()


def test_a_reference_is_needed_in_deed_not_in_word() -> None:
    claims = Circumstances(frozenset({Need.REFERENCE, Need.IN_SCOPE}))
    wish = (SUPERVISOR_ZHAO, Resource.TRANSCRIPT, "c-li", Reason.COMPLAINT, claims, T0)
    assert store.ask(*wish).code == Need.REFERENCE
    answer = store.ask(*wish, reference="2026-118")
    assert answer.opened
    assert answer.look == store.head().count == 1
    assert store.looks("c-li")[0].reference == "2026-118"


def test_looks_are_numbered_without_gaps_and_the_log_is_whole() -> None:
    assert store.verify_log() is None
    look(5)
    store.ask(WORKER_LI, Resource.ACCESS_LOG, "c-li", Reason.OWN, Circumstances(frozenset({Need.OWNER})), T0)
    assert [entry.seq for entry in store.looks("c-li")] == [1, 2, 3, 4, 5, 6]
    assert store.verify_log() is None
    assert store.head().count == 6


@pytest.mark.parametrize(
    "statement",
    ["UPDATE recordings_policy_accesslog SET who = 'x'", "DELETE FROM recordings_policy_accesslog"],
)
def test_the_database_refuses_to_change_or_delete_a_look(statement: str) -> None:
    look(2)
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert store.verify_log() is None


def test_django_refuses_too() -> None:
    look()
    row = AccessLog.objects.get()
    with pytest.raises(ValidationError):
        row.save()
    with pytest.raises(ValidationError):
        row.delete()


ROWS, TAMPERINGS, IN_TIME_S = 120, 500, 60.0
COLUMNS = ("who", "role", "what", "contact", "why", "reference", "at", "key", "prev", "digest")
TABLE = "recordings_policy_accesslog"


def tampered(dice: random.Random) -> tuple[str, int, tuple[Any, ...]]:
    """One thing that somebody who owns the database may do: the statement, the first row that is wrong, arguments."""
    seq = dice.randrange(1, ROWS + 1)
    match dice.choice(("change", "change", "change", "delete", "cut", "swap", "insert", "head")):
        case "change":
            column = dice.choice(COLUMNS)
            told = {
                "at": "at + interval '1 microsecond'",
                "key": "key + 1",
                "prev": "translate(prev, '0123456789abcdef', '123456789abcdef0')",
                "digest": "translate(digest, '0123456789abcdef', '123456789abcdef0')",
            }
            change = told.get(column, f"left({column} || 'x', 80)")
            return f"UPDATE {TABLE} SET {column} = {change} WHERE seq = %s", seq, (seq,)
        case "delete":
            return f"DELETE FROM {TABLE} WHERE seq = %s", seq, (seq,)
        case "cut":
            return f"DELETE FROM {TABLE} WHERE seq >= %s", seq, (seq,)
        case "swap":
            first = dice.randrange(1, ROWS)
            swap = f"UPDATE {TABLE} SET at = (SELECT o.at FROM {TABLE} o WHERE o.seq = %s) WHERE seq = %s"
            return swap, first, (first + 1, first)
        case "insert":
            row = "seq + %s, who, role, what, contact, why, reference, at, key, digest, digest"
            return f"INSERT INTO {TABLE} SELECT {row} FROM {TABLE} WHERE seq = %s", ROWS + 1, (1, ROWS)
    back = "UPDATE recordings_policy_accesshead SET count = %s"
    return back, seq if seq < ROWS else ROWS + 1, (seq if seq < ROWS else ROWS + 1,)


def test_every_one_of_500_tamperings_by_the_owner_of_the_database_is_found_at_its_row() -> None:
    """Within a minute for all of them, through the command itself."""
    look(ROWS)
    dice, began = random.Random(20261122), time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER written_once")
        for number in range(TAMPERINGS):
            statement, first, arguments = tampered(dice)
            mark = transaction.savepoint()
            cursor.execute(statement, arguments)
            with pytest.raises(CommandError, match=r"^access log: row \d+ is ") as found:
                call_command("verifylog")
            told = int(str(found.value).split()[3])
            # A head set back is found where the rows outnumber it.
            assert told in (first, first + 1), (number, statement, str(found.value))
            transaction.savepoint_rollback(mark)
        cursor.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER written_once")
    assert store.verify_log() is None
    assert time.monotonic() - began < IN_TIME_S


def test_a_lost_end_is_found() -> None:
    look(3)
    AccessHead.objects.all().delete()
    assert store.verify_log() is not None


def test_verifylog_prints_the_end_and_finds_a_cut_even_where_the_end_was_set_back() -> None:
    look(2)
    older = AccessHead.objects.get()
    look(2)
    out = StringIO()
    call_command("verifylog", stdout=out)
    written_down = out.getvalue().split()[-1]
    call_command("verifylog", expect=written_down, stdout=out)
    by_force("DELETE FROM recordings_policy_accesslog WHERE seq > %s", 2)
    with pytest.raises(CommandError, match="row 3 is missing"):
        call_command("verifylog")
    older.save()
    call_command("verifylog", stdout=out)
    with pytest.raises(CommandError, match="row 3 is missing"):
        call_command("verifylog", expect=written_down)
    with pytest.raises(CommandError, match="COUNT:DIGEST"):
        call_command("verifylog", expect="yesterday")


@pytest.mark.usefixtures("no_second_factor")
def test_whoever_reads_the_log_stands_in_it_once_in_ten_minutes(zhao: StaffMember, chen: StaffMember) -> None:
    browser = Client()
    for member, status in ((chen, 302), (zhao, 200), (zhao, 200)):
        browser.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
        assert browser.get("/admin/recordings_policy/accesslog/").status_code == status
    (entry,) = store.looks("*")
    assert (entry.who, entry.what, entry.why) == ("zhao", Resource.ACCESS_LOG, Reason.AUDIT)
