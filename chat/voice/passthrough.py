"""The default engine: ICE-lite, DTLS-SRTP and a routing table on one UDP and one TCP port; nothing is ever decoded."""

import asyncio
import time
from collections.abc import Callable, Hashable
from typing import Any

from chat.domain.lanes import HOLD_CLIP, Route
from chat.voice import clip, stun
from chat.voice.contract import Limits, Load, RecordingDecision, Tap, Tell
from chat.voice.dtls import Identity, looks_like_dtls
from chat.voice.leg import Credentials, LaneOut, Leg, Place
from chat.voice.limits import Allowances, LagWatch
from chat.voice.ports import Path, TcpPort, UdpPort
from chat.voice.reports import relay
from chat.voice.rtp import HEADER_BYTES
from chat.voice.sdp import read_offer
from chat.voice.srtp import Scratch
from kernel import clock, ids
from kernel.errors import Malformed, Refused
from kernel.terms import Role

TICK_S = 0.5
FORGET_AFTER_S = 600.0
CLIP_EVERY_S = 0.02
CLIP_NUMBER = 0
CHECKS_BURST, CHECKS_PER_S = 60.0, 30.0  # per address and port; a browser sends some 20 a second at most
PROOFS_BURST, PROOFS_PER_S = 200.0, 60.0  # per leg: each costs an HMAC


class Call:
    """One call: its legs and who hears whom."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.legs: dict[str, Leg] = {}
        self.revision = 0
        self.routes: frozenset[Route] = frozenset()
        self.alive_at = 0.0


class PassthroughEngine:
    """See contract.MediaEngine."""

    def __init__(
        self,
        tell: Tell,
        *,
        host: str = "127.0.0.1",
        addresses: tuple[str, ...] = ("127.0.0.1",),
        udp_port: int = 0,
        tcp_port: int = 0,
        limits: Limits | None = None,
    ) -> None:
        """Listen on `host`, announce `addresses` to peers; port 0 takes any free one."""
        self._tell = tell
        self._host = host
        self._wanted = (udp_port, tcp_port)
        self._limits = limits or Limits()
        self._addresses = addresses
        self._place = Place(addresses, 0, 0)
        self._identity = Identity(clock.now())
        self._out = Scratch()
        self._udp = UdpPort(self._receive)
        self._tcp = TcpPort(Scratch(), self._receive, lambda key: key in self._paths)
        self._calls: dict[str, Call] = {}
        self._paths: dict[Hashable, Leg] = {}
        self._credentials: dict[str, tuple[Leg, Credentials]] = {}
        self._checks = Allowances(CHECKS_BURST, CHECKS_PER_S)
        self._proofs = Allowances(PROOFS_BURST, PROOFS_PER_S)
        self._clip_lanes: tuple[LaneOut, ...] = ()
        self._tasks: list[asyncio.Task[None]] = []
        self.watch = LagWatch()

    async def start(self) -> None:
        """Open both ports and begin to tick."""
        udp_port = self._udp.open(self._host, self._wanted[0])
        tcp_port = await self._tcp.open(self._host, self._wanted[1])
        self._place = Place(self._addresses, udp_port, tcp_port)
        self.watch.start()
        packets = await asyncio.to_thread(clip.packets)
        self._tasks = [asyncio.create_task(self._tick()), asyncio.create_task(self._play(packets))]

    async def stop(self) -> None:
        """Hang up everything and close the ports."""
        for call in tuple(self._calls):
            await self.close_call(call)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.watch.stop()
        self._udp.close()
        self._tcp.close()

    # --- commands -----------------------------------------------------------------------------------------

    async def open_leg(self, call: str, leg: str, role: Role, offer: str) -> str:
        """See contract.MediaEngine."""
        known = self._calls.get(call)
        found = known.legs.get(leg) if known is not None else None
        if found is not None and found.offer_text == offer:
            return found.answer_text
        read = read_offer(offer)
        if not any(media.opus is not None for media in read.media):
            raise Refused("no_codec")
        self._admit(known, found)
        kept = self._calls.setdefault(call, Call())
        kept.alive_at = asyncio.get_running_loop().time()
        if found is None:
            found = kept.legs[leg] = Leg(call, leg, role, self._tell)
        elif found.role is not role:
            raise Refused("not_permitted")
        self._unlist(found)
        found.accept(offer, read, self._identity, self._place, self._ptime_ms())
        self._list(found)
        self._wire(kept)
        return found.answer_text

    def _admit(self, call: Call | None, leg: Leg | None) -> None:
        """New calls need a worker that keeps up; a call that is going on is always served."""
        if call is None and (len(self._calls) >= self._limits.calls or self.watch.typical_ms > self._limits.lag_ms):
            raise Refused("overloaded")
        if call is not None and leg is None and len(call.legs) >= self._limits.legs_per_call:
            raise Refused("too_many_legs")

    def _ptime_ms(self) -> int:
        """Longer packets under load: 40 ms from half the limit, 60 ms from three quarters."""
        share = len(self._calls) / max(1, self._limits.calls)
        return 20 if share < 0.5 else 40 if share < 0.75 else 60

    async def arrange(self, call: str, revision: int, routes: frozenset[Route]) -> None:
        """See contract.MediaEngine."""
        kept = self._call(call)
        if revision > kept.revision:
            kept.revision, kept.routes = revision, routes
            self._wire(kept)

    async def close_leg(self, call: str, leg: str) -> None:
        """See contract.MediaEngine."""
        kept = self._calls.get(call)
        found = kept.legs.pop(leg, None) if kept is not None else None
        if kept is not None and found is not None:
            self._unlist(found)
            found.hang_up()
            self._wire(kept)

    async def close_call(self, call: str) -> None:
        """See contract.MediaEngine."""
        kept = self._calls.get(call)
        for leg in tuple(kept.legs) if kept is not None else ():
            await self.close_leg(call, leg)
        self._calls.pop(call, None)

    async def tap(self, call: str, leg: str, tap: Tap | None, decision: RecordingDecision) -> None:
        """See contract.MediaEngine."""
        if decision.call != call:
            raise Refused("not_permitted")
        found = self._call(call).legs.get(leg)
        if found is None:
            raise Refused("unknown_leg")
        found.tap = tap

    def legs(self, call: str) -> frozenset[str]:
        """See contract.MediaEngine."""
        return frozenset(self._calls[call].legs) if call in self._calls else frozenset()

    def load(self) -> Load:
        """See contract.MediaEngine."""
        legs = sum(len(call.legs) for call in self._calls.values())
        return Load(len(self._calls), legs, self.watch.typical_ms, self._limits.calls)

    def _call(self, call: str) -> Call:
        """Find a call."""
        if call not in self._calls:
            raise Refused("unknown_call")
        return self._calls[call]

    # --- tables -------------------------------------------------------------------------------------------

    def _list(self, leg: Leg) -> None:
        """Make a leg findable by name and by path."""
        for own in leg.credentials:
            self._credentials[own.ufrag] = (leg, own)
        for key in leg.paths:
            self._paths[key] = leg

    def _unlist(self, leg: Leg) -> None:
        """Make a leg unfindable."""
        for own in leg.credentials:
            self._credentials.pop(own.ufrag, None)
        for key in leg.paths:
            self._paths.pop(key, None)

    def _wire(self, call: Call) -> None:
        """Turn a call's routes into what each leg feeds; lanes that nobody feeds fall silent."""
        feeds: dict[str, list[LaneOut]] = {name: [] for name in call.legs}
        held: list[LaneOut] = []
        sources = {(route.sink, route.lane): route.source for route in call.routes}
        for leg in call.legs.values():
            for place, lane in leg.lanes.items():
                source = sources.get((leg.name, place))
                lane.feed(call.legs.get(source) if source is not None else None)
                if source == HOLD_CLIP:
                    held.append(lane)
                elif source in feeds:
                    feeds[source].append(lane)
        for name, leg in call.legs.items():
            leg.sinks = tuple(feeds[name])
        mine = set(call.legs.values())
        self._clip_lanes = (*(lane for lane in self._clip_lanes if lane.leg not in mine and lane.leg.lanes), *held)

    # --- packets ------------------------------------------------------------------------------------------

    def _receive(self, key: Hashable, size: int, scratch: Scratch, path: Callable[[Any], Path]) -> None:
        """One packet stands in a buffer."""
        view = scratch.view
        first = view[0]
        leg = self._paths.get(key)
        now = time.monotonic()  # the loop's own clock, without the way to the loop
        if leg is not None and 128 <= first < 192 and size > 1:  # looks_like_rtp, for every packet there is
            if 192 <= view[1] < 224:  # is_rtcp
                for fact in relay(leg, scratch, self._out, size, now):
                    self._tell(fact)
            else:
                leg.on_rtp(scratch, self._out, size, now)
        elif stun.looks_like_stun(first):
            self._on_check(key, bytes(view[:size]), path, now)
        elif leg is not None and looks_like_dtls(first):
            leg.on_dtls(bytes(view[:size]), now)

    def _on_check(self, key: Hashable, data: bytes, path: Callable[[Any], Path], now: float) -> None:
        """Answer a check of somebody who knows a leg's name and password, and nobody else; no answer is longer than
        a proved question, so nothing can be amplified."""
        if not self._checks.take(key, now):
            return
        try:
            binding = stun.read_binding(data)
        except Malformed:
            return
        leg, own = self._credentials.get(binding.ufrag, (None, None))
        if leg is None or own is None or binding.peer != own.peer or not self._proofs.take(own.ufrag, now):
            return
        if not stun.proves(data, binding.integrity_at, own.password):
            return
        way = path(key)
        way.send(stun.write_success(binding.transaction, way.address, own.password))
        stale = {known.ufrag for known in leg.credentials}
        dropped = leg.checked(own, way, nominates=binding.nominates, now=now)
        for ufrag in stale - {known.ufrag for known in leg.credentials}:
            self._credentials.pop(ufrag, None)
        if dropped is not None:
            self._paths.pop(dropped, None)
        self._paths[key] = leg

    # --- time ---------------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """Look after all calls twice a second."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK_S)
            for name in self._notice(loop.time()):
                await self.close_call(name)

    def _notice(self, now: float) -> list[str]:
        """Tell who fell silent; answers the calls that everybody left long ago."""
        for call in self._calls.values():
            for leg in call.legs.values():
                if leg.connected and now - leg.heard_at > self._limits.lost_after_s:
                    leg.lose("silent")
            call.alive_at = max([call.alive_at, *(leg.heard_at for leg in call.legs.values())])
        return [name for name, call in self._calls.items() if now - call.alive_at > FORGET_AFTER_S]

    async def _play(self, packets: tuple[bytes, ...]) -> None:
        """Send the hold clip to whoever is on hold, a packet every 20 ms; idle while nobody is."""
        loop = asyncio.get_running_loop()
        count = int.from_bytes(ids.random_bytes(2), "big")
        wake = loop.time()
        while True:
            wake = max(wake + CLIP_EVERY_S, loop.time() - 0.2)
            await asyncio.sleep(max(0.0, wake - loop.time()) if self._clip_lanes else 0.1)
            if self._clip_lanes:
                count += 1
                self._play_once(count, packets[count % len(packets)], loop.time())
            else:
                wake = loop.time()

    def _play_once(self, count: int, payload: bytes, now: float) -> None:
        """One packet of the clip to everybody on hold."""
        end = HEADER_BYTES + len(payload)
        for lane in self._clip_lanes:
            self._out.view[HEADER_BYTES:end] = payload
            lane.forward(CLIP_NUMBER, count & 0xFFFF, count * 960, HEADER_BYTES, end, self._out, now)
