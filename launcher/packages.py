"""The virtual environment and the hash-locked Python packages in it."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

from launcher.console import Console, child_environment
from launcher.errors import LaunchError
from launcher.locks import Lock
from launcher.places import DATA, ROOT, VENV, digest, python, python_version, stamp

LOCKS = {name: ROOT / "requirements" / f"{name}.txt" for name in ("run", "dev", "node")}
_STAMP = VENV / "xinqiao.json"
_NEEDED = {"run": 500_000_000, "dev": 1_200_000_000}  # bytes: installed size and the downloads on their way


def ensure(console: Console, wanted: str) -> None:
    """Make the environment hold the `run` or the `dev` set (which contains `run`), unless it does."""
    if _holds(wanted):
        return
    lock = Lock(DATA / "setup.lock")
    if not lock.take():
        console.say(f"Waiting for {lock.holder()}, which is installing packages")
        lock.take(wait=True)
    try:
        if not _holds(wanted):
            _install(console, wanted)
    finally:
        lock.release()


def require_room(needed: int, folder: Path = ROOT) -> None:
    """Refuse to begin what cannot end for want of disk space."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise LaunchError(
            f"The disk is full: the setup needs about {needed // 1_000_000} MB in {folder} "
            f"and {free // 1_000_000} MB are free."
        )


def lock_digest(name: str) -> str:
    """What an installed set is remembered by."""
    return digest([LOCKS[name]])


def _told() -> dict[str, str]:
    try:
        told = json.loads(_STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _holds(wanted: str) -> bool:
    return Path(python()).exists() and _told().get(wanted) == lock_digest(wanted)


def _install(console: Console, wanted: str) -> None:
    told = _told()
    if "dev" in told:
        wanted = "dev"  # never take a developer's tools away
    require_room(_NEEDED[wanted])
    if not _works():
        create(console)
    _STAMP.unlink(missing_ok=True)
    console.must(
        f"Installing the locked Python packages ({wanted})",
        [
            python(),
            "-m",
            "pip",
            "install",
            "--require-hashes",
            "--no-input",
            "--progress-bar",
            "off",
            "-r",
            str(LOCKS[wanted]),
        ],
        env=child_environment(),
        cwd=ROOT,
        name="pip",
    )
    held = ("run", "dev") if wanted == "dev" else ("run",)
    stamp(_STAMP, json.dumps({"python": python_version()} | {name: lock_digest(name) for name in held}))


def _works() -> bool:
    """Whether the environment is there, whole, and young enough a Python."""
    check = "import pip, sys; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    try:
        return subprocess.run([python(), "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def create(console: Console) -> None:
    """Make `.venv`, or say which part of Python is missing for it."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise LaunchError(
            f"This Python ({sys.executable}) has no {' and no '.join(missing)}, which the setup needs: "
            f"install it (Debian and Ubuntu: `apt install python3-venv`), then run the same command again."
        )
    console.must(
        "Making the virtual environment .venv",
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        env=child_environment(),
        cwd=ROOT,
        name="Making the virtual environment",
    )
