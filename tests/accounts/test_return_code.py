"""The code of a visitor who comes back: what is misread is understood (its door: tests/server/test_kept.py)."""

from accounts.domain.return_code import ALPHABET, read, spell


def test_a_code_is_sixteen_signs_in_groups_of_four() -> None:
    assert spell(bytes(10)) == "0000-0000-0000-0000"
    assert spell(b"\xff" * 10) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ"
    assert len(ALPHABET) == 32
    assert not set("ILOU") & set(ALPHABET)


def test_misread_letters_are_understood() -> None:
    assert read("oil0-OIL0-0000-0000") == "0110011000000000"
    assert read("0000 0000 0000 000U") == "000000000000000V"


def test_what_is_too_short_or_too_long_is_no_code() -> None:
    assert read("") is None
    assert read("0" * 15) is None
    assert read("0" * 17) is None
    assert read("0" * 15 + "心") is None
