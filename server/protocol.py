"""The protocol's documents, generated: TypeScript types, AsyncAPI, OpenAPI and the tables of codes.

Needs no database. `manage.py export_protocol` writes them, `--check` names those that are stale.
"""

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from server.protocol_asyncapi import asyncapi
from server.protocol_rooms import rooms
from server.protocol_tables import REFUSALS, close_codes, close_codes_page
from server.protocol_typescript import typescript

ROOT = Path(__file__).resolve().parent.parent


def documents() -> dict[str, str]:
    """Generate every document: path from the root of the repository -> text."""
    built = rooms()
    return {
        "frontend/shared/protocol.ts": typescript(built, close_codes(), REFUSALS),
        "docs/protocol/asyncapi.json": as_json(asyncapi(built)),
        "docs/protocol/openapi.json": as_json(openapi()),
        "docs/protocol/close-codes.md": close_codes_page(),
    }


def openapi() -> dict[str, Any]:
    """Ask the HTTP interface for its own description; sets Django up where nobody has yet."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    import_module("django").setup()
    return dict(import_module("server.urls").api.get_openapi_schema())


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
