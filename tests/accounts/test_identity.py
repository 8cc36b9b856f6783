"""Numbers that say who somebody is: the national id by GB 11643, the union card by Luhn; all made up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.identity import national_id, plain, union_card

TODAY = date(2026, 3, 10)
# The standard's own example.
EXAMPLE = "11010519491231002X"


def check_of(body: str) -> str:
    """The check character by the standard's other wording: powers of two modulo eleven."""
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body))
    rest = (12 - total % 11) % 11
    return "X" if rest == 10 else str(rest)


bodies = st.builds(
    lambda region, born, serial: f"{region}0101{born:%Y%m%d}{serial:03d}",
    st.sampled_from([11, 31, 44, 51, 65, 81]),
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(0, 999),
)


def test_the_standards_own_example() -> None:
    assert national_id(EXAMPLE, TODAY) == EXAMPLE
    assert national_id("110105 1949-1231 002x", TODAY) == EXAMPLE
    assert national_id("１１０１０５１９４９１２３１００２Ｘ", TODAY) == EXAMPLE


@given(bodies)
def test_a_right_number_is_read_and_every_other_check_is_not(body: str) -> None:
    right = check_of(body)
    for check in "0123456789X":
        assert (national_id(body + check, TODAY) is not None) is (check == right)


@given(bodies, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(body: str, place: int, by: int) -> None:
    number = body + check_of(body)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert national_id(wrong, TODAY) is None


@pytest.mark.parametrize("body", ["99010119900101001", "11010119901301001", "11010118991231001", "110101199001010", ""])
def test_no_such_region_day_year_or_length(body: str) -> None:
    assert all(national_id(body + check, TODAY) is None for check in "0123456789X")


def test_nobody_is_born_tomorrow() -> None:
    body = f"110101{TODAY + timedelta(days=1):%Y%m%d}001"
    assert national_id(body + check_of(body), TODAY) is None
    body = f"110101{TODAY:%Y%m%d}001"
    assert national_id(body + check_of(body), TODAY) is not None


@given(st.text(alphabet="0123456789", min_size=15, max_size=18))
def test_a_card_has_one_right_last_digit(body: str) -> None:
    fitting = [digit for digit in "0123456789" if union_card(body + digit)]
    assert len(fitting) == (0 if len(set(body)) == 1 and fitting == [] else 1)


def test_a_card_is_sixteen_to_nineteen_digits() -> None:
    assert union_card("6222 0212 3456 7890 128") in (None, "6222021234567890128")
    assert union_card("4111111111111111") == "4111111111111111"
    assert union_card("4111-1111 1111 1112") is None
    assert union_card("411111111111111") is None
    assert union_card("0" * 16) is None
    assert union_card("41111111111111१1") is None, "a digit of another script is not a digit of a card"


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_number_or_none(text: str) -> None:
    for read in (national_id(text, TODAY), union_card(text)):
        assert read is None or read == plain(read)
