#!/usr/bin/env python3
"""Django's entry; `python3 dev.py manage ARGS` runs it with the engines and secrets of this installation."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
