"""What every answer tells the browser, and the pages themselves."""

import re
from pathlib import Path

import pytest
from django.test import AsyncClient, Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from server.csp import policy

ALWAYS = (
    "Content-Security-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
)


@pytest.fixture
def dist(tmp_path: Path, settings: Settings) -> Path:
    """A frontend that was built."""
    settings.DIST_DIR = tmp_path
    for name in ("visitor", "console", "wallboard"):
        (tmp_path / f"{name}.html").write_text(f"<title>{name}</title>", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("path", "name"), [("/", "visitor"), ("/console/", "console"), ("/wallboard/", "wallboard")])
def test_each_page_at_its_address_kept_by_nobody(client: Client, dist: Path, path: str, name: str) -> None:
    page = client.get(path)
    assert page.content.decode() == f"<title>{name}</title>"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in page.headers
    assert client.post(path).status_code == 405


def test_where_the_pages_are_not_built_one_is_told_what_to_run_and_whom_to_call(
    client: Client, tmp_path: Path, settings: Settings
) -> None:
    settings.DIST_DIR = tmp_path / "missing"
    page = client.get("/")
    assert page.status_code == 503
    for words in ("python3 dev.py up", "12356", "120", "110", "12351"):
        assert words in page.content.decode()


@pytest.mark.parametrize("path", ["/", "/nowhere/", "/static/accounts/calm.css", "/static/none.css"])
def test_every_answer_carries_the_rules(client: Client, dist: Path, path: str) -> None:
    headers = client.get(path).headers
    assert all(name in headers for name in ALWAYS)
    assert "microphone=(self)" in headers["Permissions-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]


async def test_the_rules_hold_on_the_event_loop_too(async_client: AsyncClient, dist: Path) -> None:
    page = await async_client.get("/")
    style = await async_client.get("/static/accounts/calm.css")
    for answer in (page, style):
        assert all(name in answer.headers for name in ALWAYS)
    assert style.headers["Content-Type"].startswith("text/css")
    assert b"--ground" in style.content


def test_a_static_file_may_be_kept_for_a_while_and_comes_in_parts_where_asked(client: Client) -> None:
    part = client.get("/static/accounts/calm.css", headers={"range": "bytes=0-9"})
    assert part.status_code == 206
    assert len(part.content) == 10
    whole = client.get("/static/accounts/calm.css")
    assert "public" in whole.headers["Cache-Control"]
    assert client.get("/static/../settings.py").status_code == 404


def test_nothing_inline_nothing_foreign() -> None:
    rules = policy("hotline.example", secure=True)
    assert "wss://hotline.example" in rules
    assert "unsafe" not in rules
    assert not re.search(r"https?:|\*", rules)


@given(host=st.text(max_size=40))
def test_no_host_breaks_out_of_its_place_in_the_policy(host: str) -> None:
    rules = policy(host, secure=False)
    assert rules.count(";") == policy("x", secure=False).count(";")
    assert "\n" not in rules
    assert len(rules.split()) <= len(policy("x", secure=False).split())


def test_a_request_for_another_host_is_refused_with_the_rules_in_place(client: Client) -> None:
    answer = client.get("/accounts/login/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.headers["Content-Security-Policy"]
