"""The developers' files of the risk data, read from the directory given; nothing of them is ever written out."""

from pathlib import Path
from typing import Any

import msgspec


class Labeled(msgspec.Struct, frozen=True):
    """One labelled message: 1 states risk to oneself, 0 does not, None is neither (violence, third persons)."""

    text: str
    risk: int | None
    urgent: bool
    labels: tuple[str, ...]
    source: str


class Turn(msgspec.Struct, frozen=True):
    """One help-seeker's turn of counselling talk, unlabelled."""

    id: str
    dialogue: str
    text: str


def labeled(data: Path) -> list[Labeled]:
    """zh_counsel_labeled.jsonl."""
    return [
        Labeled(
            row["text"],
            1 if row["self_risk"] else 0 if row["benign"] else None,
            bool(row["urgent"]),
            tuple(row["labels"]),
            row["data_source"],
        )
        for row in _rows(data / "zh_counsel_labeled.jsonl")
    ]


def traffic(data: Path) -> list[Turn]:
    """zh_counsel_traffic_unlabeled.jsonl."""
    return [Turn(row["id"], row["dialogue"], row["text"]) for row in _rows(data / "zh_counsel_traffic_unlabeled.jsonl")]


def english(data: Path) -> list[str]:
    """en_counselchat.jsonl: English help-seeking without a suicide topic."""
    return [row["text"] for row in _rows(data / "en_counselchat.jsonl")]


def probes(data: Path) -> list[dict[str, str]]:
    """probes.jsonl: contrast sentences by wording family."""
    return _rows(data / "probes.jsonl")


def _rows(path: Path) -> list[dict[str, Any]]:
    """A JSON-lines file."""
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines() if line.strip()]
