"""People with a tone instead of a voice: aiortc peers on loopback, and an ear that tells which tones it hears."""

import asyncio
import fractions
import math
from array import array
from collections import deque
from collections.abc import Awaitable, Callable

import av
import pytest
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

RATE_HZ = 48_000
FRAME = 960
EAR_FRAMES = 6
SKIP = 4  # 12 kHz is enough for our tones
HEARD = 0.02
FRESH_S = 0.5
PATIENT_S = 30.0  # how long a test waits for what it waits for, on a machine that stalls
MOMENT_S = 0.3

Heard = dict[str, set[str]]


class Tone(MediaStreamTrack):
    """A sine for a microphone."""

    kind = "audio"

    def __init__(self, hertz: float) -> None:
        """Speak at `hertz`, which shall be a multiple of 50 so that every frame is the same."""
        super().__init__()
        wave = array("h", (int(12_000 * math.sin(2 * math.pi * hertz * n / RATE_HZ)) for n in range(FRAME)))
        self._wave = wave.tobytes()
        self._count = 0
        self._begun: float | None = None

    async def recv(self) -> av.AudioFrame:
        """One frame each 20 ms."""
        loop = asyncio.get_running_loop()
        self._begun = loop.time() if self._begun is None else self._begun
        await asyncio.sleep(max(0.0, self._begun + 0.02 * self._count - loop.time()))
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(self._wave)
        frame.sample_rate = RATE_HZ
        frame.time_base = fractions.Fraction(1, RATE_HZ)
        frame.pts = FRAME * self._count
        self._count += 1
        return frame


class Ear:
    """Keeps the last tenth of a second of a track."""

    def __init__(self, track: MediaStreamTrack) -> None:
        """Listen until the track ends."""
        self._frames: deque[tuple[float, array[int]]] = deque(maxlen=EAR_FRAMES)
        self.packets = 0
        self._task = asyncio.create_task(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.AudioFrame)
                samples = array("h", bytes(frame.planes[0])[: frame.samples * 2 * len(frame.layout.channels)])
                samples = samples[:: len(frame.layout.channels) * SKIP]
                self._frames.append((asyncio.get_running_loop().time(), samples))
                self.packets += 1
        except MediaStreamError:
            return

    def forget(self) -> None:
        """Judge only what comes from now on."""
        self._frames.clear()

    def hears(self, hertz: float) -> bool:
        """Whether this tone was there lately, by Goertzel."""
        now = asyncio.get_running_loop().time()
        samples = [s for at, frame in self._frames if now - at < FRESH_S for s in frame]
        if not samples:
            return False
        step = 2 * math.cos(2 * math.pi * hertz * SKIP / RATE_HZ)
        a = b = 0.0
        for sample in samples:
            a, b = sample / 32768 + step * a - b, a
        power = a * a + b * b - step * a * b
        return 2 * math.sqrt(max(power, 0.0)) / len(samples) > HEARD

    async def stop(self) -> None:
        """Stop listening."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


class Peer:
    """One person: speaks one tone, hears on two lanes."""

    def __init__(self, name: str, hertz: float) -> None:
        """Prepare a connection with two audio lines, main both ways and aux for listening."""
        self.name = name
        self.hertz = hertz
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.ears: list[Ear] = []
        self.connection.on("track", lambda track: self.ears.append(Ear(track)))
        self.connection.addTransceiver(Tone(hertz), direction="sendrecv")
        self.connection.addTransceiver("audio", direction="recvonly")
        self.answer = ""

    async def offer(self) -> str:
        """Describe this peer."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def take(self, answer: str) -> None:
        """Connect as answered."""
        self.answer = answer
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    def hears(self, tones: dict[str, float]) -> set[str]:
        """Whose tones are on any lane of this peer."""
        return {name for name, hertz in tones.items() if any(ear.hears(hertz) for ear in self.ears)}

    async def stop(self) -> None:
        """Hang up."""
        await self.connection.close()
        for ear in self.ears:
            await ear.stop()


async def eventually(condition: Callable[[], bool], seconds: float = PATIENT_S) -> bool:
    """Wait until a condition holds; False where it does not within the time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        if condition():
            return True
        await asyncio.sleep(0.02)
    return bool(condition())


async def steadily(look: Callable[[], Awaitable[Heard]], expected: Heard) -> None:
    """Wait until everybody hears exactly these voices, and still does a moment later; a voice that nobody should hear
    begins it anew, one that is missing (a clip breathes, a machine stalls) only has to come."""
    loop = asyncio.get_running_loop()
    deadline, since, found = loop.time() + PATIENT_S, None, {}
    while loop.time() < deadline:
        found = await look()
        if any(found[name] - expected[name] for name in expected):
            since = None
        elif found == expected:
            since = since or loop.time()
            if loop.time() - since >= MOMENT_S:
                return
        await asyncio.sleep(0.05)
    assert found == expected
    raise AssertionError(f"never {expected} for {MOMENT_S} s")


def stay_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let aiortc gather 127.0.0.1, which it leaves out elsewhere, and nothing else."""
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
