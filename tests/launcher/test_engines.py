"""The embedded engines: real, private, kept between runs, back after every kind of death."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from launcher import engines as engines_module
from launcher import places, ports
from launcher.binaries import find
from launcher.engines import Engines, EnginesBusyError, Urls, outside
from launcher.errors import LaunchError
from launcher.places import engine_home, engine_identity
from launcher.postgres import Postgres
from launcher.scratch import scratch
from tests.launcher.waiting import processes_in, until

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="NOT RUN: only root drops to another user")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A throw-away folder the engines' user can reach."""
    with scratch() as folder:
        yield folder


@pytest.fixture(scope="module")
def running() -> Iterator[Engines]:
    """Engines shared by the tests that only ask."""
    with scratch() as folder, Engines(folder) as engines:
        yield engines


def ask(url: str, statement: str) -> str:
    """One value from the database."""
    with psycopg.connect(url, connect_timeout=5) as link:
        row = link.execute(statement.encode()).fetchone()
    assert row is not None
    return str(row[0])


def ring(port: int, words: str) -> bytes:
    """One answer from Valkey."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(f"{words}\r\n".encode())
        return link.recv(100)


def port_of(url: str) -> int:
    """The port in an address."""
    return int(url.rpartition(":")[2].partition("/")[0])


def test_the_database_is_the_promised_one(running: Engines) -> None:
    url = running.urls.database
    assert ask(url, "SHOW server_version").startswith("18")
    assert ask(url, "SHOW fsync") == "on"
    assert ask(url, "SHOW server_encoding") == "UTF8"
    assert ask(url, "SHOW listen_addresses") == "127.0.0.1"
    assert ask(url, "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'xinqiao'") == "bC.UTF-8"
    assert ask(url, "SELECT upper('é')") == "É"


def test_without_the_password_there_is_no_way_in(running: Engines) -> None:
    wrong = running.urls.database.replace(running.keys.postgres_password, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(wrong, "SELECT 1")
    assert ring(port_of(running.urls.redis), "PING").startswith(b"-NOAUTH")
    assert running.keys.valkey_password not in " ".join(processes_in(running.data))


def test_a_fresh_database_is_empty_and_replaces_its_namesake(running: Engines) -> None:
    url = running.create_database("story")
    with psycopg.connect(url) as link:
        link.execute("CREATE TABLE kept (n int)")
    assert running.create_database("story") == url
    assert ask(url, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'") == "0"
    running.drop_database("story")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        ask(url, "SELECT 1")


def test_the_environment_of_a_child_names_the_engines_and_the_keys(running: Engines) -> None:
    env = running.environment("story")
    assert env["DATABASE_URL"].endswith("/story")
    assert env["REDIS_URL"] == running.urls.redis
    own = running.urls.environment(running.keys, {"SECRET_KEY": "mine", "MASTER_KEYS_FILE": "/a/file"})
    assert own["SECRET_KEY"] == "mine"
    assert "MASTER_KEYS" not in own


def test_a_second_owner_is_refused_by_name(running: Engines) -> None:
    with pytest.raises(EnginesBusyError, match="are in use by"):
        Engines(running.data, log=running.log).start()


def test_both_engines_come_back_by_themselves_with_what_was_committed(running: Engines) -> None:
    url = running.create_database("crash")
    with psycopg.connect(url) as link:
        link.execute("CREATE TABLE said AS SELECT '心桥' AS word")
    for name in ("postgres", "valkey"):
        running.supervisor.kill(name, signal.SIGKILL)

    def answers() -> bool:
        try:
            password = running.keys.valkey_password
            return ask(url, "SELECT word FROM said") == "心桥" and ring(
                port_of(running.urls.redis), f"AUTH {password}"
            ).startswith(b"+OK")
        except (psycopg.OperationalError, ConnectionError):
            return False

    assert until(answers, 60)


def test_data_is_kept_between_runs_and_a_stranger_s_number_in_the_pid_file_is_no_hindrance(folder: Path) -> None:
    with Engines(folder) as first:
        assert first.created
        with psycopg.connect(first.urls.database) as link:
            link.execute("CREATE TABLE said AS SELECT 42 AS number")
    (folder / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}/postgres\n1\n5432\n\n127.0.0.1\n\n")
    with Engines(folder) as second:
        assert not second.created
        assert ask(second.urls.database, "SELECT number FROM said") == "42"
    assert not processes_in(folder)


def test_a_port_taken_at_the_last_moment_leads_to_another_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]
        offered = [taken]
        monkeypatch.setattr(engines_module, "free_port", lambda: offered.pop() if offered else ports.free_port())
        with Engines(folder) as engines:
            assert not offered
            assert port_of(engines.urls.database) != taken
            assert ask(engines.urls.database, "SELECT 1") == "1"


def test_engines_of_one_s_own_are_used_and_none_is_started(folder: Path) -> None:
    given = Urls("postgresql://db.example/x", "redis://cache.example/0")
    with Engines(folder, given=given) as engines:
        assert engines.urls == given
        assert not processes_in(folder)
    assert not (folder / "postgres").exists()


def test_outside_engines_are_read_from_variables_or_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("postgresql://from/file\n")
    environ = {"DATABASE_URL_FILE": str(tmp_path / "secret"), "REDIS_URL": "redis://named"}
    assert outside(environ) == Urls("postgresql://from/file", "redis://named")
    assert outside({}) == Urls("", "")


def test_a_folder_that_is_no_cluster_is_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "letter.txt").write_text("mine")
    with pytest.raises(LaunchError, match="is not a PostgreSQL cluster"):
        Engines(folder).start()
    assert (folder / "postgres" / "letter.txt").read_text() == "mine"


def test_another_major_version_s_cluster_is_refused(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("17\n")
    identity = engine_identity()
    with pytest.raises(LaunchError, match="was made by PostgreSQL 17"):
        Postgres(folder / "postgres", find(folder, identity), identity, "x").prepare()


def test_an_interrupted_initialisation_leaves_nothing_that_looks_whole(folder: Path) -> None:
    (folder / "postgres.new").mkdir()
    (folder / "postgres.new" / "PG_VERSION").write_text("18\n")
    with Engines(folder) as engines:
        assert ask(engines.urls.database, "SELECT 1") == "1"
    assert not (folder / "postgres.new").exists()
    assert not list(folder.glob("*.pw"))


@needs_root
def test_as_root_the_engines_run_as_nobody_and_own_only_their_folder(running: Engines) -> None:
    identity = engine_identity()
    assert identity is not None
    for name in ("postgres", "valkey"):
        assert os.stat(f"/proc/{running.supervisor.pid(name)}").st_uid == identity.uid
    assert (running.data / "postgres").stat().st_mode & 0o777 == 0o700
    assert (running.data / "keys.json").stat().st_uid == 0
    assert (running.data / "keys.json").stat().st_mode & 0o777 == 0o600


@needs_root
def test_where_nobody_cannot_go_the_engines_live_elsewhere_and_say_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(places, "KEPT", folder / "kept")
    said: list[str] = []
    with Engines(closed / ".data", report=said.append) as engines:
        home = engine_home(engines.data, engine_identity())
        assert home.parent == folder / "kept"
        assert (home / "postgres" / "PG_VERSION").exists()
        assert str(home) in said[0]
        assert not (closed / ".data" / "postgres").exists()
        assert closed.stat().st_mode & 0o777 == 0o700


@needs_root
def test_programs_out_of_reach_are_copied_to_where_nobody_can_run_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = places.site_packages()
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    (closed / "site-packages").symlink_to(packages)
    monkeypatch.setattr("launcher.binaries.site_packages", lambda: closed / "site-packages")
    binaries = find(folder, engine_identity())
    assert binaries.postgres.is_relative_to(folder)
    assert find(folder, engine_identity()) == binaries
