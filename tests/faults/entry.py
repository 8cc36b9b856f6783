"""How a drill starts the house's processes: as manage.py does, with shorter patience or a planted bug where asked."""

import json
import os
import sys

from server import limits

PLANTED = "XINQIAO_PLANTED_BUG"
PATIENCE = "XINQIAO_DRILL_LIMITS"


def hurry(seconds: dict[str, float]) -> None:
    """Put other numbers into server/limits.py before a listener reads them; raises AttributeError for unknown names."""
    for name, value in seconds.items():
        getattr(limits, name)
        setattr(limits, name, value)


def main() -> None:
    """Plant, then run the management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    hurry(json.loads(os.environ.get(PATIENCE) or "{}"))
    bug = os.environ.get(PLANTED, "")
    if bug:
        import django

        django.setup()
        from tests.faults.planted import plant

        plant(bug)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
