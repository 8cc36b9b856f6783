"""Where things lie: the checkout, its virtual environment, its data, and who may reach them."""

import hashlib
import os
import pwd
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.errors import LaunchError

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
DATA = ROOT / ".data"
FRONTEND = ROOT / "frontend"
KEPT = Path("/var/lib/xinqiao")  # for engines of root's checkouts that `nobody` cannot reach


@dataclass(frozen=True)
class Identity:
    """The user an engine runs as."""

    uid: int
    gid: int


def python() -> str:
    """The interpreter of the checkout's virtual environment."""
    return str(VENV / "bin" / "python")


def site_packages() -> Path:
    """Where the virtual environment keeps its packages (or the running one, in a test without `.venv`)."""
    found = sorted((VENV / "lib").glob("python3*/site-packages"))
    return found[-1] if found else Path(sysconfig.get_path("purelib"))


def engine_identity() -> Identity | None:
    """`nobody` when we are root, because PostgreSQL refuses to run as root; else None: as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise LaunchError(
            "PostgreSQL does not run as root and there is no user `nobody`: run this as an ordinary user."
        ) from None
    return Identity(entry.pw_uid, entry.pw_gid)


def runs(argv: Sequence[str], identity: Identity | None) -> bool:
    """Whether a short command succeeds when that user starts it."""
    try:
        done = subprocess.run(
            list(argv),
            user=identity.uid if identity else None,
            group=identity.gid if identity else None,
            extra_groups=[] if identity else None,
            cwd="/",
            capture_output=True,
            check=False,
            timeout=60,
        )
    except PermissionError:
        return False
    except OSError as error:
        raise LaunchError(f"Cannot start {argv[0]}: {error.strerror}.") from error
    return done.returncode == 0


def can_reach(folder: Path, identity: Identity | None) -> bool:
    """Whether that user can walk into a folder."""
    return identity is None or runs(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], identity)


def prepare(folder: Path) -> Path:
    """Make a data folder: ours alone, except that root lets `nobody` walk through it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return folder


def engine_home(data: Path, identity: Identity | None) -> Path:
    """Where the engines of this data folder keep their files.

    That is the folder itself, unless we are root and `nobody` cannot walk there; then one under
    /var/lib/xinqiao, where root alone can make names.
    """
    if can_reach(prepare(data), identity):
        return data
    mark = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    prepare(KEPT)
    home = prepare(KEPT / f"{data.resolve().parent.name or 'root'}-{mark}")
    if not can_reach(home, identity):
        raise LaunchError(f"User `nobody` can reach neither {data} nor {home}: run this as an ordinary user.")
    return home


def digest(paths: Sequence[Path], *words: str) -> str:
    """One hash over the names and contents of files (missing ones included as missing) and some words."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        total.update(f"\0{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b"missing")
    return total.hexdigest()


def stamped(stamp: Path, value: str) -> bool:
    """Whether this work was done before with the same inputs."""
    return stamp.is_file() and stamp.read_text() == value


def stamp(path: Path, value: str) -> None:
    """Remember that the work is done, all at once, so that a crash cannot leave half a stamp."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(value)
    fresh.replace(path)


def python_version() -> str:
    """The version of the running interpreter, for stamps."""
    return sys.version.split()[0]
