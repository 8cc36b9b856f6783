"""What the expressions wait for is kept beside the rules, exactly as it would be derived, and never decides a match."""

from io import StringIO
from pathlib import Path

import msgspec
import pytest
from django.core.management import call_command

from triage import waiting
from triage.domain.sieve import Needs
from triage.screening import lexicon
from triage.triggers import needs


def test_the_file_holds_what_every_shipped_expression_needs_and_nothing_else() -> None:
    """Run `manage.py triage_needs` and commit what it wrote."""
    kept = msgspec.json.decode(waiting.path().read_bytes(), type=dict[str, Needs])
    assert kept == {waiting.mark(source): needs(source) for source in waiting.sources(lexicon())}
    assert waiting.path().read_text("utf-8") == waiting.spelled(lexicon())


def test_an_expression_the_file_does_not_know_is_derived() -> None:
    assert waiting.waits_for("想.{0,4}跳") == needs("想.{0,4}跳") != ()
    assert waiting.waits_for("跳?") == ()


def test_a_stale_file_is_named_and_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--check` writes nothing; without it the file is there afterwards, and a second run finds nothing to do."""
    file = tmp_path / waiting.FILE
    monkeypatch.setattr(waiting, "path", lambda: file)
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("triage_needs", "--check", stderr=said)
    assert "triage_needs" in said.getvalue()
    assert not file.exists()
    told = StringIO()
    call_command("triage_needs", stdout=told)
    assert "needs.json" in told.getvalue()
    call_command("triage_needs", "--check")
    call_command("triage_needs", stdout=(again := StringIO()))
    assert again.getvalue() == ""
