"""The protocol's documents, generated: TypeScript types, AsyncAPI, OpenAPI and the tables of codes.

Needs no database. `manage.py export_protocol` writes them, `--check` names those that are stale.
"""

import json
import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from server.protocol_asyncapi import asyncapi
from server.protocol_rooms import desk_view, rooms
from server.protocol_tables import REFUSALS, close_codes, close_codes_page
from server.protocol_typescript import typescript

ROOT = Path(__file__).resolve().parent.parent


def documents() -> dict[str, str]:
    """Generate every document: path from the root of the repository -> text."""
    built, view = rooms(), desk_view()
    written = {
        "frontend/shared/protocol.ts": typescript(built, view, close_codes(), REFUSALS),
        "docs/protocol/asyncapi.json": as_json(asyncapi(built, view)),
        "docs/protocol/close-codes.md": close_codes_page(),
    }
    http = openapi()
    return written if http is None else written | {"docs/protocol/openapi.json": as_json(http)}


def openapi() -> dict[str, Any] | None:
    """Ask the HTTP interface for its own description; None while it is not built."""
    if find_spec("server.urls") is None or find_spec("server.api") is None:
        return None
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    import_module("django").setup()
    api = getattr(import_module("server.urls"), "api", None)
    return None if api is None else dict(api.get_openapi_schema())


def as_json(document: dict[str, Any]) -> str:
    """Spell a document the same way on every machine."""
    return json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n"


def stale(root: Path = ROOT) -> list[str]:
    """Name the generated files that differ from what the code says now."""
    return [path for path, text in documents().items() if _read(root / path) != text]


def write(root: Path = ROOT) -> list[str]:
    """Write what is stale and name it."""
    changed: list[str] = []
    for path, text in documents().items():
        if _read(root / path) != text:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
