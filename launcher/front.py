"""Which command was asked for, and one clear sentence when it cannot be done."""

import sys

from launcher.checks import test
from launcher.console import Console, open_console
from launcher.errors import LaunchError, explain_os_error
from launcher.passthrough import bench, manage
from launcher.places import DATA, prepare
from launcher.up import up

_INTERRUPTED = 130


def run(args: list[str], usage: str) -> int:
    """Run one command of dev.py; the exit status."""
    if not args or args[0] in ("-h", "--help", "help"):
        print(usage.strip())
        return 0 if args else 2
    command, rest = args[0], args[1:]
    if command not in ("up", "test", "manage", "drill", "bench"):
        print(f"dev.py: There is no command `{command}`.\n\n{usage.strip()}", file=sys.stderr)
        return 2
    try:
        prepare(DATA)
        return _dispatch(command, rest, open_console(DATA, quiet=command in ("manage", "drill", "bench")))
    except LaunchError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        print("dev.py: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except OSError as error:
        return _refuse(explain_os_error(error))


def _dispatch(command: str, rest: list[str], console: Console) -> int:
    if command == "up":
        return up(rest, console)
    if command == "test":
        return test(rest, console)
    if command == "bench":
        return bench(rest, console)
    return manage(["drill", *rest] if command == "drill" else rest, console)


def _refuse(sentence: str) -> int:
    print(f"dev.py: {sentence}", file=sys.stderr, flush=True)
    return 1
