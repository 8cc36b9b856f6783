"""`python -m bench NAME --json`: runs one bench by name."""

import importlib
import pkgutil
import sys

import bench


def names() -> list[str]:
    """Every bench there is: a module of this package with a `main`."""
    return sorted(found.name for found in pkgutil.iter_modules(bench.__path__) if not found.name.startswith("_"))


def main() -> None:
    """Run the bench that was named."""
    wanted = sys.argv[1:2]
    if not wanted or wanted[0] not in names():
        sys.exit(f"usage: python -m bench NAME [--json] [options]; NAME is one of {', '.join(names())}")
    module = importlib.import_module(f"bench.{wanted[0]}")
    if not hasattr(module, "main"):
        sys.exit(f"bench {wanted[0]} is a tool with commands of its own, see bench/{wanted[0]}/")
    module.main(sys.argv[2:])


if __name__ == "__main__":
    main()
