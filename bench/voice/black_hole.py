"""A way that UDP takes to a media worker, which can swallow everything of the flows it has and let new ones pass.

That is what a forgotten translation in somebody's router looks like from both ends: nothing closes, nothing refuses.
"""

import selectors
import socket
import threading


class BlackHole:
    """One port in front of another, in a thread of its own."""

    def __init__(self) -> None:
        """Open the port; nothing is passed on before `target` is known."""
        self.target = 0
        self._front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._front.bind(("127.0.0.1", 0))
        self.port = int(self._front.getsockname()[1])
        self._flows: dict[tuple[str, int], socket.socket] = {}
        self._lost: set[tuple[str, int]] = set()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._front, selectors.EVENT_READ, None)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """From now on nothing of the flows that exist arrives, in either direction."""
        self._lost |= set(self._flows)

    def _carry(self) -> None:
        while not self._ends.is_set():
            for key, _ in self._selector.select(0.05):
                if key.data is None:
                    self._inward()
                elif key.data not in self._lost:
                    self._front.sendto(key.fileobj.recv(2048), key.data)  # type: ignore[union-attr]  # a socket
                else:
                    key.fileobj.recv(2048)  # type: ignore[union-attr]  # likewise

    def _inward(self) -> None:
        data, source = self._front.recvfrom(2048)
        if source in self._lost or not self.target:
            return
        flow = self._flows.get(source)
        if flow is None:
            flow = self._flows[source] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            flow.connect(("127.0.0.1", self.target))
            self._selector.register(flow, selectors.EVENT_READ, source)
        flow.send(data)

    def close(self) -> None:
        """Give everything back."""
        self._ends.set()
        self._thread.join()
        for each in (self._front, *self._flows.values()):
            each.close()
