"""How far somebody has to go: known distances, the same both ways, and the nearest first."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.distance import EARTH_KM, kilometres

Place = tuple[float, float]

BEIJING, SHANGHAI, GUANGZHOU = (39.9042, 116.4074), (31.2304, 121.4737), (23.1291, 113.2644)
HALF_ROUND = math.pi * EARTH_KM
PLACES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def chord(here: Place, there: Place) -> float:
    """The same distance by another way: the angle between two vectors from the middle of the earth."""
    (x, y, z), (u, v, w) = (
        (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
        for lat, lon in ((math.radians(a), math.radians(b)) for a, b in (here, there))
    )
    across = math.hypot(y * w - z * v, z * u - x * w, x * v - y * u)
    return EARTH_KM * math.atan2(across, x * u + y * v + z * w)


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [
        ((0.0, 0.0), (0.0, 1.0), 111.19),  # a degree along the equator
        ((60.0, 0.0), (60.0, 1.0), 55.60),  # half as wide that far north
        ((90.0, 0.0), (-90.0, 0.0), HALF_ROUND),
        ((0.0, 179.5), (0.0, -179.5), 111.19),  # over the date line, not round the world
        (BEIJING, SHANGHAI, 1067.3),
    ],
)
def test_known_distances_are_told_right(here: Place, there: Place, km: float) -> None:
    assert kilometres(here, there) == pytest.approx(km, rel=1e-3)


@given(here=PLACES, there=PLACES)
def test_the_way_there_is_as_long_as_the_way_back_and_is_what_vectors_say(here: Place, there: Place) -> None:
    km = kilometres(here, there)
    assert km == pytest.approx(kilometres(there, here), abs=1e-3)
    assert km == pytest.approx(chord(here, there), abs=1e-2)
    assert 0 <= km <= HALF_ROUND


@given(here=PLACES)
def test_whoever_is_there_has_nowhere_to_go(here: Place) -> None:
    assert kilometres(here, here) == 0


def test_stations_sorted_by_distance_stand_nearest_first() -> None:
    corner, district = (39.9087, 116.4105), (39.9593, 116.2981)
    stations = [GUANGZHOU, district, SHANGHAI, BEIJING, corner]
    ordered = sorted(stations, key=lambda there: kilometres(BEIJING, there))
    assert ordered == [BEIJING, corner, district, SHANGHAI, GUANGZHOU]
    assert kilometres(BEIJING, corner) < 1 < kilometres(BEIJING, district) < 15
