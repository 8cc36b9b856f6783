"""What deploy/ says is what the service has: its commands, their options, its processes and its bounds."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import load_command_class

from launcher.places import ROOT
from launcher.service import process_table
from server.limits import BODY_LIMIT_BYTES

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
HOMES = {"runweb": "server", "runclock": "server", "runvoice": "server"}


def started(unit: Path) -> list[str]:
    """The words of a unit's command line, for an instance named 8000."""
    found = re.search(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)
    assert found
    return shlex.split(found[1].replace("%i", "8000"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_what_there_is(unit: Path) -> None:
    words = started(unit)
    if "manage.py" not in words:
        assert words[1:5] == ["-m", "celery", "-A", "server.celery"]
        return
    name, *options = words[words.index("manage.py") + 1 :]
    load_command_class(HOMES[name], name).create_parser("manage.py", name).parse_args(options)


def test_there_is_a_unit_for_each_process() -> None:
    names = {re.split("[@.]", unit.stem)[0].removeprefix("xinqiao-") for unit in UNITS}
    assert names == {program.name for program in process_table({}, host="127.0.0.1", port=1, data=ROOT)}


def test_the_proxy_lets_through_what_the_service_takes_and_writes_nobody_down() -> None:
    conf = (ROOT / "deploy" / "nginx.conf").read_text()
    size = re.search(r"client_max_body_size (\d+)m;", conf)
    assert size
    assert int(size[1]) * 1024 * 1024 == BODY_LIMIT_BYTES
    assert conf.count("access_log off;") == conf.count("listen [::]:")
    assert "X-Forwarded-For $remote_addr;" in conf, "what a client claims counts for nothing"
