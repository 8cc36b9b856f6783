"""Looks for words in files, in every spelling a file may hold them."""

import base64
import contextlib
from pathlib import Path


def spellings(words: str) -> list[bytes]:
    """How words may stand in a file: as they are, escaped as JSON does, as hex, as base64 at each offset."""
    plain = words.encode()
    coded = [base64.b64encode(b"x" * shift + plain)[4 if shift else 0 : -8] for shift in range(3)]
    return [plain, words.encode("unicode_escape"), plain.hex().encode(), words.encode("utf-16-le"), *coded]


def hits(places: list[Path], words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Every file below these places that holds any of these words in any spelling."""
    wanted = [(each, spelled) for each in words for spelled in spellings(each)]
    found = []
    for path in (each for place in places for each in ([place] if place.is_file() else place.rglob("*"))):
        with contextlib.suppress(FileNotFoundError):  # a server at work removes files
            data = path.read_bytes() if path.is_file() else b""
            found += [(str(path), each) for each, spelled in wanted if spelled in data]
    return found
