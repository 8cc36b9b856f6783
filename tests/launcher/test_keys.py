"""The secrets of an installation are made once and never overwritten."""

import base64
from dataclasses import asdict
from pathlib import Path

import pytest

from launcher.errors import LaunchError
from launcher.keys import load_keys


def test_keys_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    first = load_keys(tmp_path)
    assert load_keys(tmp_path) == first
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def test_two_folders_share_nothing(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = load_keys(tmp_path / "one"), load_keys(tmp_path / "two")
    assert not set(asdict(one).values()) & set(asdict(two).values())


def test_the_master_key_is_the_first_of_a_ring_and_256_bits_long(tmp_path: Path) -> None:
    version, _, encoded = load_keys(tmp_path).master_keys.partition(":")
    assert version == "1"
    assert len(base64.b64decode(encoded, validate=True)) == 32


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"secret_key": "x"}'])
def test_damaged_keys_are_refused_and_kept(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(LaunchError, match="is damaged"):
        load_keys(tmp_path)
    assert (tmp_path / "keys.json").read_text() == text
