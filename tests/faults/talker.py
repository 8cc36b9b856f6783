"""A client that does what the protocol asks of one: outbox in order, same id until answered, resume, exact cursor.

Its history is the only witness of a drill: what it sent, what was acknowledged and when, what it was shown.
"""

import asyncio
import contextlib
import itertools
import json
import random
import time
from collections import deque
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

SUBPROTOCOL: Any = "xinqiao.v1"
# As the pages do: words unanswered for 3 s and 4 s more without any frame mean that the line is dead.
CONNECT_S, UNANSWERED_S, PROBE_S, HEARTBEAT_S, ANSWER_S = 4.0, 3.0, 4.0, 2.0, 10.0
MOST_PATIENCE = 4  # times as long as at first, where coming in was in vain more than twice; as the pages (backoff.ts)
MOST_NAMED = 64  # feeds in a hello (kernel/wire.py); the pages name those that came last (feeds.ts)
Frame = dict[str, Any]


class Talker:
    """Somebody on a socket that is cut, frozen and moved from node to node."""

    def __init__(self, name: str, urls: list[str], door: str, headers: dict[str, str], dice: random.Random) -> None:
        """`urls` are the nodes to try, one after another."""
        self.name = name
        self._urls = urls
        self.door = door
        self._headers = headers
        self._dice = dice
        self._ids = itertools.count(1)
        # No id is given twice, nor by somebody who comes back: it would be answered as what was said the first time.
        self._life = f"{dice.getrandbits(40):x}"
        self._outbox: deque[Frame] = deque()
        self._answers: dict[str, asyncio.Future[Frame]] = {}
        self._wake = asyncio.Event()
        self._heard_at = time.monotonic()
        self._sent_at: float | None = None  # of the command that is on its way
        self.cursor: dict[str, int] = {}
        self.shown: dict[str, list[Frame]] = {}
        self.repeated = 0
        self._asked: set[str] = set()  # feeds this socket asked for again
        self.sent: dict[str, list[str]] = {}
        self.acked: list[tuple[str, str, float, float]] = []  # feed, text, seconds until the ack, at
        self.refusals: list[str] = []
        self.news = asyncio.Condition()
        self.connected = False
        self._in_vain = 0  # attempts since one that held for a while

    # --- what a test asks of it ---

    def say(self, feed: str, text: str) -> None:
        """Put a message into the outbox."""
        self.sent.setdefault(feed, []).append(text)
        self.command(feed, {"type": "message.post", "text": text})

    def command(self, feed: str, command: Frame) -> None:
        """Put a command into the outbox."""
        cid = f"{self._life}-{next(self._ids)}"  # counts for this person only, and may be 39 characters long
        self._outbox.append({"op": "do", "id": cid, "to": feed, "command": command, "since": time.monotonic()})
        self._wake.set()

    @property
    def waiting(self) -> int:
        """Commands not answered yet."""
        return len(self._outbox)

    def words(self, feed: str) -> list[str]:
        """What this screen shows of a feed."""
        shown = self.shown.get(feed, [])
        return [frame["event"]["text"] for frame in shown if frame["event"]["type"] == "message.posted"]

    async def event(self, kind: str, seconds: float = 30) -> Frame:
        """Wait until an event of a kind has been shown."""
        async with asyncio.timeout(seconds), self.news:
            while True:
                for frames in self.shown.values():
                    for frame in frames:
                        if frame["event"]["type"] == kind:
                            return frame
                await self.news.wait()

    # --- the life of a client ---

    async def live(self) -> None:
        """Connect again and again; the first try after a loss is at once."""
        delay = 0.0
        for attempt in itertools.count(self._dice.randrange(len(self._urls))):
            began = time.monotonic()
            await self._try(self._urls[attempt % len(self._urls)])
            held = self.connected and time.monotonic() - began > 5
            self._in_vain = 0 if held else self._in_vain + 1
            self.connected = False
            delay = 0.0 if held else min(2.0, max(0.2, delay * 2))
            await asyncio.sleep(delay * self._dice.uniform(0.5, 1))

    @property
    def _patience(self) -> int:
        """How many times as long as at first the house may take."""
        return 1 if self._in_vain < 3 else min(MOST_PATIENCE, 2 ** (self._in_vain - 2))

    async def _try(self, url: str) -> None:
        """One socket's life in a task of its own: sent home, one goes, though the line may fail in that very moment."""
        life = asyncio.create_task(self._once(url))
        try:
            await asyncio.wait([life])
        finally:
            life.cancel()
            await asyncio.wait([life])
            with contextlib.suppress(OSError, WebSocketException, TimeoutError, ExceptionGroup, asyncio.CancelledError):
                life.result()

    async def _once(self, url: str) -> None:
        """One socket's life."""
        async with asyncio.timeout(CONNECT_S * self._patience):
            socket = await connect(
                f"{url.replace('http', 'ws', 1)}/ws/{self.door}/",
                subprotocols=[SUBPROTOCOL],
                origin=url,  # type: ignore[arg-type]
                additional_headers=self._headers,
                ping_interval=None,
                close_timeout=0.5,
                proxy=None,
            )
        try:
            self._asked.clear()
            await socket.send(json.dumps({"op": "hello", "resume": self.positions()}))
            self._heard_at = time.monotonic()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(socket))
                group.create_task(self._speak(socket))
                group.create_task(self._watch(socket))
        finally:
            for answer in self._answers.values():
                answer.cancel()
            self._answers.clear()
            self._sent_at = None
            await socket.close()

    def positions(self) -> dict[str, int]:
        """Where one stands, as the pages say it: the feeds that came last, and no more than a hello may name."""
        return dict(list(self.cursor.items())[-MOST_NAMED:])

    async def _listen(self, socket: ClientConnection) -> None:
        """Take what comes."""
        async for raw in socket:
            self._heard_at = time.monotonic()
            await self._take(socket, json.loads(raw))
        raise ConnectionError("closed")

    async def _take(self, socket: ClientConnection, frame: Frame) -> None:
        """Handle one frame."""
        if frame["op"] == "welcome":
            self.connected = True
            for feed in self.cursor.keys() - set(frame["feeds"]):
                del self.cursor[feed]
        elif frame["op"] == "unfollowed":
            self.cursor.pop(frame["feed"], None)
        elif frame["op"] == "event":
            await self._show(socket, frame)
        elif frame["op"] in ("ack", "refused") and frame["id"] in self._answers:
            answer = self._answers[frame["id"]]
            if not answer.done():
                answer.set_result(frame)
        elif frame["op"] == "pong":
            for feed, head in frame["heads"].items():
                if head > self.cursor.get(feed, 0):
                    await self._resume(socket, feed)
        elif frame["op"] == "snapshot":
            await self._begin(frame["feed"], frame["seq"])

    async def _begin(self, feed: str, seq: int) -> None:
        """A snapshot is the new beginning of a feed, as on the pages; else every pong would ask for it again."""
        async with self.news:
            self.cursor[feed] = seq
            self.news.notify_all()

    async def _show(self, socket: ClientConnection, frame: Frame) -> None:
        """Show an event where it comes next; ask again where one is missing."""
        feed, cursor = frame["feed"], self.cursor.get(frame["feed"], 0)
        if frame["seq"] <= cursor and (frame["prev"] != 0 or feed not in self._asked):
            self.repeated += feed not in self._asked
        elif frame["prev"] == cursor or frame["prev"] == 0:
            async with self.news:
                if frame["prev"] == 0:
                    self.shown[feed] = []
                self.shown.setdefault(feed, []).append(frame)
                self.cursor[feed] = frame["seq"]
                self.news.notify_all()
        else:
            await self._resume(socket, feed)

    async def _resume(self, socket: ClientConnection, feed: str) -> None:
        """Ask for a feed after what is known; from now on it may come twice."""
        self._asked.add(feed)
        await socket.send(json.dumps({"op": "resume", "feed": feed, "after": self.cursor.get(feed, 0)}))

    async def _speak(self, socket: ClientConnection) -> None:
        """Send the outbox in order, each command until it is answered."""
        while True:
            if not self._outbox:
                self._wake.clear()
                await self._wake.wait()
            said = self._outbox[0]
            frame = {key: value for key, value in said.items() if key != "since"}
            answer = self._answers[said["id"]] = asyncio.get_running_loop().create_future()
            await socket.send(json.dumps(frame, ensure_ascii=False))
            self._sent_at = time.monotonic()
            async with asyncio.timeout(ANSWER_S * self._patience):
                reply = await answer
            del self._answers[said["id"]]
            self._sent_at = None
            await self._answered(said, reply)

    async def _answered(self, said: Frame, reply: Frame) -> None:
        """Keep the answer; one that says `later` leaves the command where it is."""
        if reply["op"] == "refused" and reply.get("retry_ms"):
            await asyncio.sleep(min(1.0, reply["retry_ms"] / 1000))
            return
        self._outbox.popleft()
        if reply["op"] == "refused":
            self.refusals.append(reply["code"])
        elif said["command"]["type"] == "message.post":
            now = time.monotonic()
            self.acked.append((said["to"], said["command"]["text"], now - said["since"], now))

    async def _watch(self, socket: ClientConnection) -> None:
        """Ping now and then, and at once when words stay unanswered; a server that then says nothing is given up."""
        probed_at: float | None = None
        pinged_at = 0.0
        while True:
            now = time.monotonic()
            if probed_at is not None and self._heard_at > probed_at:
                probed_at = None
            if probed_at is not None and now - probed_at > PROBE_S:
                raise TimeoutError("silence")
            silent = self._sent_at is not None and now - max(self._sent_at, self._heard_at) > UNANSWERED_S
            if probed_at is None and (silent or now - pinged_at > HEARTBEAT_S):
                pinged_at, probed_at = now, now if silent else None
                await socket.send('{"op":"ping"}')
            await asyncio.sleep(0.25)
