"""Sign-in and error pages are drawn without the built pages' styles, look like them, and say whom to call."""

import re
from pathlib import Path

import pytest
from django.test import Client

from server.pages import MISSING

ROOT = Path(__file__).parents[2]
NUMBERS = {"12356": "心理援助", "120": "医疗急救", "110": "报警", "12351": "工会热线"}


def colours(path: str) -> tuple[dict[str, str], dict[str, str]]:
    """What a sheet calls its colours, by day and by night."""
    day, night = (ROOT / path).read_text().split("prefers-color-scheme: dark", 1)
    return tuple(dict(re.findall(r"(--[\w-]+): (#\w+);", part)) for part in (day, night))  # type: ignore[return-value]


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_they_wear_the_colours_of_the_other_pages(night: bool) -> None:
    calm = colours("accounts/static/accounts/calm.css")[night]
    tokens = colours("frontend/shared/tokens.css")[night]
    assert len(calm) > 10
    assert calm.items() <= tokens.items()


@pytest.mark.django_db
def test_an_address_that_leads_nowhere_says_whom_to_call(client: Client) -> None:
    page = client.get("/nowhere/").content.decode()
    for number, who in NUMBERS.items():
        assert f'<a href="tel:{number}"><strong>{number}</strong><span>{who}</span></a>' in page
        assert f'<a href="tel:{number}"><strong>{number}</strong><span>{who}</span></a>' in MISSING


@pytest.mark.django_db
def test_it_says_so_in_english_too(client: Client) -> None:
    page = client.get("/nowhere/", headers={"accept-language": "en"}).content.decode()
    assert "There is no such page" in page
    assert "<strong>12356</strong><span>Crisis line</span>" in page
