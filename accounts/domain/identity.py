"""Numbers that say who somebody is: what they look like when not mistyped. Nothing here says whose they are."""

from datetime import date
from enum import StrEnum


class Proof(StrEnum):
    """How somebody showed who they are."""

    UNION_CARD = "union_card"  # 工会会员服务卡
    NATIONAL_ID = "national_id"  # 居民身份证
    APP = "app"  # a partner app's signed entry token


# GB 11643-1999: weights of the first 17 digits, and the check character by their weighted sum modulo 11.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
# GB/T 2260: the first two digits are a province-level region.
_REGIONS = frozenset(
    {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83}
)
_OLDEST = 1900
_CARD = range(16, 20)


def plain(text: str) -> str:
    """Take out what people put between digits; full-width digits become plain ones."""
    kept = (each for each in text if each not in " -\u3000\u2013\u2014\t")
    return "".join(chr(ord(each) - 0xFEE0) if "\uff01" <= each <= "\uff5e" else each for each in kept).upper()


def national_id(text: str, today: date) -> str | None:
    """Read a national id of 18 characters; None where region, birthday or check character cannot be."""
    number = plain(text)
    body, check = number[:17], number[17:]
    if len(number) != 18 or not (body.isascii() and body.isdigit()) or int(body[:2]) not in _REGIONS:
        return None
    try:
        born = date(int(body[6:10]), int(body[10:12]), int(body[12:14]))
    except ValueError:
        return None
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return number if born.year >= _OLDEST and born <= today and _CHECKS[total % 11] == check else None


def union_card(text: str) -> str | None:
    """Read a union member's service card, which is a bank card: 16 to 19 digits with Luhn's check digit."""
    number = plain(text)
    if len(number) not in _CARD or not (number.isascii() and number.isdigit()) or len(set(number)) == 1:
        return None
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return number if sum(digit - 9 * (digit > 9) for digit in doubled) % 10 == 0 else None
