"""A line's own ladder, plans and waiting times: published in the admin, checked, and obeyed by every case after it."""

import asyncio
from datetime import time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from msgspec.structs import replace

from accounts.models import StaffMember
from accounts.orm import guarded
from kernel import clock
from kernel.decider import Address
from kernel.terms import RiskLevel
from queueing.models import Line
from server import wiring
from tests.flows.conftest import housed
from triage import messages as m
from triage import store
from triage.models import CasePolicyVersion
from triage.policy import LADDER, POLICY, CasePolicy
from triage.policy_check import BOUNDS, case_policy_problems

QUICK = CasePolicy(
    ladder=(LADDER[0], replace(LADDER[1], after_s=7)),
    follow_up_h={RiskLevel.HIGH: (2, 5), RiskLevel.IMMINENT: (1,)},
    quiet_from=time.max,
    quiet_until=time.min,
)
FORM: dict[str, Any] = {
    **{name: getattr(POLICY, name) for name in BOUNDS},
    **{"line": "main", "note": "夜里也打扰", "ladder_s": "0, 20, 40、90", "high_h": "24, 72", "imminent_h": "12, 24"},
    **{"asked_h": "72", "overdue_h": "4", "quiet_from": "23:00", "quiet_until": "07:00"},
}


def test_what_makes_no_sense_is_named_in_both_languages() -> None:
    assert case_policy_problems(POLICY) == ()
    assert case_policy_problems(QUICK) == ()
    for wrong in (
        replace(POLICY, review_s=5),
        replace(POLICY, ladder=()),
        replace(POLICY, ladder=LADDER[1:]),
        replace(POLICY, ladder=(LADDER[0], LADDER[2], LADDER[1])),
        replace(POLICY, follow_up_h={RiskLevel.HIGH: (24,)}),
        replace(POLICY, asked_follow_up_h=(24.0 * 365,)),
    ):
        (said,) = case_policy_problems(wrong)
        assert " / " in said


def test_a_case_obeys_the_rules_its_line_had_when_it_was_opened(transactional_db: None) -> None:
    async def story() -> None:
        async with housed(react=wiring.react) as house:
            await asyncio.to_thread(guarded, store.publish_case_policy, house.line, QUICK, "admin", house.now)
            await house.opens()
            await house.on_duty("chen", ready=False)
            visitor = await house.comes()
            await asyncio.to_thread(guarded, store.publish_case_policy, house.line, POLICY, "admin", house.now)
            danger = m.SubmitIntake(thoughts=m.Thoughts.YES, acted=m.Acted.YES)
            await house.give(Address("case", visitor.id), danger, visitor)
            state = await house.state("case", visitor)
            assert (state.rules.version, state.rules.ladder) == (1, QUICK.ladder)
            await house.passes(8)
            assert (await house.told(f"case.{visitor.id}")).count("escalation.climbed") == 2

    asyncio.run(story())


@pytest.mark.usefixtures("no_second_factor")
def test_an_officer_publishes_the_next_version_and_never_changes_one(client: Client, admin_person: StaffMember) -> None:
    Line.objects.create(id="main", name_zh="热线", name_en="Line")
    client.force_login(admin_person.user)
    where = "/admin/triage/casepolicyversion/"
    assert "写成 24, 72, 168" in client.post(f"{where}add/", FORM | {"high_h": "一天"}).content.decode()
    assert client.post(f"{where}add/", FORM | {"ladder_s": "20, 10"}).status_code == 200
    assert not CasePolicyVersion.objects.exists()
    assert client.post(f"{where}add/", FORM).status_code == 302
    kept = store.case_policy("main")
    assert kept is not None
    assert [rung.after_s for rung in kept.ladder] == [0, 20, 40, 90]
    assert (kept.version, kept.follow_up_h[RiskLevel.IMMINENT], kept.quiet_from) == (1, (12.0, 24.0), time(23))
    row = CasePolicyVersion.objects.get()
    assert "12.0" in client.get(f"{where}{row.pk}/change/").content.decode()
    with pytest.raises(ValidationError):
        row.save()
    assert store.publish_case_policy("main", kept, "admin", clock.now()).version == 2
