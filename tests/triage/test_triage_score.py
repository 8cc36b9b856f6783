"""`triage_score`: one answer a line, whatever the line holds, and never a word of the text."""

import io
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.management.commands.triage_score import LONGEST_LINE, Fault, Score, score_lines
from triage.screening import lexicon

ROOT = Path(__file__).resolve().parents[2]


def test_each_line_gets_its_own_answer_in_order() -> None:
    lines = [
        b'{"id":"a","text":"\xe6\x88\x91\xe5\xbe\x88\xe6\x83\xb3\xe8\x87\xaa\xe6\x9d\x80"}\n',
        b'{"id":2,"text":"hello","lang":"en"}',
    ]
    first, second = score_lines(lines, lexicon())
    assert isinstance(first, Score)
    assert isinstance(second, Score)
    assert (first.id, first.alarm, first.route) == ("a", True, "self")
    assert (second.id, second.alarm, second.level, second.route) == (2, False, "routine", "none")


@pytest.mark.promise("R10")
@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"[]",
        b'{"id":1}',
        b'{"text":"x"}',
        b'{"id":1,"text":7}',
        b"\xff\xfe",
        b'{"id":null,"text":"x"}',
        b"{" * 5000,
        b'"' + b"x" * (LONGEST_LINE + 1) + b'"',
    ],
    ids=range(9),
)
def test_a_bad_line_gives_a_clear_fault_and_the_next_line_is_still_read(line: bytes) -> None:
    fault, good = score_lines([line, b'{"id":9,"text":"ok"}'], lexicon())
    assert isinstance(fault, Fault)
    assert fault.line == 1
    assert fault.error
    assert isinstance(good, Score)


def test_a_fault_keeps_the_id_that_was_given() -> None:
    (fault,) = score_lines([b'{"id":"k","text":1}'], lexicon())
    assert isinstance(fault, Fault)
    assert fault.id == "k"


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_bytes_stop_the_filter(line: bytes) -> None:
    for result in score_lines(io.BytesIO(line), lexicon()):
        assert msgspec.json.encode(result)


def test_the_command_runs_without_a_database_and_writes_no_text() -> None:
    given_line = '{"id":"a","text":"我站在楼顶，再走一步就结束了"}\n'
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "triage_score"],
        input=given_line.encode(),
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},  # no address of a database, no keys
        timeout=60,
    )
    assert b"\xe6\xa5\xbc" not in done.stdout
    assert msgspec.json.decode(done.stdout)["level"] == "imminent"
