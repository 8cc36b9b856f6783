"""The code by which a visitor comes back later and asks what is kept: 80 bits, written so that people can copy it.

Crockford's base 32: no I, L, O, U; what is read wrongly on paper (O for 0, I or l for 1) is understood all the same.
"""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_BYTES = 10
LENGTH, GROUP = 16, 4
_MISREAD = str.maketrans("OILU", "011V")


def spell(secret: bytes) -> str:
    """Write ten random bytes as `XXXX-XXXX-XXXX-XXXX`."""
    number = int.from_bytes(secret)
    digits = [ALPHABET[number >> (5 * place) & 31] for place in reversed(range(LENGTH))]
    return "-".join("".join(digits[at : at + GROUP]) for at in range(0, LENGTH, GROUP))


def read(text: str) -> str | None:
    """Understand what somebody typed; None where it can be no code."""
    plain = "".join(each for each in text.upper() if each not in " -\u3000\u2013\u2014\t").translate(_MISREAD)
    if len(plain) != LENGTH or any(each not in ALPHABET for each in plain):
        return None
    return plain
