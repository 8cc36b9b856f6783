"""The Autobahn TestSuite against our listeners: `python -m tests.faults.autobahn` installs, runs, prints.

The suite runs on Python 2.7 only: it is looked for as XINQIAO_PYTHON27, on the PATH and where pyenv keeps it. Left out
are cases 12 and 13, which test the compression that we do not offer (nothing secret shall be guessed from its size).
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from launcher.places import DATA, ROOT, python
from launcher.ports import free_port

# In steps, because the later ones are built with the earlier ones; what each needs of the others is pinned here too.
PINS = (
    ("setuptools==44.0.0", "wheel==0.36.2"),
    ("incremental==16.10.1", "cryptography==3.3.2", "pyOpenSSL==19.1.0", "zope.interface==4.6.0"),
    ("--no-build-isolation", "Twisted==19.10.0"),
    (
        *("txaio==2.1.0", "jinja2==2.11.3", "markupsafe==1.1.1", "Werkzeug==1.0.1", "klein==17.10.0"),
        *("service_identity==18.1.0", "unittest2==1.1.0", "six==1.16.0", "autobahn==0.10.9"),
    ),
    ("--no-deps", "autobahntestsuite==25.10.1"),
)
VIRTUALENV = "virtualenv==20.21.1"  # the last that makes environments for Python 2.7
FOLDER = DATA / "autobahn"
EXCLUDED = ["12.*", "13.*"]
LARGE = ["9.1.*", "9.2.*", "9.3.*", "9.4.*", "9.5.*", "9.6.*"]  # up to 16 MiB each: a minute a server
SERVERS = ("daphne", "uvicorn")
GOOD = {"OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED"}


def find_python27() -> str | None:
    """A Python 2.7 that works, if there is one."""
    kept = sorted(Path("~/.pyenv/versions").expanduser().glob("2.7*/bin/python2.7"))
    for candidate in (os.environ.get("XINQIAO_PYTHON27"), shutil.which("python2.7"), *map(str, kept)):
        if candidate and _runs(candidate):
            return candidate
    return None


def _runs(candidate: str) -> bool:
    """Whether it starts and is what it says (a shim may stand there and know of nothing)."""
    try:
        told = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False, timeout=20)
    except OSError:
        return False
    return told.returncode == 0 and "2.7." in told.stdout + told.stderr


def install(python27: str) -> Path:
    """Make the suite's environment unless it is there; answers its program."""
    program = FOLDER / "env" / "bin" / "wstest"
    if program.exists():
        return program
    FOLDER.mkdir(parents=True, exist_ok=True)
    maker = FOLDER / "maker"
    steps = [
        [sys.executable, "-m", "venv", "--clear", str(maker)],
        [str(maker / "bin" / "pip"), "install", "-q", VIRTUALENV],
        [str(maker / "bin" / "virtualenv"), "-q", "-p", python27, str(FOLDER / "env")],
        *([str(FOLDER / "env" / "bin" / "pip"), "install", "-q", *step] for step in PINS),
    ]
    for step in steps:
        subprocess.run(step, check=True, stdout=sys.stderr)
    return program


def run(program: Path, server: str, excluded: list[str]) -> dict[str, str]:
    """Run the suite against an echo on one of our listeners; what became of each case."""
    port = free_port()
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "server.settings"}
    argv = [python(), "-m", "tests.faults.echo", "--server", server, "--port", str(port)]
    served = subprocess.Popen(argv, cwd=ROOT, env=env)
    reports = FOLDER / f"reports-{server}"
    shutil.rmtree(reports, ignore_errors=True)
    spec = FOLDER / f"{server}.json"
    spec.write_text(
        json.dumps(
            {
                "outdir": str(reports),
                "servers": [{"agent": server, "url": f"ws://127.0.0.1:{port}"}],
                "cases": ["*"],
                "exclude-cases": excluded,
                "exclude-agent-cases": {},
            }
        )
    )
    try:
        _await(port)
        log = FOLDER / f"{server}.log"
        with log.open("wb") as told:
            subprocess.run(
                [str(program), "-m", "fuzzingclient", "-s", str(spec)],
                stdout=told,
                stderr=subprocess.STDOUT,
                check=True,
                timeout=900,
            )
    finally:
        served.terminate()
        served.wait(20)
    found = json.loads((reports / "index.json").read_text())[server]
    return {case: worse(each["behavior"], each["behaviorClose"]) for case, each in found.items()}


def worse(behavior: str, close: str) -> str:
    """What a case comes to, counting how the connection was closed."""
    return behavior if behavior not in GOOD or close in GOOD else f"{close} (close)"


def _await(port: int) -> None:
    """Wait until somebody listens."""
    import socket

    deadline = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def main() -> int:
    """Install, run, print; non-zero where a case failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", choices=(*SERVERS, "both"), default="both")
    parser.add_argument("--quick", action="store_true", help="leave out the messages of up to 16 MiB")
    chosen = parser.parse_args()
    python27 = find_python27()
    if python27 is None:
        sys.exit("No Python 2.7: name one in XINQIAO_PYTHON27. The suite runs on nothing newer.")
    program = install(python27)
    failed = 0
    for server in SERVERS if chosen.server == "both" else (chosen.server,):
        outcome = run(program, server, EXCLUDED + (LARGE if chosen.quick else []))
        counts = Counter(outcome.values())
        bad = {case: what for case, what in sorted(outcome.items()) if what not in GOOD}
        failed += len(bad)
        print(json.dumps({"server": server, "cases": len(outcome), "counts": dict(counts), "failed": bad}))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
