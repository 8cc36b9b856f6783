"""Delays as a histogram of 0.05 ms, so that ten minutes of 150 calls are a small array and not nine million numbers."""

from array import array

PER_MS = 20
SLOTS = 40_000
"""Up to 2 s; what took longer counts as 2 s."""


class Delays:
    """Counts per slot."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._counts = array("Q", bytes(8 * SLOTS))
        self.number = 0

    def add(self, seconds: float) -> None:
        """One delay."""
        self._counts[min(SLOTS - 1, max(0, int(seconds * 1000 * PER_MS)))] += 1
        self.number += 1

    def clear(self) -> None:
        """Forget everything."""
        self._counts = array("Q", bytes(8 * SLOTS))
        self.number = 0

    def quantile_ms(self, share: float) -> float:
        """The upper edge of the slot below which this share lies; nan where there is none."""
        wanted, seen = share * self.number, 0
        for slot, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return (slot + 1) / PER_MS
        return float("nan")
