"""A year through the real desk within a minute of processor time: nobody passed over, lost or held twice."""

from time import process_time

import pytest

from kernel.ids import seeded
from queueing.simulation.figures import figures
from queueing.simulation.rehearsal import Crew, Rehearsal
from queueing.simulation.traffic import described, draw

YEAR = "load=0.76,slots=6,days=365,opens=10,closes=22,peak=1.6,service_min=40"


@pytest.mark.promise("R2")
@pytest.mark.promise("R4")
def test_a_year_of_evenings_has_no_inversion_and_takes_less_than_a_minute() -> None:
    dice = seeded(1)
    coming = list(draw(described(YEAR), dice))
    rehearsal = Rehearsal(Crew(staff=3, slots=2, burst=3, standby=1), dice)
    began = process_time()
    rehearsal.run(coming)
    taken = process_time() - began
    found = figures(rehearsal)
    assert found["contacts"] > 25_000
    assert (found["inversions"], found["overtaking_violations"]) == (0, 0)
    assert (found["two_owners"], found["over_capacity"], found["unfinished"]) == (0, 0, 0)
    entered = sum(each["entered"] for each in found["classes"].values())
    assert entered == sum(each["answered"] + each["abandoned"] for each in found["classes"].values())
    assert found["classes"]["imminent"]["within_30_s_of_who_stayed"] >= 0.99
    assert taken < 60
    print(f"{found['contacts']} contacts in {taken:.1f} s of processor time")
