"""A visitor or a partner over plain HTTP, as where sockets are broken: one id per command until it is answered."""

import asyncio
import itertools
import logging
import random
from typing import Any

import httpx

logging.getLogger("httpx").setLevel(logging.WARNING)

TRY_AGAIN_S = 0.3
DEADLINE_S = 5.0
Frame = dict[str, Any]


class Caller:
    """Somebody with a phone and a bad line; knows every node and tries them in turn."""

    def __init__(self, nodes: list[str], dice: random.Random) -> None:
        """Nothing has been said."""
        self._nodes = nodes
        self._turn = itertools.count(dice.randrange(len(nodes)))
        self._ids = itertools.count(1)
        self.contact, self._headers = "", {"X-Client": "app"}
        self._http = httpx.AsyncClient(timeout=DEADLINE_S)

    async def send(self, method: str, path: str, body: Frame, headers: Frame | None = None) -> httpx.Response:
        """Ask until some node answers; the answer is final (a 2xx, or a refusal with a code)."""
        while True:
            node = self._nodes[next(self._turn) % len(self._nodes)]
            try:
                answer = await self._http.request(
                    method, f"{node}/api/v1/{path}", json=body, headers={**self._headers, **(headers or {})}
                )
                if answer.status_code < 500 and answer.status_code != 429:
                    return answer
            except (httpx.HTTPError, OSError):
                pass
            await asyncio.sleep(TRY_AGAIN_S)

    async def come(self) -> str:
        """Open a contact; one whose answer was lost is somebody else's, as on a real phone."""
        opened = (await self.send("POST", "contacts", {"line": "main"})).json()
        self.contact = opened["contact"]
        self._headers = {"Authorization": f"Bearer {opened['token']}"}
        return self.contact

    async def do(self, kind: str, command: Frame) -> str:
        """Give one command to an own feed; the refusal's code, or nothing where it was acknowledged."""
        frame = {"op": "do", "id": f"h{next(self._ids)}", "to": f"{kind}.{self.contact}", "command": command}
        while True:
            said = (await self.send("POST", "commands", frame)).json()
            code = said.get("code", "")
            # The aggregates of a contact are opened by its first event, a moment after it.
            if code not in ("unknown_feed", "not_open", "conflict", "unavailable"):
                return str(code)
            await asyncio.sleep(TRY_AGAIN_S)

    @property
    def headers(self) -> dict[str, str]:
        """What opens the door of the contact's own socket."""
        return dict(self._headers)

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()


def quickly(rules: str) -> str:
    """Code that makes drill0 a supervisor and publishes a line's rules with other numbers, as the admin would."""
    return f"""
from datetime import time
from msgspec.structs import replace
from accounts.models import StaffMember
from kernel import clock
from kernel.terms import RiskLevel
from queueing import store as queueing
from queueing.policy import DeskPolicy
from triage import store
from triage.policy import LADDER, CasePolicy
StaffMember.objects.filter(staff_id="drill0").update(role="supervisor")
queueing.publish_policy("main", DeskPolicy(cool_down_s=0), "drill", clock.now(), "drill")
{rules}
"""
