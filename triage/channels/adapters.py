"""The adapters: console log, signed JSON webhook, WeCom and DingTalk robots, SMTP, and an SMS gateway over HTTPS."""

import base64
import hashlib
import hmac
import json
import logging
import smtplib
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from urllib.error import URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import Request, urlopen

from kernel import clock
from kernel.redact import loggable
from triage.channels.notice import Channel, Destination, Kind, Notice, Undelivered

log = logging.getLogger("xinqiao.pages")

DEADLINE_S = 5.0
ANSWER_LIMIT = 4096


def signature(secret: str, at: datetime, body: bytes) -> str:
    """Sign a body: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`; the receiver refuses an old `t`."""
    moment = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def signed_well(secret: str, shown: str, body: bytes, now: datetime, tolerance_s: int = 300) -> bool:
    """Check a signature made by `signature`, at most `tolerance_s` old or ahead."""
    parts = dict(part.split("=", 1) for part in shown.split(",") if "=" in part)
    moment = parts.get("t", "")
    if not secret or not moment.isascii() or not moment.isdigit() or abs(now.timestamp() - int(moment)) > tolerance_s:
        return False
    expected = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts.get("v1", ""))


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> Any:
    """Post JSON; the answer as JSON, or None where it is none."""
    if urlsplit(url).scheme not in ("https", "http"):
        raise Undelivered("scheme")
    request = Request(url, body, {"Content-Type": "application/json; charset=utf-8", **headers})  # noqa: S310
    try:
        with urlopen(request, timeout=DEADLINE_S) as answer:  # noqa: S310 - the scheme was checked
            said = answer.read(ANSWER_LIMIT)
    except (URLError, OSError, ValueError) as fault:
        raise Undelivered(type(fault).__name__) from None
    try:
        return json.loads(said)
    except ValueError:
        return None


class Console:
    """Writes the call into the log; what an installation without any other channel has."""

    def send(self, notice: Notice, to: Destination) -> None:
        """Write one line."""
        log.critical(
            "page %s", loggable({"kind": f"{notice.about}.{notice.to}", "feed": notice.line, "cid": notice.id})
        )


class Webhook:
    """Posts the notice as JSON with an HMAC signature and an idempotency key."""

    def send(self, notice: Notice, to: Destination) -> None:
        """Any answer of the 200s counts."""
        fields = {"id": notice.id, "about": notice.about, "to": notice.to, "line": notice.line}
        text = {"text": notice.text, "link": notice.link, "at": notice.at.isoformat()}
        body = json.dumps({**fields, **text}, ensure_ascii=False).encode()
        signed = signature(to.secret, clock.now(), body)
        _post(to.url, body, {"X-Xinqiao-Signature": signed, "Idempotency-Key": notice.id})


class Robot:
    """A group robot of WeCom or DingTalk: a text message; DingTalk's signature stands in the address."""

    def send(self, notice: Notice, to: Destination) -> None:
        """Both answer `errcode` 0 when the message was taken."""
        url = to.url
        if to.kind == "dingtalk" and to.secret:
            moment = str(int(clock.now().timestamp() * 1000))
            digest = hmac.new(to.secret.encode(), f"{moment}\n{to.secret}".encode(), hashlib.sha256).digest()
            sign = quote(base64.b64encode(digest).decode(), safe="")
            url = f"{url}{'&' if '?' in url else '?'}{urlencode({'timestamp': moment})}&sign={sign}"
        content = f"{notice.text} {notice.link}".strip()
        said = _post(
            url, json.dumps({"msgtype": "text", "text": {"content": content}}, ensure_ascii=False).encode(), {}
        )
        if not isinstance(said, dict) or said.get("errcode") != 0:
            raise Undelivered("errcode")


class Sms:
    """A gateway that takes {id, to, text} over HTTPS with a bearer token."""

    def send(self, notice: Notice, to: Destination) -> None:
        """Any answer of the 200s counts; the gateway drops an `id` it has seen."""
        body = json.dumps({"id": notice.id, "to": to.to, "text": f"{notice.text}{notice.link}"}, ensure_ascii=False)
        _post(to.url, body.encode(), {"Authorization": f"Bearer {to.secret}", "Idempotency-Key": notice.id})


class Mail:
    """SMTP: `smtps://user@host:465` or `smtp://user@host:587` (then STARTTLS); the secret is the password."""

    def send(self, notice: Notice, to: Destination) -> None:
        """Hand the message to the server."""
        server = urlsplit(to.url)
        mail = EmailMessage()
        sender = server.username if server.username and "@" in server.username else f"xinqiao@{server.hostname}"
        mail["From"], mail["To"], mail["Subject"] = sender, to.to, notice.text[:40]
        mail["Message-ID"] = f"<{notice.id}@{server.hostname}>"
        mail.set_content(f"{notice.text}\n{notice.link}\n")
        try:
            with _smtp(server.scheme, server.hostname or "", server.port or 0) as smtp:
                if to.secret:
                    smtp.login(server.username or sender, to.secret)
                smtp.send_message(mail)
        except (OSError, smtplib.SMTPException) as fault:
            raise Undelivered(type(fault).__name__) from None


def _smtp(scheme: str, host: str, port: int) -> smtplib.SMTP:
    """Connect with TLS from the start, or switch to it; only a local server may go without."""
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=DEADLINE_S, context=ssl.create_default_context())
    smtp = smtplib.SMTP(host, port or 587, timeout=DEADLINE_S)
    if host not in ("localhost", "127.0.0.1"):
        smtp.starttls(context=ssl.create_default_context())
    return smtp


ADAPTERS: Mapping[Kind, Channel] = {
    "console": Console(),
    "webhook": Webhook(),
    "wecom": Robot(),
    "dingtalk": Robot(),
    "smtp": Mail(),
    "sms": Sms(),
}
