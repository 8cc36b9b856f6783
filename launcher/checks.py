"""`dev.py test`: sets up, runs every check and then pytest, whose closing line is the last of stdout."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher import packages, pages
from launcher.children import GUARDIAN
from launcher.console import Console
from launcher.engines import Engines, outside
from launcher.places import DATA, FRONTEND, ROOT, prepare, python
from launcher.scratch import scratch

ALONE = ("-m", "alone")
"""First what judges times or memory, with nothing beside it."""
LANES = ("-m", "not alone", "-n", "2", "--no-loadscope-reorder")
"""Then the rest in two lanes (tests/lanes.py): it mostly waits for processes that die and come back."""


@dataclass(frozen=True)
class Check:
    """One step before pytest."""

    label: str
    argv: list[str]
    env: Mapping[str, str]
    cwd: Path = ROOT


def python_checks(env: Mapping[str, str]) -> Iterator[Check]:
    """Style, types and import contracts of the Python code."""
    yield Check("ruff check", [python(), "-m", "ruff", "check", "."], env)
    yield Check("ruff format --check", [python(), "-m", "ruff", "format", "--check", "."], env)
    yield Check("mypy", [python(), "-m", "mypy", "."], env)
    contracts = "import sys, importlinter.cli as cli; sys.exit(cli.lint_imports_command())"
    yield Check("lint-imports", [python(), "-c", contracts], env)


def page_checks(console: Console) -> Iterator[Check]:
    """Types and tests of the pages."""
    if (FRONTEND / "package-lock.json").is_file():
        npm, env = pages.ready_npm(console)
        yield Check("npm run check", [*npm, "run", "check"], env, FRONTEND)
        yield Check("npm test", [*npm, "test"], env, FRONTEND)


def test(args: list[str], console: Console) -> int:
    """Everything; with arguments only pytest with these. The exit status is 0 if all of it passed."""
    prepare(DATA)
    packages.ensure(console, "dev")
    pages.ensure(console)
    with scratch() as folder, Engines(folder, given=outside(os.environ), log=console.log) as engines:
        env = engines.environment()
        failed = [] if args else _failed(console, env)
        for part in [args] if args else [ALONE, LANES]:
            if _pytest(part, env) != 0:
                failed.append(f"pytest {' '.join(part)}")
    if failed:
        print(f"dev.py test: failed: {', '.join(failed)}", file=sys.stderr, flush=True)
    return 1 if failed else 0


def _failed(console: Console, env: Mapping[str, str]) -> list[str]:
    """Run every check, whatever the others say; the names of those that failed."""
    checks = [*python_checks(env), *page_checks(console)]
    failed = [check.label for check in checks if not _passes(check, console)]
    console.say(f"{len(failed)} of {len(checks)} checks failed: {', '.join(failed)}" if failed else "All checks passed")
    return failed


def _passes(check: Check, console: Console) -> bool:
    outcome = console.run(check.label, check.argv, env=check.env, cwd=check.cwd, loud=False)
    if outcome.code != 0:
        console.plain(outcome.output)
    return outcome.code == 0


def _pytest(args: Sequence[str], env: Mapping[str, str]) -> int:
    """pytest on our own terminal; it hears Ctrl-C itself, and a killed launcher takes it along."""
    process = subprocess.Popen([python(), "-m", "pytest", *args], env=dict(env), cwd=ROOT)
    GUARDIAN.watch(process.pid, signal.SIGTERM, group=False)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
    finally:
        GUARDIAN.release(process.pid)
