"""Bugs a drill has to find: each is planted into the spawned processes only, never into the house's own code."""


def plant(name: str) -> None:
    """Make this process have a bug; raises AttributeError where there is none of that name."""
    from tests.faults.planted import patches

    getattr(patches, name)()
