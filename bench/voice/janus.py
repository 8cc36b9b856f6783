"""Janus' videocall plugin under the same calls: one process of the Debian package, commanded over a Unix socket."""

import asyncio
import contextlib
import itertools
import json
import shutil
import socket
import statistics
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.text.cpu import SERVERS, pin
from bench.voice import ours
from bench.voice.delays import Delays
from bench.voice.forwarding import told
from bench.voice.load import Arm, in_turn, ratios, speak
from bench.voice.peer import LoadPeer
from bench.voice.table import BARS

READY_S, ANSWER_S = 40.0, 30.0
LIBRARIES = ("/usr/lib/*/janus", "/usr/lib/janus", "/usr/local/lib/janus")
MAIN = """
general: {{ plugins_folder = "{library}/plugins", transports_folder = "{library}/transports",
  loggers_folder = "/nowhere", events_folder = "/nowhere",
  session_timeout = 0, reclaim_session_timeout = 0, debug_level = 2, log_to_stdout = false,
  log_to_file = "{folder}/janus.log" }}
nat: {{ ice_lite = true, ice_enforce_list = "{address}", ignore_mdns = true, nice_debug = false }}
media: {{ ipv6 = false }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""
PIPE = """
general: {{ enabled = true, json = "compact", path = "{folder}/s", type = "SOCK_SEQPACKET" }}
admin: {{ admin_enabled = false }}
"""


def library() -> Path | None:
    """Where the package keeps its plugins."""
    found = [path for place in LIBRARIES for path in Path("/").glob(place.lstrip("/"))]
    return next((path for path in found if (path / "plugins" / "libjanus_videocall.so").exists()), None)


def own_address() -> str:
    """An address of this machine other than loopback, which Janus refuses; "" where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.254", 9))  # no packet is sent: this only asks the routing table
        address = str(probe.getsockname()[0])
        return "" if address.startswith("127.") else address
    return ""


def absent() -> str:
    """Why it cannot be measured here, or nothing."""
    if shutil.which("janus") is None or library() is None:
        return "no `janus` with its videocall plugin (Debian: apt-get install janus)"
    return "" if own_address() else "Janus refuses loopback, and this machine has no other address"


class Janus:
    """A running Janus and the one connection to it."""

    def __init__(self, folder: Path, address: str) -> None:
        """Write its settings and start it on the servers' core."""
        self.address, self._folder = address, folder
        where = library()
        assert where is not None
        others = [path.name for path in (where / "plugins").glob("*.so") if "videocall" not in path.name]
        ways = [path.name for path in (where / "transports").glob("*.so") if "pfunix" not in path.name]
        names = {"library": where, "folder": folder, "address": address}
        names |= {"plugins": ",".join(others), "transports": ",".join(ways)}
        (folder / "janus.jcfg").write_text(MAIN.format(**names))
        (folder / "janus.transport.pfunix.jcfg").write_text(PIPE.format(**names))
        (folder / "janus.plugin.videocall.jcfg").write_text("general: {}\n")
        self.process = subprocess.Popen(
            ["janus", f"--configs-folder={folder}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.arm = Arm("janus", self.process.pid, [], Delays())
        self._pipe = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._told: dict[int, asyncio.Queue[dict[str, Any]]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect as soon as it listens."""
        async with asyncio.timeout(READY_S):
            while True:
                with contextlib.suppress(OSError):
                    self._pipe.connect(str(self._folder / "s"))
                    break
                await asyncio.sleep(0.05)
        self._pipe.setblocking(False)
        pin([self.process.pid], SERVERS)
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(self._pipe, 1 << 20):
            said = json.loads(data)
            answer = self._waiting.get(said.get("transaction", ""))
            if said["janus"] in ("success", "error") and answer is not None and not answer.done():
                answer.set_result(said)
            elif said["janus"] == "event":
                self._told[said["sender"]].put_nowait(said)

    async def _ask(self, **words: Any) -> dict[str, Any]:
        number = f"t{next(self._numbers)}"
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(ANSWER_S):
            await asyncio.get_running_loop().sock_sendall(
                self._pipe, json.dumps({**words, "transaction": number}).encode()
            )
            said: dict[str, Any] = await answer
        del self._waiting[number]
        if said["janus"] == "error":
            raise RuntimeError(said["error"]["reason"])
        return said

    async def _seat(self, name: str) -> dict[str, int]:
        """A session with the plugin, registered under a name."""
        session = (await self._ask(janus="create"))["data"]["id"]
        plugin = "janus.plugin.videocall"
        handle = (await self._ask(janus="attach", session_id=session, plugin=plugin))["data"]["id"]
        self._told[handle] = asyncio.Queue()
        seat = {"session_id": session, "handle_id": handle}
        await self._say(seat, {"request": "register", "username": name})
        await self._hear(seat, "registered")
        return seat

    async def _say(self, seat: dict[str, int], body: dict[str, Any], **jsep: Any) -> None:
        words = {"janus": "message", **seat, "body": body, **jsep, "transaction": f"m{next(self._numbers)}"}
        await asyncio.get_running_loop().sock_sendall(self._pipe, json.dumps(words).encode())

    async def _hear(self, seat: dict[str, int], event: str) -> dict[str, Any]:
        async with asyncio.timeout(ANSWER_S):
            while True:
                said = await self._told[seat["handle_id"]].get()
                data = said["plugindata"]["data"]
                if "error" in data:
                    raise RuntimeError(data["error"])
                if data.get("result", {}).get("event") == event:
                    return said

    async def call(self, number: int) -> list[LoadPeer]:
        """One call of two peers."""
        delays = self.arm.delays
        a, b = (LoadPeer(f"{side}{number}", delays, address=self.address) for side in "ab")
        here, there = await asyncio.gather(self._seat(a.name), self._seat(b.name))
        offer = {"type": "offer", "sdp": a.offer(aux=False)}
        await self._say(here, {"request": "call", "username": b.name}, jsep=offer)
        offered = (await self._hear(there, "incomingcall"))["jsep"]["sdp"]
        await self._say(there, {"request": "accept"}, jsep={"type": "answer", "sdp": b.answer(offered)})
        answered = (await self._hear(here, "accepted"))["jsep"]["sdp"]
        await asyncio.gather(a.connect(answered), b.connect(offered))
        return [a, b]

    async def grow(self, calls: int) -> None:
        """Set up so many calls, a few at once."""
        for first in range(0, calls, ours.AT_ONCE):
            numbers = range(first, min(calls, first + ours.AT_ONCE))
            for peers in await asyncio.gather(*(self.call(number) for number in numbers)):
                self.arm.peers += peers
        pin([self.process.pid], SERVERS)  # the threads of the calls too
        await speak(self.arm.peers, 1.0)
        self.arm.delays.clear()

    def stop(self) -> None:
        """End everything."""
        if self._reading is not None:
            self._reading.cancel()
        for peer in self.arm.peers:
            peer.close()
        self._pipe.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@asynccontextmanager
async def running(address: str) -> AsyncIterator[Janus]:
    """A Janus for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="jn-") as folder:
        janus = Janus(Path(folder), address)
        try:
            await janus.start()
            yield janus
        finally:
            janus.stop()


async def compare(rounds: int, seconds: float, calls: int = 50) -> list[dict[str, Any]]:
    """Ours and Janus under as many calls each, in turn."""
    if reason := absent():
        return [{"bar": "V2", "skipped": reason}]
    address = own_address()
    async with ours.running("passthrough", address) as rig, running(address) as janus:
        await rig.grow(calls)
        await janus.grow(calls)
        found = await in_turn((rig.arm, janus.arm), rounds, seconds)
        ciphers = {rig.arm.peers[0].profile, janus.arm.peers[0].profile}
        late = {arm.name: arm.delays.quantile_ms(0.99) for arm in (rig.arm, janus.arm)}
    shares, void = ratios(found["passthrough"], found["janus"])
    sides = {name: told(each) for name, each in found.items()}
    value, spread = statistics.median(shares), {"least": round(min(shares), 3), "most": round(max(shares), 3)}
    return [BARS["V2"].judged(value, **spread, void=void, srtp=sorted(ciphers), delay_p99_ms=late, **sides)]
