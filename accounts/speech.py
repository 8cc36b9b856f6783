"""Chinese and English side by side in the code, so that no screen text lives in a catalogue nobody opens."""

from django.utils.functional import lazy
from django.utils.translation import get_language


def choose(zh: str, en: str) -> str:
    """Pick the words for the language in force; Chinese unless English was asked for."""
    return en if (get_language() or "zh").startswith("en") else zh


both = lazy(choose, str)
"""As `choose`, at the moment of showing: for labels that are written down at import."""
