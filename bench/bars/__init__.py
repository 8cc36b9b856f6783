"""The bars of the text plane, T1 to T17: what must hold, what is aimed at, what was measured (`python -m bench bars`).

Speed is a ratio to a peer of the same run; the other bars count what was lost, leaked, closed or held in memory.
"""

from bench.bars.command import main

__all__ = ["main"]
