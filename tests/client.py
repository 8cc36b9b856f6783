"""A client of the wire as another program would write it: real sockets, resume, command ids."""

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect

SUBPROTOCOL: Any = "xinqiao.v1"

Frame = dict[str, Any]


class Peer:
    """One socket's worth of somebody; keeps every frame, and what each feed has shown."""

    def __init__(self, url: str, door: str, headers: dict[str, str]) -> None:
        """`url` is http://host:port; `door` is contact, console or supervision."""
        self._url = f"{url.replace('http', 'ws', 1)}/ws/{door}/"
        self._headers = headers
        self._origin = url
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self._ids = itertools.count(1)
        self.frames: list[Frame] = []
        self.feeds: dict[str, list[Frame]] = {}
        self.views: dict[str, Frame] = {}
        self.close_code: int | None = None

    async def __aenter__(self) -> Self:
        """Connect and say hello."""
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.close()

    async def open(self) -> None:
        """Connect, resume every known feed after its last event."""
        self._socket = await connect(
            self._url,
            subprotocols=[SUBPROTOCOL],
            origin=self._origin,  # type: ignore[arg-type]
            additional_headers=self._headers,
            ping_interval=None,
            close_timeout=2,
            proxy=None,
        )
        self.close_code = None
        resume = {feed: events[-1]["seq"] for feed, events in self.feeds.items() if events}
        await self.send({"op": "hello", "resume": resume})
        self._reader = asyncio.create_task(self._read(self._socket))

    async def close(self) -> None:
        """Close the socket, if it is open."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)

    async def send(self, frame: Frame) -> None:
        """Send one frame."""
        assert self._socket is not None
        await self._socket.send(json.dumps(frame, ensure_ascii=False))

    async def _read(self, socket: ClientConnection) -> None:
        """Keep what comes."""
        try:
            async for raw in socket:
                await self._keep(json.loads(raw))
        finally:
            self.close_code = socket.close_code
            async with self._news:
                self._news.notify_all()

    async def _keep(self, frame: Frame) -> None:
        """Note a frame; events only where they come next, so a doubled or missing one shows as a gap."""
        async with self._news:
            self.frames.append(frame)
            if frame["op"] == "event":
                events = self.feeds.setdefault(frame["feed"], [])
                if frame["prev"] == 0:
                    events.clear()
                if frame["prev"] == (events[-1]["seq"] if events else frame["prev"]):
                    events.append(frame)
            elif frame["op"] == "snapshot":
                self.views[frame["feed"]] = frame["view"]
            self._news.notify_all()

    async def until(self, found: Callable[[Frame], bool], seconds: float = 20) -> Frame:
        """Wait for the first frame, past or to come, that fits."""
        async with asyncio.timeout(seconds), self._news:
            while True:
                for frame in self.frames:
                    if found(frame):
                        return frame
                if self.close_code is not None:
                    raise ConnectionError(f"closed with {self.close_code}")
                await self._news.wait()

    async def event(self, kind: str, seconds: float = 20, **fields: Any) -> Frame:
        """Wait for an event of a kind whose fields are these."""
        wanted = fields.items()
        return await self.until(
            lambda frame: (
                frame["op"] == "event" and frame["event"]["type"] == kind and wanted <= frame["event"].items()
            ),
            seconds,
        )

    async def do(self, to: str, kind: str, *, cid: str | None = None, **fields: Any) -> Frame:
        """Give a command and wait for the answer."""
        cid = cid or f"t{next(self._ids)}-{id(self):x}"
        await self.send({"op": "do", "id": cid, "to": to, "command": {"type": kind, **fields}})
        return await self.until(lambda frame: frame["op"] in ("ack", "refused") and frame["id"] == cid)

    def said(self, feed: str) -> list[str]:
        """The words of a feed, in order."""
        return [
            frame["event"]["text"] for frame in self.feeds.get(feed, []) if frame["event"]["type"] == "message.posted"
        ]


async def visitor(url: str, line: str = "main") -> tuple[str, Peer]:
    """Open a contact as an app does; answers its id and a peer that is not connected yet."""
    async with httpx.AsyncClient(base_url=url) as http:
        answer = await http.post("/api/v1/contacts", json={"line": line}, headers={"X-Client": "app"})
        answer.raise_for_status()
        opened = answer.json()
    return opened["contact"], Peer(url, "contact", {"Authorization": f"Bearer {opened['token']}"})


async def staff(url: str, username: str, password: str, door: str = "console") -> Peer:
    """Sign in through the page as a person does; answers a peer that is not connected yet."""
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}) as http:
        page = await http.get("/accounts/login/")
        form = {"login": username, "password": password, "csrfmiddlewaretoken": http.cookies["csrftoken"]}
        answer = await http.post("/accounts/login/", data=form)
        assert answer.status_code == 302, (page.status_code, answer.status_code, answer.text[:500])
        cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    return Peer(url, door, {"Cookie": cookies})
