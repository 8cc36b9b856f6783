"""Faults sown by hand into the case: `python -m tests.triage.domain.case_mutants` says whether the walk catches all."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.triage.domain import case_people, test_escalation, test_follow_up, test_outbox, test_referral
from tests.triage.domain.case_walk import STEPS, Step, Walk

ROOM = Path(__file__).parents[3] / "triage" / "domain"
CHAIN = ("state", "outbox", "escalation", "follow_up", "appointment", "referral", "case")
"""The case's modules, each after those it stands on."""
STORIES = (test_escalation, test_follow_up, test_outbox, test_referral)
"""Stories told without chance; each of their tests is called as it stands."""

MUTANTS: tuple[tuple[str, str, str], ...] = (
    ("outbox", "    return min((_again_at(page,", "    return None and min((_again_at(page,"),
    ("outbox", "page_retry(page.tries)\n    return at if", "page_retry(0)\n    return page.at if"),
    ("escalation", "        return open_one.climbs_from + state.rules.", "        return None and state.rules."),
    ("escalation", "    return open_one.review_at\n", "    return None\n"),
    ("escalation", "rung=0, owner=None", "rung=0"),
    ("escalation", "    if open_one.by == by.id:", "    if False:"),
    ("escalation", "        if command.consulted == by.id:", "        if False:"),
    ("escalation", "    if (command.outcome is Outcome.RESCUED and not confirmed) or (", "    if False and ("),
    ("escalation", "rung=event.rung + 1)", "rung=event.rung + 2)"),
    ("follow_up", "        case.emit(FollowUpPlanned(cause, _steps(case, now, hours), state.line))", "        pass"),
    ("follow_up", "        case.emit(FollowUpPlanned(f\"late.{", "        str(FollowUpPlanned(f\"late.{"),
    ("follow_up", "    return state.rules.awake(plan.due_since + state", "    return None and (plan.due_since + state"),
    ("follow_up", "    return state.rules.awake(plan.due_since + ", "    return (plan.due_since + "),
    ("follow_up", "        return plan.steps[plan.step]", "        return None"),
    ("follow_up", "    return change(plan, due_since=event.at)\n", "    return change(plan, due_since=None)\n"),
    ("referral", "    if not case.state.may_refer:", "    if False:"),
    ("referral", "    if not one.shown or by.id != one.partner.id:", "    if not one.shown:"),
    ("referral", "    if not one.shown or by.id != one.partner.id:", "    if by.id != one.partner.id:"),
    ("referral", "    if not set(command.fields) <= set(one.packet):", "    if False:"),
    ("referral", "    if one.status != \"agreed\":", "    if False:"),
    ("referral", "one.at + 1 < len(one.partners) and", "one.at + 1 <= len(one.partners) and"),
    ("referral", "        case.emit(ReferralStalled(one.number, now))\n", "        return\n"),
    ("case", "case.state.over and case.state.idle and not", "case.state.over and not"),
    ("case", "case.state.over and case.state.idle and not", "False and not"),
    ("case", "        escalation.call(case, \"imminent\", \"system\", now)", "        pass"),
    ("case", "        case m.CloseCase() if not state.over:", "        case m.CloseCase():"),
    ("case", "    return min((at for at in parts if at is not None), default=None)", "    return parts[0]"),
    ("case", "highest=max(level, state.highest)", "highest=state.highest"),
    ("case", "                referral.shut(case, now)", "                pass"),
    ("state", "return not self.referrals and all(", "return all("),
)  # fmt: skip


@contextmanager
def sown(module: str, old: str, new: str) -> Iterator[ModuleType]:
    """Lend the case with one fault in it; the honest modules are back in place afterwards."""
    package = importlib.import_module("triage.domain")
    honest = {name: importlib.import_module(f"triage.domain.{name}") for name in CHAIN}
    try:
        for name in CHAIN:
            source = (ROOM / f"{name}.py").read_text(encoding="utf-8")
            if name == module:
                assert source.count(old) >= 1, f"{module}: the mutant's text is gone: {old!r}"
                source = source.replace(old, new)
            copy = ModuleType(f"triage.domain.{name}")
            sys.modules[copy.__name__] = copy
            setattr(package, name, copy)
            exec(compile(source, f"{name} (mutant)", "exec"), copy.__dict__)
        yield sys.modules["triage.domain.case"]
    finally:
        for name, original in honest.items():
            sys.modules[f"triage.domain.{name}"] = original
            setattr(package, name, original)


def survives(module: str, old: str, new: str, examples: int = 400) -> bool:
    """Tell whether the walk finds nothing wrong with a fault in place."""
    with sown(module, old, new) as code:

        @given(steps=STEPS)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def attempt(steps: list[Step]) -> None:
            walk = Walk(code)
            walk.walk(steps)
            walk.everybody_is_called()

        try:
            _tell_stories(code)
            attempt()
        except (Exception, pytest.fail.Exception):
            return False
        return True


def _tell_stories(code: ModuleType) -> None:
    """The people's stories on the faulty case: what takes many steps in the right order chance seldom finds."""
    honest = vars(case_people)["case"]
    vars(case_people)["case"] = code
    try:
        for module in STORIES:
            for name, story in vars(module).items():
                if name.startswith("test_"):
                    story()
    finally:
        vars(case_people)["case"] = honest


def main() -> int:
    """Try them all; the number that survive."""
    alive = 0
    for module, old, new in MUTANTS:
        if survives(module, old, new):
            alive += 1
            print(f"SURVIVES {module}: {old!r} -> {new!r}", flush=True)
    print(f"{len(MUTANTS) - alive} of {len(MUTANTS)} caught")
    return alive


if __name__ == "__main__":
    sys.exit(main())
