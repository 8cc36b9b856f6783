"""Which browser the tests drive."""

from pathlib import Path

import pytest

from launcher.browser import browser_required, find_chromium, why_no_chromium


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty PATH of the test's own."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("XINQIAO_CHROMIUM", raising=False)
    monkeypatch.delenv("XINQIAO_E2E", raising=False)
    return tmp_path


def program(path: Path) -> str:
    """A program that can be run."""
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_the_named_browser_comes_first(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(path / "chromium")
    monkeypatch.setenv("XINQIAO_CHROMIUM", program(path / "mine"))
    assert find_chromium() == str(path / "mine")


def test_then_the_lightest_there_is(path: Path) -> None:
    chrome = program(path / "google-chrome")
    assert find_chromium() == chrome
    chromium = program(path / "chromium")
    assert find_chromium() == chromium
    shell = program(path / "chromium-headless-shell")
    assert find_chromium() == shell


def test_no_browser_is_said_loudly(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_chromium() is None
    assert "NO BROWSER TEST RAN" in why_no_chromium()
    monkeypatch.setenv("XINQIAO_CHROMIUM", "/nonexistent/chromium")
    assert find_chromium() is None
    assert "/nonexistent/chromium" in why_no_chromium()


def test_only_the_word_require_makes_the_browser_a_must(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not browser_required()
    monkeypatch.setenv("XINQIAO_E2E", "require")
    assert browser_required()
