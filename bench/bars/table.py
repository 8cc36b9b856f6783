"""Floors and goals. A floor holds or the run fails; a goal is aimed at, and reported where it is missed."""

from typing import Any

import msgspec


class Bar(msgspec.Struct, frozen=True):
    """One bar: at least (`more`) or at most so much. `short` is the floor of the short run on a busy machine of CI."""

    id: str
    what: str
    floor: float
    goal: float
    more: bool = True
    short: float | None = None

    def judged(self, value: float, **details: Any) -> dict[str, Any]:
        """A figure held against the bar."""
        floor = self.floor if self.short is None or not details.pop("short", False) else self.short
        holds = value >= floor if self.more else value <= floor
        reached = value >= self.goal if self.more else value <= self.goal
        told = {"bar": self.id, "what": self.what, "value": round(value, 2), "floor": floor, "goal": self.goal}
        return told | {"holds": holds, "reached": reached} | details


BARS = {
    bar.id: bar
    for bar in (
        Bar("T1", "CPU per durable message, saturated: stock Channels / ours on uvicorn", 8, 25, short=3),
        Bar("T1d", "the same, ours on Daphne", 6, 25, short=3),
        Bar("T2", "the same at 50 messages/s, uvicorn", 2.5, 5),
        Bar("T3", "ejabberd with its archive in PostgreSQL / ours on uvicorn, saturated", 3, 7),
        Bar("T3d", "the same, ours on Daphne", 2, 7),
        Bar("T5", "Node ws + one INSERT / ours on uvicorn, saturated", 0.8, 1.5),
        Bar("T6", "time until shown, p99 at 50/s: stock Channels / ours on uvicorn", 3, 8),
        Bar("T7", "CPU per message with idle conversations / with none", 1.4, 1.15, more=False, short=2),
        Bar("T8", "burst of 64 x 20: acknowledged and not shown", 0, 0, more=False),
        Bar("T8k", "the same with Valkey killed in the middle", 0, 0, more=False),
        Bar("T9", "Valkey killed under traffic: sockets closed", 0, 0, more=False),
        Bar("T9s", "the same: acknowledged and not shown within 5 s", 0, 0, more=False),
        Bar("T11", "memory per idle signed-in socket / plain ASGI echo, uvicorn", 1.6, 1.2, more=False),
        Bar("T12", "reconnects with replay a CPU second: ours on uvicorn / stock Channels", 4, 8),
        Bar("T13", "sockets lost all at once: entries left in broker and database after 5 s", 0, 0, more=False),
        Bar("T16", "CPU per message / per hint, which is checked and passed on but never stored", 2.5, 1.5, more=False),
    )
}
ELSEWHERE = {
    "T4": "not run: matrix-synapse is not among the peers of this bench",
    "T10": "tests/faults/test_hostile.py (a reader that stops reading)",
    "T14": "T1: both parties of every conversation are on different processes",
    "T15": "tests/queueing and bench/queue_reference.py",
    "T17": "python3 dev.py drill --faults 1000 --seed 1 (kill -9 of every process, PostgreSQL stopped at once)",
}
