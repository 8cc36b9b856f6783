"""Tokens and tickets."""

import asyncio
from datetime import datetime, timedelta

import pytest
from django.db import connection

from accounts import store
from accounts.models import StaffMember
from kernel.terms import Actor, Role

VISITOR = Actor(Role.VISITOR, "c0123456789abcdef01234567")


@pytest.mark.django_db
def test_a_token_finds_its_contact_until_it_is_over(now: datetime) -> None:
    token = store.issue_visitor_token(VISITOR.id, now)
    assert store.contact_of_token(token, now) == VISITOR.id
    assert store.contact_of_token(token, now + store.TOKEN_LIFE - timedelta(seconds=1)) == VISITOR.id
    assert store.contact_of_token(token, now + store.TOKEN_LIFE) is None


@pytest.mark.django_db
def test_a_revoked_token_finds_nobody_and_the_other_devices_stay(now: datetime) -> None:
    here, there = (store.issue_visitor_token(VISITOR.id, now) for _ in range(2))
    store.revoke(here)
    assert store.contact_of_token(here, now) is None
    assert store.contact_of_token(there, now) == VISITOR.id
    assert store.revoke_contact(VISITOR.id) == 1
    assert store.contact_of_token(there, now) is None


@pytest.mark.promise("R12")
@pytest.mark.django_db
def test_a_dump_of_the_tables_shows_no_secret(now: datetime) -> None:
    secrets = [store.issue_visitor_token(VISITOR.id, now), store.issue_ticket(VISITOR, now)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM accounts_visitortoken t")
        dump = str(cursor.fetchall())
        cursor.execute("SELECT t::text FROM accounts_entryticket t")
        dump += str(cursor.fetchall())
    assert not [s for s in secrets if s in dump or s.encode().hex() in dump]


@pytest.mark.django_db
def test_a_ticket_is_used_up_and_a_late_one_is_void(now: datetime) -> None:
    ticket = store.issue_ticket(VISITOR, now)
    assert store.redeem_ticket(ticket, now) == VISITOR
    assert store.redeem_ticket(ticket, now) is None
    late = store.issue_ticket(VISITOR, now)
    assert store.redeem_ticket(late, now + store.TICKET_LIFE) is None
    assert store.redeem_ticket(late, now) is None


@pytest.mark.django_db(transaction=True)
async def test_of_many_who_show_the_same_ticket_at_once_one_comes_in(now: datetime) -> None:
    ticket = await store.aissue_ticket(VISITOR, now)
    answers = await asyncio.gather(*(store.aredeem_ticket(ticket, now) for _ in range(12)))
    assert [answer for answer in answers if answer] == [VISITOR]


@pytest.mark.django_db
def test_sweeping_takes_only_what_is_over(now: datetime) -> None:
    token = store.issue_visitor_token(VISITOR.id, now)
    store.issue_ticket(VISITOR, now)
    assert store.sweep(now) == 0
    assert store.sweep(now + store.TICKET_LIFE) == 1
    assert store.contact_of_token(token, now) == VISITOR.id


@pytest.mark.django_db
def test_the_staff_of_a_line_are_its_active_people(chen: StaffMember, zhao: StaffMember) -> None:
    assert [person.staff_id for person in store.staff_of_line("main")] == ["chen", "zhao"]
    zhao.user.is_active = False
    zhao.user.save()
    assert [person.name for person in store.staff_of_line("main")] == ["陈老师"]
    assert store.staff_of_line("mai") == ()
    assert store.staff_by_id("zhao") is None
