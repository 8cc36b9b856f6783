"""The table of rights, held against the rooms' own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.roles import (
    TABLE,
    Door,
    Register,
    doors,
    home,
    is_staff,
    may_edit,
    may_hold_seat,
    may_say,
    may_use_admin,
)
from chat import messages as chat
from kernel.terms import COUNSELING, Role
from kernel.wire import Command
from queueing import messages as queueing
from recordings_policy import messages as record
from recordings_policy.domain.record import RIGHTS
from triage import messages as triage
from triage.messages import agenda

ROOMS = {"session": chat, "desk": queueing, "case": triage, "record": record, "agenda": agenda}


def tags(commands: tuple[type[Command], ...]) -> set[str]:
    """The words of some commands."""
    return {str(command.__struct_config__.tag) for command in commands}


def test_every_word_of_the_table_is_a_word_of_its_room() -> None:
    for role, rights in TABLE.items():
        for kind, words in rights.says.items():
            if kind in ROOMS:
                assert words <= tags(ROOMS[kind].COMMANDS), (role, kind)


def test_every_word_of_a_room_is_somebody_s_to_say() -> None:
    for kind, room in ROOMS.items():
        said = {word for rights in TABLE.values() for word in rights.says.get(kind, frozenset())}
        assert tags(room.COMMANDS) == said, kind


@pytest.mark.parametrize("kind", ["session", "case", "record"])
def test_visitors_say_what_the_room_gives_them_and_nothing_else(kind: str) -> None:
    assert TABLE[Role.VISITOR].says[kind] == tags(ROOMS[kind].VISITOR_COMMANDS)


@pytest.mark.parametrize("kind", sorted(set(ROOMS) - {"agenda"}))
@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.CRISIS_WORKER, Role.SUPERVISOR])
def test_counselors_say_what_the_room_gives_them(kind: str, role: Role) -> None:
    supervisors = (*triage.SUPERVISOR_COMMANDS, *queueing.SUPERVISOR_COMMANDS)
    on_top = tags((*record.STAFF_COMMANDS, *supervisors))
    assert TABLE[role].says[kind] - on_top == tags(ROOMS[kind].COUNSELOR_COMMANDS)


def test_the_record_s_own_table_of_rights_says_the_same() -> None:
    for command, roles in RIGHTS.items():
        (word,) = tags((command,))
        assert {role for role in Role if may_say(role, "record", word)} == roles, word


def test_only_a_counselor_s_grade_lowers_a_risk_never_a_machine_nor_a_peer_supporter() -> None:
    lowers = {role for role in Role if may_say(role, "case", "risk.lower")}
    assert lowers == {Role.COUNSELOR, Role.CRISIS_WORKER, Role.SUPERVISOR}


def test_the_machine_never_speaks_or_listens_for_a_person() -> None:
    person_words = tags(chat.COUNSELOR_COMMANDS) | tags(queueing.COUNSELOR_COMMANDS)
    assert not [w for kind in ROOMS for w in person_words if may_say(Role.SYSTEM, kind, w)]


@pytest.mark.promise("R8")
@given(role=st.sampled_from(Role), kind=st.text(max_size=8), word=st.text(max_size=20))
def test_what_is_not_written_is_refused(role: Role, kind: str, word: str) -> None:
    assert may_say(role, kind, word) == (word in TABLE[role].says.get(kind, frozenset()))
    assert not may_say(role, kind + "x", word)


@pytest.mark.promise("R8")
def test_doors_by_role() -> None:
    assert doors(Role.VISITOR) == {Door.CONTACT}
    assert {role for role in Role if Door.CONSOLE in doors(role)} == COUNSELING
    assert {role for role in Role if Door.SUPERVISION in doors(role)} == {Role.SUPERVISOR, Role.ADMINISTRATOR}
    assert doors(Role.REFERRAL_PARTNER) == doors(Role.SYSTEM) == frozenset()


def test_who_holds_a_seat_has_the_words_for_it() -> None:
    for role in Role:
        assert may_hold_seat(role) == may_say(role, "desk", "offer.accept")


def test_the_admin_opens_for_supervisors_and_administrators_and_staff_is_the_latter_s_alone() -> None:
    assert {role for role in Role if may_use_admin(role)} == {Role.SUPERVISOR, Role.ADMINISTRATOR}
    assert {role for role in Role if may_edit(role, Register.STAFF)} == {Role.ADMINISTRATOR}
    assert may_edit(Role.SUPERVISOR, Register.SCHEDULE)
    assert not may_edit(Role.COUNSELOR, Register.SCHEDULE)


def test_everybody_lands_on_a_page_their_role_may_use() -> None:
    pages = {"/console/": Door.CONSOLE, "/wallboard/": Door.SUPERVISION}
    for role in Role:
        if is_staff(role):
            assert pages[home(role)] in doors(role)
