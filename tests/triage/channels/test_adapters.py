"""The adapters against a server of their own: what is sent, how it is signed, and what counts as taken."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import msgspec
import pytest

from tests.strategies import T0
from triage.channels.adapters import ADAPTERS, signature, signed_well
from triage.channels.notice import TEXTS, Channel, Destination, Notice, Undelivered

NOTICE = Notice("n1", "escalation", "everyone", "main", T0, TEXTS["escalation.everyone"], "")


class Gateway(BaseHTTPRequestHandler):
    """Keeps what is posted and answers what it is told to."""

    seen: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []
    answer: ClassVar[tuple[int, bytes]] = (200, b'{"errcode":0}')

    def do_POST(self) -> None:
        """Keep one request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, dict(self.headers), body))
        code, said = self.answer
        self.send_response(code)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def gateway() -> Iterator[str]:
    """A gateway on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Gateway.seen.clear()
    Gateway.answer = (200, b'{"errcode":0}')
    yield f"http://127.0.0.1:{server.server_port}/robot"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_webhook_is_signed_and_names_its_call_once(gateway: str) -> None:
    ADAPTERS["webhook"].send(NOTICE, Destination("w", "webhook", url=gateway, secret="s"))
    ((_, headers, body),) = Gateway.seen
    assert headers["Idempotency-Key"] == json.loads(body)["id"] == "n1"
    moment = int(headers["X-Xinqiao-Signature"].split(",")[0].removeprefix("t="))
    at = T0 + (timedelta(seconds=moment) - timedelta(seconds=T0.timestamp()))
    assert signed_well("s", headers["X-Xinqiao-Signature"], body, at)
    assert not signed_well("other", headers["X-Xinqiao-Signature"], body, at)
    assert not signed_well("s", headers["X-Xinqiao-Signature"], body + b" ", at)
    assert not signed_well("s", headers["X-Xinqiao-Signature"], body, at + timedelta(minutes=6))
    assert not signed_well("", signature("", at, body), body, at)


@pytest.mark.parametrize("kind", ["wecom", "dingtalk"])
def test_a_robot_takes_a_text_message_and_says_so(gateway: str, kind: Any) -> None:
    to = Destination("r", kind, url=gateway, secret="SEC")
    ADAPTERS[to.kind].send(NOTICE, to)
    path, _, body = Gateway.seen[0]
    assert json.loads(body) == {"msgtype": "text", "text": {"content": NOTICE.text}}
    assert ("timestamp=" in path and "sign=" in path) is (kind == "dingtalk")
    Gateway.answer = (200, b'{"errcode":310000}')
    with pytest.raises(Undelivered):
        ADAPTERS[to.kind].send(NOTICE, to)


@pytest.mark.parametrize("kind", ["webhook", "sms", "wecom"])
def test_what_was_not_taken_is_undelivered_and_names_no_secret(gateway: str, kind: Any) -> None:
    Gateway.answer = (500, b"no")
    for url in (gateway, "http://127.0.0.1:1/", "file:///etc/hosts"):
        with pytest.raises(Undelivered) as fault:
            ADAPTERS[Destination("x", kind).kind].send(NOTICE, Destination("x", kind, url=url, secret="hush"))
        assert "hush" not in str(fault.value)


def test_a_mail_server_that_is_not_there_is_undelivered() -> None:
    with pytest.raises(Undelivered):
        ADAPTERS["smtp"].send(NOTICE, Destination("m", "smtp", url="smtp://127.0.0.1:1", to="duty@example.org"))


def test_the_console_writes_codes_and_no_text(caplog: pytest.LogCaptureFixture) -> None:
    console: Channel = ADAPTERS["console"]
    console.send(NOTICE, Destination("console", "console"))
    assert "escalation.everyone" in caplog.text
    assert NOTICE.text not in caplog.text


def test_destinations_are_read_strictly() -> None:
    text = b'[{"name":"duty","kind":"wecom","audience":["everyone"],"url":"https://x"}]'
    (one,) = msgspec.json.decode(text, type=tuple[Destination, ...])
    assert one.wants("everyone", "main")
    assert not one.wants("outside", "main")
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'[{"name":"x","kind":"pigeon"}]', type=tuple[Destination, ...])
