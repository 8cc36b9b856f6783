"""Ratios side by side: an unsteady pair is void, and a run of mostly unsteady ones says so."""

import msgspec

from bench.text.phases import Phase
from bench.text.rounds import Half, quantile, ratio


def half(loops: tuple[float, float, float], stolen: float = 0.0) -> Half:
    """Ours costs 100 us a message and the other 500, with these probes around them."""
    phases = [Phase([(0.001, 0.002)] * 1000, cpu, 0.1, 2.0) for cpu in (0.1, 0.5)]
    return Half(("ours", "other"), phases, [(loop, stolen * place) for place, loop in enumerate(loops)])


def test_a_steady_pair_counts() -> None:
    told = ratio([half((1.0, 1.1, 1.0))], "other", "ours")
    assert (told["median"], told["voided"], told["void"]) == (5.0, 0, False)


def test_a_pair_during_which_the_machine_slowed_down_is_void() -> None:
    told = ratio([half((1.0, 1.0, 1.2)), half((1.0, 1.0, 1.0)), half((1.0, 1.0, 1.0))], "other", "ours")
    assert (told["pairs"], told["voided"], told["void"]) == (3, 1, False)


def test_a_pair_whose_time_was_stolen_is_void_and_most_of_them_void_the_run() -> None:
    told = ratio([half((1.0, 1.0, 1.0), stolen=0.5), half((1.0, 1.2, 1.0)), half((1.0, 1.0, 1.0))], "other", "ours")
    assert (told["voided"], told["void"], told["median"]) == (2, True, 5.0)


def test_where_all_is_void_there_is_no_figure() -> None:
    assert "median" not in ratio([half((1.0, 1.2, 1.0))], "other", "ours")


def test_instructions_count_however_unsteady_the_machine_was() -> None:
    slowed = half((1.0, 1.2, 1.0))
    ours, other = slowed.phases
    counted = [msgspec.structs.replace(ours, instructions=2), msgspec.structs.replace(other, instructions=9)]
    told = ratio([msgspec.structs.replace(slowed, phases=counted)], "other", "ours")
    assert told["void"]
    assert "median" not in told
    assert told["instructions"] == {"median": 4.5, "min": 4.5, "max": 4.5}


def test_where_nothing_could_be_counted_nothing_is_said_of_instructions() -> None:
    assert "instructions" not in ratio([half((1.0, 1.1, 1.0))], "other", "ours")


def test_a_quantile_is_a_value_that_was_seen() -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.5) == 3.0
    assert quantile([1.0, 2.0], 0.99) == 2.0
