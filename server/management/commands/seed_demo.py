"""Lays out a line and six people to try the service with; running it again changes nothing."""

from argparse import ArgumentParser
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from typing_extensions import override

from accounts.models import StaffMember
from accounts.passwords import fresh_password
from kernel import clock
from kernel.terms import Medium, Role
from queueing import store
from queueing.domain.hours import local_day
from queueing.domain.schedule import WEEKDAYS, Schedule, WeeklyRule, Window, parse_windows
from queueing.models import Line
from queueing.policy import DeskPolicy
from recordings_policy import store as records
from recordings_policy.policy import PromiseText, Purpose, RecordPolicy
from triage.directory import seed_partners

LINE = "main"
BY = "seed_demo"


class Person(msgspec.Struct, frozen=True):
    """One invented member of staff."""

    name: str
    staff_id: str
    role: Role
    languages: tuple[str, ...] = ("zh-Hans",)


# What is written is kept three years (the minimum of the national hotline guide) and then destroyed.
KEPT = RecordPolicy(
    line=LINE,
    medium=Medium.TEXT,
    record=False,
    who_may_consent=(),
    retention_floor_days=1096,
    retention_ceiling_days=1096,
    purposes=(),
    promises=(),
)

# The words the visitor's page shows before a call is recorded (frontend/visitor/recording.ts), by their SHA-256.
ASKED = (
    PromiseText(
        Purpose.RECORDING,
        "recording-1",
        "zh-Hans",
        "1834d9dd4f9e785e9b6d91063007d3ab1764ec1c2c08198b62998a5ade08a3e9",
    ),
    PromiseText(
        Purpose.RECORDING,
        "recording-1",
        "en",
        "d40d5879cfe5eeb9c2bcebfc218ec80e7604b1344c017530bb38c23d94265447",
    ),
)
# A call is recorded only where the visitor said yes to these words, and then kept as long as what is written.
SPOKEN = msgspec.structs.replace(
    KEPT,
    medium=Medium.VOICE,
    record=True,
    who_may_consent=(Role.VISITOR,),
    purposes=(Purpose.RECORDING,),
    promises=ASKED,
)

PEOPLE = (
    Person("陈老师", "chen", Role.COUNSELOR, ("zh-Hans", "en")),
    Person("林老师", "lin", Role.COUNSELOR),
    Person("王师傅", "wang", Role.PEER_SUPPORTER),
    Person("周老师", "zhou", Role.CRISIS_WORKER),
    Person("赵督导", "zhao", Role.SUPERVISOR, ("zh-Hans", "en")),
    Person("管理员", "admin", Role.ADMINISTRATOR, ("zh-Hans", "en")),
)


class Command(BaseCommand):
    """`manage.py seed_demo [--hours 10:00-22:00] [--reset]`."""

    help = "Create the demo line and its staff; passwords are printed once, when they are made."

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        """Hours and a reset, both optional."""
        parser.add_argument("--hours", help="daily windows, for instance 10:00-22:00 or 10:00-12:00,14:00-26:00")
        parser.add_argument("--reset", action="store_true", help="give everybody a new password")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Seed within one transaction and print the new sign-ins."""
        windows = read_hours(options["hours"])
        with transaction.atomic():
            seed_line(windows)
            seed_partners()
            made = [
                (person, password) for person in PEOPLE if (password := seed_person(person, reset=options["reset"]))
            ]
        for person, password in made:
            self.stdout.write(f"{person.role.value:<15} {person.staff_id:<7} {password}  {person.name}")
        if not made:
            self.stdout.write("The demo's people are here already; seed_demo --reset gives new passwords.")


def read_hours(text: str | None) -> tuple[Window, ...] | None:
    """Read --hours; None where it was not given."""
    if text is None:
        return None
    try:
        windows = parse_windows(text)
    except ValueError as fault:
        raise CommandError(f"--hours: cannot read {fault}; write 10:00-22:00") from None
    if not windows:
        raise CommandError("--hours: names no window; write 10:00-22:00")
    return windows


def seed_line(windows: tuple[Window, ...] | None) -> None:
    """Make the line; unless hours are given it is open around the clock, whenever somebody tries it."""
    Line.objects.get_or_create(
        id=LINE, defaults={"name_zh": "职工心理服务热线", "name_en": "Workers' counselling line", "voice": True}
    )
    now = clock.now()
    published = store.current_schedule(LINE)
    wanted = windows or (Window(0, 24 * 60),)
    current = {window for rule in published.schedule.rules for window in rule.windows}
    if published.version == 0 or (windows and current != set(wanted)):
        rule = WeeklyRule(days=WEEKDAYS, windows=wanted, valid_from=local_day(Schedule(), now))
        store.publish_schedule(LINE, Schedule(rules=(rule,)), BY, now, "演示 demo")
    if store.current_policy(LINE).version == 0:
        store.publish_policy(LINE, DeskPolicy(), BY, now, "演示 demo")
    if not records.rules_in_force(LINE, now):
        for kept in (KEPT, SPOKEN):
            records.publish_policy(kept, now, BY, now, "演示 demo")


def seed_person(person: Person, *, reset: bool) -> str:
    """Make a person, or give a new password with `reset`; the password if there is a new one."""
    user, created = get_user_model().objects.get_or_create(username=person.staff_id)
    password = fresh_password() if created or reset else ""
    if password:
        user.set_password(password)
        user.save()
    StaffMember.objects.get_or_create(
        user=user,
        defaults={
            "staff_id": person.staff_id,
            "display_name": person.name,
            "role": person.role.value,
            "languages": list(person.languages),
            "lines": [LINE],
        },
    )
    return password
