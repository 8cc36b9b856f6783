"""`manage.py simulate --arrivals FILE.csv --staff K --seed S`: a rehearsal of the real desk on a virtual clock."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from kernel import clock
from kernel.ids import seeded
from queueing.policy import DeskPolicy
from queueing.policy_check import policy_problems
from queueing.simulation import traffic
from queueing.simulation.figures import figures
from queueing.simulation.rehearsal import Crew, Rehearsal


class Command(BaseCommand):
    """Prints JSON; asks neither the database nor the network."""

    help = "Replay arrivals (arrived_at,medium,risk,patience_s,service_s) through the real desk; prints JSON."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What comes, and who sits."""
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--arrivals", type=Path, help="CSV: arrived_at,medium,risk,patience_s,service_s")
        source.add_argument("--generate", metavar="load=1.3,slots=12,days=30,...", help=traffic.Traffic.__doc__)
        parser.add_argument("--staff", type=int, default=6, help="counselors on duty")
        parser.add_argument("--slots-each", type=int, default=2, help="texts at once per counselor")
        parser.add_argument("--burst", type=int, default=0, help="how many agree to one text more for danger")
        parser.add_argument("--standby", type=int, default=0, help="supervisors who stand by for danger")
        parser.add_argument("--answer-s", type=float, default=6.0, help="median seconds to answer a ring; 0 = at once")
        parser.add_argument("--unheard", type=float, default=0.05, help="share of rings nobody hears")
        parser.add_argument("--estimates", type=int, default=0, help="estimate every n-th contact's wait and score it")
        parser.add_argument("--policy", default="{}", help="the desk's promises that differ, as JSON")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same run")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rehearse and print."""
        dice = seeded(options["seed"])
        crew = Crew(
            options["staff"],
            options["slots_each"],
            options["burst"],
            options["standby"],
            options["answer_s"],
            unheard=options["unheard"],
        )
        try:
            policy = msgspec.json.decode(options["policy"], type=DeskPolicy)
            coming = self._coming(options, dice)
        except (OSError, ValueError, traffic.Unreadable) as fault:
            raise CommandError(str(fault)) from None
        problems = [problem.en for problem in policy_problems(policy)]
        if problems:
            raise CommandError("; ".join(problems))
        began = clock.now()
        rehearsal = Rehearsal(crew, dice, policy, estimates_every=options["estimates"])
        rehearsal.run(coming)
        found = figures(rehearsal)
        found["seconds_taken"] = round((clock.now() - began).total_seconds(), 2)
        found["crew"], found["seed"] = msgspec.to_builtins(crew), options["seed"]
        self.stdout.write(json.dumps(found, indent=1, ensure_ascii=False))

    def _coming(self, options: dict[str, Any], dice: Any) -> list[traffic.Arrival]:
        """The arrivals asked for."""
        if options["arrivals"] is not None:
            return traffic.read(options["arrivals"])
        return list(traffic.draw(traffic.described(options["generate"]), dice))
