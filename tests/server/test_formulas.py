"""Every figure the wallboard may show is explained on it, in both languages."""

from pathlib import Path

import pytest

from queueing.domain.day import Day
from tests.strategies import T0

WORDS = Path(__file__).resolve().parents[2] / "frontend" / "wallboard" / "locales"


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_each_formula_has_a_name_a_formula_and_what_it_leaves_out(language: str) -> None:
    words = (WORDS / f"steer.{language}.ts").read_text(encoding="utf-8")
    for figure in Day(T0).figures(T0).figures:
        for key in (figure.formula, f"{figure.formula}.formula", f"{figure.formula}.left"):
            assert f'"{key}": "' in words, key
