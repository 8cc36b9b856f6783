"""The reference engine: aiortc's RTCPeerConnection and MediaRelay, which decode and encode again.

A few calls a core, no ICE restart, no tap on encoded packets; it is here to hold the passthrough engine against.
`iceServers` is always empty: without it aiortc would ask a public server for our address.
"""

import asyncio
import logging
from array import array

import av
from aiortc import MediaStreamTrack, RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamError
from typing_extensions import override

from chat.domain.lanes import HOLD_CLIP, Lane, Route
from chat.voice import clip
from chat.voice.contract import LANES, LegConnected, LegLost, Limits, Load, RecordingDecision, Tap, Tell
from chat.voice.limits import LagWatch
from chat.voice.sdp import Offer, read_offer
from kernel.errors import Refused
from kernel.terms import Role

PATIENCE_S = 0.1

# aioice writes every address it sees into its log at INFO.
for chatty in ("aioice", "aiortc"):
    logging.getLogger(chatty).setLevel(logging.WARNING)


class Loop(MediaStreamTrack):
    """The hold clip as a source."""

    kind = "audio"

    def __init__(self) -> None:
        """Begin at the start of the clip."""
        super().__init__()
        self._count = 0

    @override
    async def recv(self) -> av.AudioFrame:
        """The next 20 ms; LaneTrack keeps the time."""
        at = self._count % clip.FRAMES * clip.FRAME_SAMPLES
        self._count += 1
        mono = clip.samples()[at : at + clip.FRAME_SAMPLES]
        return stereo(array("h", (sample for sample in mono for _ in range(2))).tobytes(), clip.FRAME_SAMPLES)


def stereo(samples: bytes, count: int) -> av.AudioFrame:
    """A frame of 16-bit stereo at 48 kHz, which is what the decoder makes and the encoder must always be given."""
    frame = av.AudioFrame(format="s16", layout="stereo", samples=count)
    frame.planes[0].update(samples[: frame.planes[0].buffer_size].ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate = clip.RATE_HZ
    return frame


class LaneTrack(MediaStreamTrack):
    """One lane to one leg: whoever is routed there, or silence; its media time never jumps."""

    kind = "audio"

    def __init__(self) -> None:
        """Begin silent."""
        super().__init__()
        self.name: str | None = None
        self.source: MediaStreamTrack | None = None
        self._pts = 0
        self._begun = asyncio.get_running_loop().time()

    @override
    async def recv(self) -> av.AudioFrame:
        """The source's next frame on this lane's own clock."""
        if self.source is None or isinstance(self.source, Loop):
            await self._pace()
        frame = await self._next()
        frame.pts, frame.time_base = self._pts, clip.TIME_BASE
        self._pts += frame.samples
        return frame

    async def _pace(self) -> None:
        """Wait until the next 20 ms are due; a lane that fell behind starts its clock again instead of hurrying."""
        now = asyncio.get_running_loop().time()
        due = self._begun + self._pts / clip.RATE_HZ
        if due < now - PATIENCE_S:
            self._begun += now - due
        await asyncio.sleep(max(0.0, due - now))

    async def _next(self) -> av.AudioFrame:
        """A copy of the source's frame, since others hear the same one; silence where none comes."""
        if self.source is not None:
            try:
                # Not wait_for: in Python 3.11 it can swallow the cancellation that closes a connection.
                async with asyncio.timeout(PATIENCE_S):
                    heard = await self.source.recv()
                if isinstance(heard, av.AudioFrame):
                    return stereo(bytes(heard.planes[0]), heard.samples)
            except TimeoutError:
                pass
            except MediaStreamError:
                self.source = None
        return stereo(b"", clip.FRAME_SAMPLES)


class PeerLeg:
    """One person's RTCPeerConnection."""

    def __init__(self, role: Role, text: str, offer: Offer) -> None:
        """Not connected before `answer`."""
        self.role = role
        self.text = text
        self.offer = offer
        self.reply = ""
        self.lanes: dict[Lane, LaneTrack] = {}
        self.microphone: MediaStreamTrack | None = None
        config = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self.connection = RTCPeerConnection(config)

    async def answer(self) -> None:
        """Take the offer, put a lane on each audio line."""
        self.connection.on("track", self._heard)
        # Names that only the peer's own network resolves would cost a second each.
        lines = [line for line in self.text.splitlines(keepends=True) if ".local" not in line]
        await self.connection.setRemoteDescription(RTCSessionDescription("".join(lines), "offer"))
        audio = [each for each in self.connection.getTransceivers() if each.kind == "audio"]
        for name, transceiver in zip(LANES, audio, strict=False):
            self.lanes[name] = LaneTrack()
            transceiver.sender.replaceTrack(self.lanes[name])
            transceiver.direction = "sendrecv"
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        self.reply = self.connection.localDescription.sdp

    def _heard(self, track: MediaStreamTrack) -> None:
        """The first line that speaks is the microphone."""
        self.microphone = self.microphone or track


class AiortcEngine:
    """See contract.MediaEngine."""

    def __init__(self, tell: Tell, *, limits: Limits | None = None) -> None:
        """Tell facts to `tell`; each leg takes ports of its own."""
        self._tell = tell
        self._limits = limits or Limits(calls=6)
        self._calls: dict[str, dict[str, PeerLeg]] = {}
        self._routes: dict[str, tuple[int, frozenset[Route]]] = {}
        self._relay = MediaRelay()
        self.watch = LagWatch()

    async def start(self) -> None:
        """Make the clip and watch the loop; ports are opened per leg."""
        await asyncio.to_thread(clip.samples)
        self.watch.start()

    async def stop(self) -> None:
        """Hang up everything."""
        for call in tuple(self._calls):
            await self.close_call(call)
        self.watch.stop()

    async def open_leg(self, call: str, leg: str, role: Role, offer: str) -> str:
        """See contract.MediaEngine; an ICE restart is refused with `restart_unsupported`."""
        legs = self._calls.get(call, {})
        known = legs.get(leg)
        if known is not None and known.text == offer:
            return known.reply
        read = read_offer(offer)
        if not any(media.opus is not None for media in read.media):
            raise Refused("no_codec")
        if known is not None and known.role is not role:
            raise Refused("not_permitted")
        if known is not None and known.offer.fingerprints == read.fingerprints:
            raise Refused("restart_unsupported")
        if call not in self._calls and len(self._calls) >= self._limits.calls:
            raise Refused("overloaded")
        if known is None and len(legs) >= self._limits.legs_per_call:
            raise Refused("too_many_legs")
        await self.close_leg(call, leg)
        opened = PeerLeg(role, offer, read)
        self._calls.setdefault(call, {})[leg] = opened
        self._listen(call, leg, opened)
        await opened.answer()
        self._wire(call)
        return opened.reply

    def _listen(self, call: str, name: str, leg: PeerLeg) -> None:
        """Turn connection states into facts, once each."""
        told = {"connected": False}

        def changed() -> None:
            state = leg.connection.connectionState
            if self._calls.get(call, {}).get(name) is not leg:
                return
            if state == "connected":
                told["connected"] = True
                self._tell(LegConnected(call, name))
                self._wire(call)
            elif state in ("closed", "failed") and told["connected"]:
                told["connected"] = False
                self._tell(LegLost(call, name, "closed" if state == "closed" else "silent"))

        leg.connection.on("connectionstatechange", changed)

    async def arrange(self, call: str, revision: int, routes: frozenset[Route]) -> None:
        """See contract.MediaEngine."""
        if call not in self._calls:
            raise Refused("unknown_call")
        if revision > self._routes.get(call, (0, routes))[0]:
            self._routes[call] = revision, routes
            self._wire(call)

    def _wire(self, call: str) -> None:
        """Put the right source on every lane."""
        legs = self._calls.get(call, {})
        _, routes = self._routes.get(call, (0, frozenset[Route]()))
        sources = {(route.sink, route.lane): route.source for route in routes}
        for sink, leg in legs.items():
            for place, lane in leg.lanes.items():
                name = sources.get((sink, place))
                if name != lane.name or lane.source is None:
                    lane.name = name
                    lane.source = self._source(legs, name)

    def _source(self, legs: dict[str, PeerLeg], name: str | None) -> MediaStreamTrack | None:
        """What a route's source sounds like."""
        if name == HOLD_CLIP:
            return Loop()
        leg = legs.get(name) if name is not None else None
        if leg is None or leg.microphone is None:
            return None
        return self._relay.subscribe(leg.microphone, buffered=False)

    async def close_leg(self, call: str, leg: str) -> None:
        """See contract.MediaEngine."""
        closed = self._calls.get(call, {}).pop(leg, None)
        if closed is not None:
            for other in self._calls[call].values():
                for lane in other.lanes.values():
                    if lane.name == leg:
                        lane.name, lane.source = None, None
            await closed.connection.close()
            self._wire(call)

    async def close_call(self, call: str) -> None:
        """See contract.MediaEngine."""
        for leg in tuple(self._calls.get(call, {})):
            await self.close_leg(call, leg)
        self._calls.pop(call, None)
        self._routes.pop(call, None)

    async def tap(self, call: str, leg: str, tap: Tap | None, decision: RecordingDecision) -> None:
        """Not here: aiortc keeps the encoded packets to itself."""
        raise Refused("not_supported")

    def legs(self, call: str) -> frozenset[str]:
        """See contract.MediaEngine."""
        return frozenset(self._calls.get(call, {}))

    def load(self) -> Load:
        """See contract.MediaEngine."""
        legs = sum(len(legs) for legs in self._calls.values())
        return Load(len(self._calls), legs, self.watch.typical_ms, self._limits.calls)
