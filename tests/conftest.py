"""Fixtures every test may use: an instant, and the people of the stories."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from asgiref.sync import SyncToAsync
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connections
from pytest_django import Settings

from accounts.models import StaffMember
from kernel.terms import Role

Hire = Callable[..., StaffMember]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Give back the connections of asgiref's own thread before the test database is dropped."""
    yield
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture
def now() -> datetime:
    """A Tuesday afternoon in Beijing, 14:30."""
    return datetime(2026, 3, 10, 6, 30, tzinfo=UTC)


@pytest.fixture
def hire(db: None) -> Hire:
    """Make a member of staff: `hire("chen", Role.COUNSELOR, lines=["main"])`."""

    def make(
        staff_id: str,
        role: Role = Role.COUNSELOR,
        *,
        name: str = "",
        lines: tuple[str, ...] = ("main",),
        password: str | None = None,
    ) -> StaffMember:
        user = get_user_model().objects.create_user(username=staff_id, password=password)
        return StaffMember.objects.create(
            user=user,
            staff_id=staff_id,
            display_name=name or staff_id,
            role=role.value,
            lines=list(lines),
        )

    return make


@pytest.fixture
def chen(hire: Hire) -> StaffMember:
    """咨询员 陈."""
    return hire("chen", Role.COUNSELOR, name="陈老师")


@pytest.fixture
def zhao(hire: Hire) -> StaffMember:
    """督导 赵."""
    return hire("zhao", Role.SUPERVISOR, name="赵督导")


@pytest.fixture
def admin_person(hire: Hire) -> StaffMember:
    """系统管理员."""
    return hire("admin", Role.ADMINISTRATOR, name="管理员")


@pytest.fixture
def no_second_factor(settings: Settings) -> None:
    """As the demo: nobody is asked for a second factor."""
    settings.XINQIAO_MFA_REQUIRED = False


@pytest.fixture
def fresh_limits() -> Iterator[None]:
    """Forget sign-in attempts of other tests."""
    cache.clear()
    yield
    cache.clear()
