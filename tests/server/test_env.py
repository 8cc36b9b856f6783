"""The environment: typed, and every mistake at once."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from server.env import Environment, read_database, read_issuers, read_keys

ROOT = Path(__file__).resolve().parents[2]
KEY = base64.b64encode(bytes(range(32))).decode()


def test_every_mistake_is_told_at_once_and_no_value_is_repeated() -> None:
    env = Environment({"A": "perhaps", "B": "s3cret", "C": "99", "D": "1", "D_FILE": "/nowhere/at/all"})
    env.envbool("A", default=False)
    env.envint("B", 5)
    env.envint("C", 5, high=10)
    env.envsecret("D")
    read_database(env, "mysql://u:s3cret@h/d")
    read_keys(env, "MASTER_KEYS", f"1:{KEY},1:{KEY},x:{KEY},2:c2hvcnQ=,3:s3cret!")
    with pytest.raises(ImproperlyConfigured) as told:
        env.finish()
    text = str(told.value)
    assert all(f"- {name}:" in text for name in ("A", "B", "C", "D", "D_FILE", "DATABASE_URL", "MASTER_KEYS"))
    assert text.count("MASTER_KEYS") == 4
    assert "s3cret" not in text


def test_what_is_right_is_read_with_its_type(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    env = Environment({"A": " yes ", "B": "7", "L": "a, b,,c ", "S_FILE": str(tmp_path / "key")})
    assert env.envbool("A", default=False)
    assert env.envbool("missing", default=True)
    assert env.envint("B", 5) == 7
    assert env.envlist("L") == ["a", "b", "c"]
    assert env.envsecret("S") == "from a file"
    assert env.envstr("missing", "x") == "x"
    env.finish()


def test_a_database_url_is_taken_apart() -> None:
    env = Environment({})
    read = read_database(env, "postgresql://xin%40qiao:p%2Fw%3A@db.example:5433/hot%20line?sslmode=require")
    env.finish()
    assert (read["USER"], read["PASSWORD"], read["HOST"]) == ("xin@qiao", "p/w:", "db.example")
    assert (read["PORT"], read["NAME"]) == ("5433", "hot line")
    options = read["OPTIONS"]
    assert isinstance(options, dict)
    assert options["sslmode"] == "require"


@given(url=st.text(max_size=60))
def test_no_database_url_however_odd_raises(url: str) -> None:
    env = Environment({})
    read_database(env, url)
    read_keys(env, "MASTER_KEYS", url)
    assert all(":" in mistake for mistake in env.mistakes)


def test_master_keys_are_read_by_version() -> None:
    env = Environment({})
    assert read_keys(env, "MASTER_KEYS", f"1:{KEY}, 7:{KEY}") == {1: bytes(range(32)), 7: bytes(range(32))}
    env.finish()


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a line of Python in a process with nothing but these variables."""
    bare = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "server.settings", **variables}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=bare, capture_output=True, text=True, check=False)


def test_without_a_database_settings_load_and_the_first_query_says_what_to_run() -> None:
    code = "import django; django.setup(); from django.db import connection; print('up'); connection.cursor()"
    done = run(code)
    assert done.stdout == "up\n"
    last = done.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured: DATABASE_URL is not set" in last
    assert "python3 dev.py up" in last


def test_with_a_database_but_no_secrets_nothing_starts() -> None:
    done = run("import server.settings", DATABASE_URL="postgresql://u:p@h/d", XINQIAO_DEBUG="perhaps")
    assert done.returncode != 0
    for name in ("SECRET_KEY", "MASTER_KEYS", "KEYS_DIR", "XINQIAO_DEBUG"):
        assert f"- {name}:" in done.stderr


@pytest.mark.promise("R1")
def test_wrapping_keys_never_lie_where_a_new_container_would_lose_them() -> None:
    secrets = {"DATABASE_URL": "postgresql://u:p@h/d", "SECRET_KEY": "x" * 40, "MASTER_KEYS": f"1:{KEY}"}
    assert "- KEYS_DIR:" in run("import server.settings", **secrets).stderr
    assert run("import server.settings", **secrets, KEYS_DIR="/srv/keys").returncode == 0
    assert run("import server.settings", **secrets, XINQIAO_DEMO="true").returncode == 0


def test_the_safe_choice_is_the_default() -> None:
    code = (
        "import server.settings as s;"
        "print(s.DEBUG, s.XINQIAO_MFA_REQUIRED, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        "s.SECURE_HSTS_SECONDS > 0)"
    )
    assert run(code).stdout.split() == ["False", "True", "True", "True", "True"]
    assert run(code, XINQIAO_DEMO="true").stdout.split() == ["False", "True", "False", "False", "False"]


def test_partner_apps_are_read_and_a_short_secret_is_a_mistake() -> None:
    env = Environment({})
    assert read_issuers(env, f"app:{KEY}, portal:{KEY}") == {"app": bytes(range(32)), "portal": bytes(range(32))}
    assert not env.mistakes
    for wrong in ("app", "app:c2hvcnQ=", f":{KEY}", f"app:{KEY},app:{KEY}", "app:s3cret!"):
        env = Environment({})
        read_issuers(env, wrong)
        assert len(env.mistakes) == 1
        assert "c2hvcnQ" not in env.mistakes[0]
        assert "s3cret" not in env.mistakes[0]


@pytest.mark.parametrize(("url", "prefix"), [("redis://h:6379/3", "xq3"), ("redis://h:6379", "xq0")])
def test_two_installations_on_one_valkey_do_not_hear_each_others_doorbells(url: str, prefix: str) -> None:
    told = run(
        "from server import settings as s; print(s.CHANNEL_LAYERS['default']['CONFIG']['prefix'])", REDIS_URL=url
    )
    assert told.stdout.strip() == prefix, told.stderr


def test_a_pool_whose_database_was_away_dials_as_soon_as_somebody_asks() -> None:
    """Left alone it would wait 1, 2, 4, 8 and 16 s, and let no staff in meanwhile."""
    options = read_database(Environment({}), "postgresql://xinqiao@localhost/xinqiao")["OPTIONS"]
    assert isinstance(options, dict)
    assert 0 < options["pool"]["reconnect_timeout"] <= 1
