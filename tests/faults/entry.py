"""How a drill starts the house's processes: as manage.py does, with one planted bug where the drill is to find it."""

import os
import sys

PLANTED = "XINQIAO_PLANTED_BUG"


def main() -> None:
    """Plant, then run the management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
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
