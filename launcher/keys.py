"""The secrets of one data folder: made by chance once, kept where only their owner can read them."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from launcher.errors import LaunchError


@dataclass(frozen=True)
class Keys:
    """What the engines and the server must share and nobody else may know."""

    postgres_password: str
    valkey_password: str
    secret_key: str
    master_keys: str  # "1:" and 32 random bytes in base64, the ring's first key
    vault_keys: str  # likewise, for the identity vault


def _fresh() -> Keys:
    return Keys(
        postgres_password=secrets.token_hex(24),
        valkey_password=secrets.token_hex(24),
        secret_key=secrets.token_urlsafe(48),
        master_keys=_ring(),
        vault_keys=_ring(),
    )


def _ring() -> str:
    """One key with number 1."""
    return "1:" + base64.b64encode(secrets.token_bytes(32)).decode()


def load_keys(folder: Path) -> Keys:
    """Read the folder's keys, or make them; a damaged file is never overwritten."""
    path = folder / "keys.json"
    if path.exists():
        try:
            told = json.loads(path.read_text())
            if "vault_keys" not in told:  # made before there was a vault
                return _keep(path, Keys(**{**told, "vault_keys": _ring()}))
            return Keys(**{field.name: str(told[field.name]) for field in fields(Keys)})
        except (ValueError, KeyError, TypeError):
            raise LaunchError(
                f"{path} is damaged: put it back from a copy, or remove {folder} to begin with empty data."
            ) from None
    return _keep(path, _fresh())


def _keep(path: Path, keys: Keys) -> Keys:
    """Write them down, all at once, and see them on the disk."""
    draft = path.with_name(f"keys.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(keys), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return keys
