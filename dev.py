#!/usr/bin/env python3
"""Sets Xinqiao up, runs it and tests it, with nothing but Python 3.11 or later.

python3 dev.py up [--host H] [--port P] [--no-demo]   set up and run the whole service
python3 dev.py test [PYTEST ARGS]                     set up, run checks and tests (with ARGS: pytest only)
python3 dev.py manage ARGS...                         a manage.py command in the service's environment
python3 dev.py drill ARGS...                          a fault drill
python3 dev.py bench NAME --json                      a bench

DATABASE_URL and REDIS_URL name engines of your own; without them PostgreSQL and Valkey run from .data/.
"""

import os
import signal
import sys


def refuse(sentence: str) -> None:
    """Say why it cannot go on, and end."""
    sys.stderr.write("dev.py: " + sentence + "\n")
    sys.exit(1)


if sys.hexversion < 0x030B0000:
    refuse(
        "Python 3.11 or later is needed and this is " + sys.version.split()[0] + ": use e.g. `python3.11 dev.py up`."
    )
if os.name != "posix":
    refuse("The embedded engines need Linux or macOS: on Windows run this inside WSL2.")


def main() -> int:
    """Hand the command to the launcher; the exit status."""
    from launcher.front import run  # noqa: PLC0415 -- the launcher itself needs Python 3.11

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    return run(sys.argv[1:], str(__doc__))


if __name__ == "__main__":
    sys.exit(main())
