"""Bugs a drill has to find: each is planted into the spawned processes only, never into the house's own code."""


def plant(name: str) -> None:
    """Make this process have a bug; raises KeyError where there is none of that name."""
    from tests.faults.planted.bugs import BUGS

    BUGS[name].plant()
