"""Faults sown by hand into the desk: `python -m tests.queueing.domain.mutants` says whether the machine catches all."""

import importlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.queueing.domain.desk_scenes import DeskMachine

ROOM = Path(__file__).parents[3] / "queueing" / "domain"
STIRS = {
    **{"beside": "attendance", "released": "attendance", "full_house": "match", "missed": "ledger"},
    **{"comes_late": "gate", "fewer_slots": "duty", "comes_again": "desk", "goes_while_rung": "desk"},
    **{"chosen_for_standby": "capacity", "not_alone": "attendance", "lost_with_an_old_wish": "wish"},
    **{"talks_otherwise": "desk"},
}
"""Rules for the faults of one module, or of one line of it; they would dilute every other walk."""
CHAIN = (
    *("seat", "beside", "notice", "order", "gate", "ledger", "capacity", "match", "duty", "handover", "closing"),
    *("attendance", "team", "clockwork", "desk"),
)
"""The desk's modules, each after those it stands on."""

MUTANTS: tuple[tuple[str, str, str], ...] = (
    ("order", 'attrgetter("tier", "due_at", "number")', 'attrgetter("due_at", "tier", "number")'),
    ("order", 'attrgetter("tier", "due_at", "number")', 'attrgetter("tier", "number", "due_at")'),
    ("order", "self.away_since is None or self.tier == 0 or", "self.away_since is None or"),
    ("seat", "and self.offer is None and", "and"),
    ("seat", "return self.lost_at is None and self.state is not SeatState.OFF", "return True"),
    ("gate", "now < current.admits_until", "now <= current.closes_at"),
    ("gate", "risk >= RiskLevel.HIGH", "risk > RiskLevel.HIGH"),
    ("capacity", "if seat.slots + extra > taken(", "if seat.slots + extra >= taken("),
    ("capacity", "return None if hands else Reach.SLOT", "return Reach.SLOT"),
    ("capacity", "if seat.counselor in ticket.declined:", "if False:"),
    ("match", "self._draft.state.policy.parallel_imminent if ticket.tier == 0 else 1", "2"),
    ("match", "return self._interrupted(ticket) or self._further(ticket)", "return self._further(ticket)"),
    ("match", "spare = other.tier != 0 or len(other.offers) > 1", "spare = True"),
    ("match", "rounds.ask(draft.state.tickets[ticket.contact])", "rounds.ask(ticket)"),
    ("match", "        if ticket.may_ring:\n", "        if ticket.waits:\n"),
    ("ledger", "paused_until=event.until)", "paused_until=None)"),
    ("ledger", "contacts=(*seat.contacts, event.contact), misses=0", "contacts=seat.contacts, misses=0"),
    ("ledger", "phase=TicketPhase.WAITING, owner=None", "phase=TicketPhase.WAITING"),
    ("clockwork", "if ticket.tier == 0 else TicketAbandoned", "if False else TicketAbandoned"),
    ("clockwork", "if ticket.away_since is not None:\n                desk", "if False:\n                desk"),
    ("clockwork", "    desk.emit(SeatLeft(seat.counselor))\n", "    return\n"),
    ("clockwork", "            _ticket(desk, desk.state.tickets[contact], now)  # a wish", "            # a wish"),
    ("duty", "    silence(desk, desk.state.tickets[ticket.contact])\n", ""),
    ("duty", "            _outgrown(desk, by.id)\n", ""),
    ("desk", "if any(command.contact in seat.owed for seat in seats):", "if False:"),
    ("desk", "due_at = min(known.due_at, due_of(", "due_at = max(known.due_at, due_of("),
    ("duty", "rung.offer == offer and rung.counselor == seat.counselor", "rung.offer == offer"),
    ("duty", "            if seat.contacts:\n", "            if False:\n"),
    ("desk", "            if ticket.tier != 0:\n                silence(desk, ticket)\n", ""),
    ("capacity", "all(other.tier != 0 for other in hands)", "True"),
    ("capacity", "if ticket.tier == 0 and not hands else None", "if not hands else None"),
    ("ledger", "change(before, contacts=left, idle_since", "change(before, idle_since"),
    (
        "closing",
        "if ticket.tier == 0 or ticket.risk >= RiskLevel.HIGH or ticket.epoch:",
        "if ticket.epoch:",
    ),
    ("handover", "ticket.transfer.to != by.id", "False"),
    ("attendance", "seat.state is SeatState.OFF or after.owner == person", "seat.state is SeatState.OFF"),
    ("attendance", "if seat is None or seat.state is SeatState.OFF or", "if"),
    ("attendance", "if after is None or not _stays", "if after is not None and not _stays"),
    ("attendance", "if asked.until <= now:", "if False:"),
    ("desk", "    attendance.tidy(desk, state, now)\n", ""),
    ("desk", "if medium is Medium.VOICE and seat is not None:", "if False:"),
)


@contextmanager
def sown(module: str, old: str, new: str) -> Iterator[ModuleType]:
    """Lend the desk with one fault in it; the honest modules are back in place afterwards."""
    names = [f"queueing.domain.{name}" for name in CHAIN]
    package = importlib.import_module("queueing.domain")
    honest = {name: importlib.import_module(name) for name in names}
    try:
        for name in CHAIN:
            source = (ROOM / f"{name}.py").read_text(encoding="utf-8")
            if name == module:
                assert source.count(old) >= 1, f"{module}: the mutant's text is gone: {old!r}"
                source = source.replace(old, new)
            copy = ModuleType(f"queueing.domain.{name}")
            sys.modules[copy.__name__] = copy
            setattr(package, name, copy)
            exec(compile(source, f"{name} (mutant)", "exec"), copy.__dict__)
        yield sys.modules["queueing.domain.desk"]
    finally:
        for name, original in honest.items():
            sys.modules[name] = original
            setattr(package, name.rpartition(".")[2], original)


def machine(module: str) -> Any:
    """The machine for a fault in one module: rules that only stir what other modules do are left out of the walk."""
    idle = {name: None for name, stirred in STIRS.items() if stirred != module}
    return type("Machine", (DeskMachine,), {"code": None, "__doc__": DeskMachine.__doc__, **idle})


def survives(module: str, old: str, new: str, examples: int = 400) -> bool:
    """Tell whether the machine finds nothing wrong with a fault in place."""
    with sown(module, old, new) as code:
        walk = machine(next((stirred for stirred in ("attendance", "wish") if stirred in old), module))
        walk.code = code
        once = settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            derandomize=True,
        )
        try:
            run_state_machine_as_test(walk, settings=once)
        except BaseException as caught:
            if isinstance(caught, KeyboardInterrupt):
                raise
            return False
        return True


if __name__ == "__main__":
    left = []
    for mutant in MUTANTS:
        began = time.monotonic()
        alive = survives(*mutant)
        left += [mutant] if alive else []
        verdict = "SURVIVES" if alive else "caught"
        print(f"{time.monotonic() - began:5.1f} s {verdict}: {mutant[0]}: {mutant[1].strip()}", flush=True)
    print(f"{len(MUTANTS) - len(left)} of {len(MUTANTS)} caught")
    sys.exit(bool(left))
