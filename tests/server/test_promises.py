"""What a line asks before it records: nothing without a policy, else the very words the page has."""

import re
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.test import AsyncClient

from server.management.commands.seed_demo import ASKED

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.promise("R5")]
PAGE = Path(__file__).resolve().parents[2] / "frontend" / "visitor" / "recording.ts"


async def test_a_line_without_a_policy_asks_nothing() -> None:
    answer = await AsyncClient().get("/api/v1/lines/main/recording")
    assert answer.status_code == 200
    assert answer.json() == {"texts": {}}
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_demo_line_asks_for_the_words_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    await sync_to_async(call_command)("seed_demo")
    answer = await AsyncClient().get("/api/v1/lines/main/recording")
    assert answer.json() == {"texts": {text.language: text.text_hash for text in ASKED}}
    written = PAGE.read_text(encoding="utf-8")
    assert re.findall(r'"([0-9a-f]{64})"', written) == [text.text_hash for text in ASKED]
    assert {text.version for text in ASKED} == set(re.findall(r'RECORDING_VERSION = "([\w-]+)"', written))
