"""A process that crashed is back soon: it brings what it needs, and not what only pages need."""

import subprocess
import sys

import pytest

from launcher.places import ROOT
from launcher.service import service_environment

PAGES = {"ninja", "pydantic", "allauth.urls", "django.test", "twisted", "holidays.countries"}
STARTED = {
    "runclock": ("server.management.commands.runclock",),
    "runvoice": (
        "server.management.commands.runvoice",
        "chat.voice.worker",
        "chat.voice.passthrough",
        "server.recording",
        "server.shelf",
    ),
}


@pytest.mark.parametrize("command", STARTED)
def test_a_process_without_pages_imports_none_of_their_libraries(command: str) -> None:
    lines = ["import importlib, os, sys, django", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'server.settings')"]
    lines += [
        "django.setup()",
        f"[importlib.import_module(each) for each in {STARTED[command]}]",
        "print(*sys.modules)",
    ]
    told = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not PAGES & set(told.stdout.split())


def test_the_processes_keep_what_they_compiled_and_everything_else_that_is_set_stays() -> None:
    given = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "/elsewhere", "XINQIAO_HTTPS": "true"}
    env = service_environment(given)
    assert "PYTHONDONTWRITEBYTECODE" not in env
    assert (env["PYTHONPYCACHEPREFIX"], env["XINQIAO_HTTPS"]) == ("/elsewhere", "true")
