"""`dev.py manage`, `drill`, `bench`: a command in the service's environment, stdin and stdout untouched."""

import os
import signal
import subprocess
from collections.abc import Mapping

from launcher import packages, schema
from launcher.children import GUARDIAN
from launcher.console import Console
from launcher.engines import outside
from launcher.keys import load_keys
from launcher.places import DATA, ROOT, prepare, python
from launcher.running import joined_or_own
from launcher.service import service_environment

# manage.py commands that never ask the database or Valkey; every other one gets the engines.
NEEDS_NO_ENGINES = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "drill",
        "export_protocol",
        "findstatic",
        "help",
        "makemessages",
        "simulate",
        "startapp",
        "triage_needs",
        "triage_score",
        "version",
    }
)
_MAKES_SCHEMA = frozenset({"makemigrations", "showmigrations", "sqlmigrate", "squashmigrations"})


def needs_engines(args: list[str]) -> bool:
    """Whether a manage.py command line needs the engines."""
    if not args or args[0].startswith("-") or {"-h", "--help"} & set(args):
        return False
    return args[0] not in NEEDS_NO_ENGINES or "--database" in args


def manage(args: list[str], console: Console) -> int:
    """Run manage.py; the exit status is its own. A drill is part of the tests and needs their packages."""
    argv = [python(), "manage.py", *args]
    return _run(argv, args, console, wanted="dev" if args[:1] == ["drill"] else "run", engines=needs_engines(args))


def bench(args: list[str], console: Console) -> int:
    """Run a bench; its tools are in the developer's set of packages."""
    argv = [python(), "-m", "bench", *args]
    return _run(argv, ["bench"], console, wanted="dev", engines=not {"-h", "--help"} & set(args))


def _run(argv: list[str], args: list[str], console: Console, *, wanted: str, engines: bool) -> int:
    prepare(DATA)
    packages.ensure(console, wanted)
    if not engines:
        _become(argv)
    command = args[0]
    with joined_or_own(console) as (own, urls):
        env = service_environment(urls.environment(own.keys))
        shaping = schema.touched_by(command)
        if own.owned and not outside(os.environ).database and not shaping and command not in _MAKES_SCHEMA:
            schema.ensure(own, env, console.log, kept=True)
        try:
            return _child(argv, env)
        finally:
            if shaping:
                schema.forget()


def _become(argv: list[str]) -> None:
    """Turn into the command: nothing of ours stays between it and its caller."""
    GUARDIAN.dismiss()
    env = dict(os.environ)
    keys = load_keys(DATA)
    secrets = (("SECRET_KEY", keys.secret_key), ("MASTER_KEYS", keys.master_keys), ("VAULT_KEYS", keys.vault_keys))
    for name, value in secrets:
        if f"{name}_FILE" not in env:
            env.setdefault(name, value)
    os.chdir(ROOT)
    os.execve(argv[0], argv, service_environment(env))  # noqa: S606 -- the point of it


def _child(argv: list[str], env: Mapping[str, str]) -> int:
    """Run it on our own terminal; Ctrl-C reaches it directly, a SIGTERM to us is passed on."""
    process = subprocess.Popen(argv, env=dict(env), cwd=ROOT)
    GUARDIAN.watch(process.pid, signal.SIGTERM, group=False)
    old = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda number, _: process.send_signal(number)),
        signal.SIGHUP: signal.signal(signal.SIGHUP, lambda number, _: process.send_signal(number)),
    }
    try:
        code = process.wait()
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
        GUARDIAN.release(process.pid)
    return code if code >= 0 else 128 - code
