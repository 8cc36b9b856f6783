"""Wording families of this project: the ones rules were written with, and the ones kept out of it."""

from bench.triage.wordings import Wording, composed, wordings
from triage.screening import screen


def _right(one: Wording) -> bool:
    """The alarm is raised where danger is stated, and only there."""
    return screen(one.text).alarm == (one.label in ("now", "risk"))


def _share(sentences: list[Wording]) -> float:
    """The share of sentences that are heard rightly."""
    return sum(_right(one) for one in sentences) / len(sentences)


def test_families_in_view_are_heard() -> None:
    known = wordings("tune")
    assert _share([one for one in known if one.label in ("now", "risk")]) >= 0.9
    assert _share([one for one in known if one.label == "quiet"]) >= 0.96


LOOKS = ("sight", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def test_families_of_earlier_looks_are_seen_now_and_stay_heard() -> None:
    seen = [one for name in LOOKS for one in wordings(name)]
    assert _share([one for one in seen if one.label in ("now", "risk")]) >= 0.95
    assert _share([one for one in seen if one.label == "quiet"]) >= 0.97
    now = [one for one in seen if one.label == "now"]
    assert sum(screen(one.text).level == "imminent" for one in now) >= 0.95 * len(now)


def test_families_kept_out_of_training_are_mostly_heard() -> None:
    unseen = wordings("held")
    assert _share([one for one in unseen if one.label in ("now", "risk")]) >= 0.75
    assert _share([one for one in unseen if one.label == "quiet"]) >= 0.95


def test_families_that_nobody_mended_are_heard_as_docs_say() -> None:
    unseen = wordings("eleventh")
    assert _share([one for one in unseen if one.label in ("now", "risk")]) >= 0.6
    assert _share([one for one in unseen if one.label == "quiet"]) >= 0.92


def test_a_place_or_a_means_alone_is_quiet_and_both_halves_together_are_not() -> None:
    sentences = composed(40)
    assert _share([one for one in sentences if one.label == "quiet"]) >= 0.95
    assert _share([one for one in sentences if one.label != "quiet"]) >= 0.8


def test_no_family_stands_in_both_files() -> None:
    names = {one.family for one in wordings("tune")} | {one.family for one in composed(1)}
    texts = {one.text for one in wordings("tune")} | {one.text for one in composed(400)}
    held = wordings("held")
    assert not names & {one.family for one in held}
    assert not texts & {one.text for one in held}
