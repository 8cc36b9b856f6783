"""Many visitors at once beside a browser: real sockets on a loop of their own, since Playwright holds this thread's."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from tests.client import Peer, staff, visitor

T = TypeVar("T")


class Caller:
    """One visitor over the wire."""

    def __init__(self, contact: str, peer: Peer) -> None:
        """`peer` is connected."""
        self.contact = contact
        self.peer = peer

    @property
    def session(self) -> str:
        """The feed of what is said."""
        return f"session.{self.contact}"


class Crowd:
    """A loop in a thread; every method waits for its answer."""

    def __init__(self, url: str) -> None:
        """`url` is the running service's."""
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._peers: list[Peer] = []

    def __enter__(self) -> Self:
        """Start the loop."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close every socket, then the loop."""
        self.run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T], seconds: float = 60) -> T:
        """Do something on the loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    async def _close(self) -> None:
        for peer in self._peers:
            await peer.close()

    def comes(self, thoughts: str = "none") -> Caller:
        """Somebody comes in and answers the short questions; they hold a number when this returns."""
        return self.run(self._comes(thoughts))

    async def _comes(self, thoughts: str) -> Caller:
        contact, peer = await visitor(self._url)
        await peer.open()
        self._peers.append(peer)
        await peer.event("contact.opened")
        answers = {"topics": ["work"], "thoughts": thoughts} if thoughts != "none" else {"topics": ["work"]}
        said = await peer.do(f"case.{contact}", "intake.submit", **answers)
        assert said["op"] == "ack", said
        await peer.event("contact.queued", 30)
        return Caller(contact, peer)

    def say(self, caller: Caller, text: str) -> None:
        """A visitor writes."""
        said = self.run(caller.peer.do(caller.session, "message.post", text=text))
        assert said["op"] == "ack", said

    def hears(self, caller: Caller, kind: str, **fields: Any) -> dict[str, Any]:
        """Wait until a visitor has been shown an event."""
        return self.run(caller.peer.event(kind, 45, **fields), 50)

    def ends(self, caller: Caller) -> None:
        """A visitor ends the talk or the wait."""
        said = self.run(caller.peer.do(caller.session, "session.end"))
        assert said["op"] == "ack", said

    def staff(self, name: str, password: str, door: str = "console") -> Peer:
        """Somebody of the staff over the wire."""
        return self.run(self._staff(name, password, door))

    async def _staff(self, name: str, password: str, door: str) -> Peer:
        peer = await staff(self._url, name, password, door)
        await peer.open()
        self._peers.append(peer)
        return peer
