"""A process that crashed is back soon: it brings what it needs, and not what only pages need."""

import subprocess
import sys

import pytest

from launcher.places import ROOT
from launcher.service import service_environment

PAGES = {"ninja", "pydantic", "allauth.urls", "django.test", "twisted", "holidays.countries"}
VOICE = ("server.management.commands.runvoice", "chat.voice.passthrough", "server.recording", "server.shelf")
STARTED = {
    "clock": "import django; django.setup(); import server.management.commands.runclock",
    "voice": f"import django; django.setup(); import chat.voice.worker, {', '.join(VOICE)}",
    "worker": "from server.celery import app; from celery.fixups.django import DjangoWorkerFixup as F; "
    "F(app).validate_models(); app.loader.import_default_modules(); assert 'server.tasks.beat' in app.tasks",
}


@pytest.mark.parametrize("process", STARTED)
def test_a_process_without_pages_imports_none_of_their_libraries(process: str) -> None:
    script = f"import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'server.settings'; {STARTED[process]}"
    command = [sys.executable, "-c", f"{script}; print(*sys.modules)"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert not PAGES & set(told.stdout.split())


def test_the_processes_keep_what_they_compiled_and_everything_else_that_is_set_stays() -> None:
    given = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "/elsewhere", "XINQIAO_HTTPS": "true"}
    env = service_environment(given)
    assert "PYTHONDONTWRITEBYTECODE" not in env
    assert (env["PYTHONPYCACHEPREFIX"], env["XINQIAO_HTTPS"]) == ("/elsewhere", "true")
