"""The short form: every answer has a declared effect, none is unused, and leaving out never lowers."""

from itertools import product
from typing import Any, Literal

import msgspec
import pytest

from kernel.terms import RiskLevel
from triage.domain.intake import EFFECT, SILENT, VERSION, answers, assess
from triage.messages import Acted, Plan, ReasonCode, SubmitIntake, Thoughts, Topic

ABOUT: tuple[Literal["self", "other"], ...] = ("self", "other")
FORMS = [
    SubmitIntake(topics, thoughts, plan, acted, about)
    for topics, thoughts, plan, acted, about in product(
        [(), (Topic.WORK,), tuple(Topic)[:4]],
        [None, *Thoughts],
        [None, *Plan],
        [None, *Acted],
        ABOUT,
    )
]
MILDEST: dict[str, Any] = {"thoughts": Thoughts.NO, "plan": Plan.NO, "acted": Acted.NO}


def test_every_answer_has_a_declared_effect_and_none_is_declared_in_vain() -> None:
    every = {answer for form in FORMS for answer in answers(form)}
    every |= {answer for topic in Topic for answer in answers(SubmitIntake((topic,)))}
    assert every == set(EFFECT)


@pytest.mark.parametrize(
    ("form", "level"),
    [
        (SubmitIntake(), RiskLevel.MODERATE),
        (SubmitIntake((Topic.SLEEP,)), RiskLevel.MODERATE),
        (SubmitIntake(thoughts=Thoughts.NO), RiskLevel.ROUTINE),
        (SubmitIntake(thoughts=Thoughts.UNSURE), RiskLevel.MODERATE),
        (SubmitIntake(thoughts=Thoughts.YES), RiskLevel.HIGH),
        (SubmitIntake(thoughts=Thoughts.YES, plan=Plan.LATER), RiskLevel.HIGH),
        (SubmitIntake(thoughts=Thoughts.UNSURE, plan=Plan.SOON), RiskLevel.IMMINENT),
        (SubmitIntake(thoughts=Thoughts.NO, acted=Acted.YES), RiskLevel.IMMINENT),
        (SubmitIntake(thoughts=Thoughts.NO, about="other"), RiskLevel.MODERATE),
        (SubmitIntake(about="other"), RiskLevel.MODERATE),
    ],
)
def test_levels_follow_the_published_practice(form: SubmitIntake, level: RiskLevel) -> None:
    assert assess(form)[0] is level


@pytest.mark.parametrize("question", list(MILDEST))
def test_leaving_a_question_out_is_never_less_urgent_than_saying_no(question: str) -> None:
    for form in FORMS:
        left_out = msgspec.structs.replace(form, **{question: None})
        said_no = msgspec.structs.replace(form, **{question: MILDEST[question]})
        assert assess(left_out)[0] >= assess(said_no)[0]


def test_every_level_above_routine_shows_its_reasons() -> None:
    for form in FORMS:
        level, reasons = assess(form)
        assert bool(reasons) is (level > RiskLevel.ROUTINE)
        for reason in reasons:
            answer = reason.rule.removeprefix("intake.")
            assert EFFECT.get(answer, SILENT) is level
    assert assess(SubmitIntake())[1] == (ReasonCode("intake.silent", VERSION, "intake"),)
