"""What may be logged: ids and codes, never words."""

from collections.abc import Mapping

ALLOWED = frozenset(
    {"feed", "seq", "cid", "code", "kind", "role", "place", "process", "count", "ms", "error", "path", "status"}
)


def loggable(fields: Mapping[str, object]) -> str:
    """Spell the allowed fields as `key=value`; any other key is dropped, so nobody's words can slip in."""
    return " ".join(f"{key}={value}" for key, value in fields.items() if key in ALLOWED)
