"""The short form: what each answer means for the level. Every answer may be left out; leaving out never lowers.

Levels follow Beijing's practice: imminent is an act just done or under way, or a plan within 72 hours; high is a
later plan or active thoughts; moderate is doubt, concern for another, or nothing said at all.
"""

from kernel.terms import RiskLevel
from triage.messages import Acted, Plan, ReasonCode, SubmitIntake, Thoughts, Topic

VERSION = "1"

# The declared routing effect of every answer; tests/triage/domain/test_intake.py lists answers without one.
EFFECT: dict[str, RiskLevel] = {
    "acted.yes": RiskLevel.IMMINENT,
    "acted.no": RiskLevel.ROUTINE,
    "plan.soon": RiskLevel.IMMINENT,
    "plan.later": RiskLevel.HIGH,
    "plan.no": RiskLevel.ROUTINE,
    "thoughts.yes": RiskLevel.HIGH,
    "thoughts.unsure": RiskLevel.MODERATE,
    "thoughts.no": RiskLevel.ROUTINE,
    "about.other": RiskLevel.MODERATE,
    "about.self": RiskLevel.ROUTINE,
    **{f"topic.{topic}": RiskLevel.ROUTINE for topic in Topic},
}
SILENT = RiskLevel.MODERATE


def answers(form: SubmitIntake) -> tuple[str, ...]:
    """List the answers that were given, as keys of EFFECT."""
    given = [f"topic.{topic}" for topic in form.topics]
    safety: tuple[tuple[str, Thoughts | Plan | Acted | None], ...] = (
        ("thoughts", form.thoughts),
        ("plan", form.plan),
        ("acted", form.acted),
    )
    given += [f"{name}.{value}" for name, value in safety if value is not None]
    if any(answer is not None for _, answer in safety):
        given.append(f"about.{form.about}")  # on an empty form it is what the page had filled in, not an answer
    return tuple(given)


def assess(form: SubmitIntake) -> tuple[RiskLevel, tuple[ReasonCode, ...]]:
    """Level of a form and the answers that made it; a form without a safety answer counts as silent."""
    given = answers(form)
    level = max((EFFECT[answer] for answer in given), default=RiskLevel.ROUTINE)
    if form.thoughts is None:
        level = max(level, SILENT)
    made = [answer for answer in given if EFFECT[answer] is level and level > RiskLevel.ROUTINE]
    if level > RiskLevel.ROUTINE and not made:
        made = ["silent"]
    return level, tuple(ReasonCode(f"intake.{answer}", VERSION, "intake") for answer in made)
