"""One leg of the passthrough engine: its ICE credentials, its DTLS association, its ciphers, and its two lanes out."""

import asyncio
from collections.abc import Callable, Hashable

import msgspec

from chat.domain.lanes import Lane
from chat.voice.contract import LANES, Fact, LegConnected, LegLost, Tap
from chat.voice.dtls import Failed, Handshake, Identity
from chat.voice.ports import Path
from chat.voice.rtp import HEADER_BYTES, OPUS_CLOCK_HZ, Continuity, locate, write_header
from chat.voice.sdp import Answer, Line, Media, Offer, write_answer
from chat.voice.srtp import Cipher, Scratch
from kernel import ids
from kernel.errors import Malformed
from kernel.terms import Role

PATHS_PER_LEG = 16


def random_number(size: int) -> int:
    """A random whole number of `size` bytes, never 0."""
    return int.from_bytes(ids.random_bytes(size), "big") or 1


class Credentials(msgspec.Struct, frozen=True, eq=False):
    """What both ends must know to be answered: our name and password, and the peer's name."""

    ufrag: str
    password: str
    peer: str


class Place(msgspec.Struct, frozen=True):
    """Where a worker is reached: the addresses it announces and its ports (0 = not offered)."""

    addresses: tuple[str, ...]
    udp_port: int
    tcp_port: int


class LaneOut:
    """One lane to one leg: a stream of ours that whoever is routed there continues."""

    __slots__ = ("continuity", "last_at", "leg", "quality_at", "report_sent", "source", "ssrc")

    def __init__(self, leg: "Leg") -> None:
        """Begin a stream with a source of its own."""
        self.leg = leg
        self.ssrc = random_number(4)
        self.continuity = Continuity(random_number(2), random_number(4))
        self.last_at = 0.0
        self.source: Leg | None = None
        self.report_sent: tuple[int, float] | None = None
        self.quality_at = 0.0

    def feed(self, source: "Leg | None") -> None:
        """Follow another leg from now on; None falls silent."""
        if source is not self.source:
            self.source = source
            self.continuity.release()

    def forward(self, number: int, seq: int, timestamp: int, start: int, end: int, buffer: Scratch, now: float) -> None:
        """Send the payload at `[start, end)` on this lane, under our own header and this leg's cipher; both are put
        where it lies, so the buffer is used up."""
        leg = self.leg
        cipher, path = leg.outbound, leg.path
        if cipher is None or path is None:
            return
        stream = self.continuity
        fresh = number != stream.source
        if fresh:
            gap = int((now - self.last_at) * OPUS_CLOCK_HZ) & 0xFFFFFFFF if self.last_at else 960
            stream.turn(number, seq, timestamp, gap)
        self.last_at = now
        seq, timestamp = stream.follow(seq, timestamp)
        stream.octets += end - start
        at = start - HEADER_BYTES
        write_header(buffer.view, at, leg.opus, seq, timestamp, self.ssrc, fresh)
        size = cipher.protect(buffer, end - at, at)
        if size > 0:
            path.send(buffer.view[at : at + size])


class Leg:
    """One person's connection."""

    def __init__(self, call: str, name: str, role: Role, tell: Callable[[Fact], None]) -> None:
        """Nothing is known before the first offer."""
        self.call = call
        self.name = name
        self.role = role
        self._tell = tell
        self.offer_text = ""
        self.answer_text = ""
        self.offer: Offer | None = None
        self.credentials: list[Credentials] = []
        self.cname = ids.process_id()
        self._session = random_number(4)
        self._version = 1
        self.connected = False
        self.heard_at = 0.0
        self.tap: Tap | None = None
        self.sinks: tuple[LaneOut, ...] = ()
        self._retry: asyncio.TimerHandle | None = None
        self._reset()

    def _reset(self) -> None:
        """Forget a connection that is replaced."""
        self.number = random_number(6)
        self.in_ssrc = 0
        self.opus = 111
        self.level_id = 0
        self.level: int | None = None
        self.path: Path | None = None
        self.paths: dict[Hashable, None] = {}
        self.handshake: Handshake | None = None
        self.inbound: Cipher | None = None
        self.outbound: Cipher | None = None
        self.lanes: dict[Lane, LaneOut] = {}
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    # --- signalling ---------------------------------------------------------------------------------------

    def accept(self, text: str, offer: Offer, identity: Identity, place: Place, ptime_ms: int) -> bool:
        """Take an offer: another certificate replaces the connection (True), the same one restarts ICE (False)."""
        known = self.offer is not None and self.offer.fingerprints == offer.fingerprints
        replaced = not (known and self.handshake is not None and not self.handshake.closed)
        if replaced:
            self._reset()
            self.handshake = Handshake(identity, offer.fingerprints)
        usable = [media for media in offer.media if media.opus is not None]
        for name, _ in zip(LANES, usable, strict=False):
            self.lanes.setdefault(name, LaneOut(self))
        self.opus = usable[0].opus or 111
        self.level_id = usable[0].level_id
        fresh = Credentials(ids.random_bytes(6).hex(), ids.random_bytes(16).hex(), offer.ufrag)
        self.credentials = [*self.credentials[-1:], fresh]
        self._version += 1
        self.offer, self.offer_text = offer, text
        self.answer_text = write_answer(self._answer(offer, fresh, identity, place, usable, ptime_ms))
        return replaced

    def _answer(
        self, offer: Offer, own: Credentials, identity: Identity, place: Place, usable: list[Media], ptime_ms: int
    ) -> Answer:
        """Everything the answer says; more audio lines than lanes are refused like those without Opus."""
        lanes = dict(zip((media.mid for media in usable), self.lanes.values(), strict=False))
        lines = []
        for media in offer.media:
            lane = lanes.get(media.mid)
            taken = media if lane is not None else msgspec.structs.replace(media, opus=None)
            lines.append(Line(taken, lane.ssrc if lane is not None else 0, ptime_ms))
        return Answer(
            self._session,
            self._version,
            own.ufrag,
            own.password,
            identity.fingerprint,
            self.cname,
            tuple(lines),
            place.addresses,
            place.udp_port,
            place.tcp_port,
        )

    # --- ICE ----------------------------------------------------------------------------------------------

    def checked(self, own: Credentials, path: Path, *, nominates: bool, now: float) -> Hashable | None:
        """A check was proved on this path; answers the key of a path that was dropped for it, if any."""
        dropped = None
        if path.key not in self.paths:
            if len(self.paths) >= PATHS_PER_LEG:
                dropped = next(key for key in self.paths if self.path is None or key != self.path.key)
                del self.paths[dropped]
            self.paths[path.key] = None
        if self.path is None or (nominates and self.path.key != path.key):
            self.path = path
        if nominates and self.credentials[-1] is own:
            self.credentials = [own]
        self._heard(now)
        return dropped

    def _heard(self, now: float) -> None:
        """Something authentic came from the peer."""
        self.heard_at = now
        if not self.connected and self.outbound is not None and self.path is not None:
            self.connected = True
            self._tell(LegConnected(self.call, self.name))

    def lose(self, reason: str) -> None:
        """The peer is gone; told once."""
        if self.connected or reason == "refused":
            self._tell(LegLost(self.call, self.name, reason))
        self.connected = False

    # --- DTLS ---------------------------------------------------------------------------------------------

    def on_dtls(self, datagram: bytes, now: float) -> None:
        """Feed the handshake; a peer with another certificate than promised is refused for good."""
        if self.handshake is None:
            return
        try:
            self._send_all(self.handshake.feed(datagram))
        except Failed:
            self.handshake = None
            self.lose("refused")
            return
        if self.handshake.closed:
            self.inbound = self.outbound = None
            self.lose("closed")
        elif self.handshake.done is not None and self.outbound is None:
            self.inbound, self.outbound = self.handshake.done
            self._heard(now)
        self._rearm()

    def _rearm(self) -> None:
        """Ask for the time when the last flight must be sent again."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        wait_s = self.handshake.timeout_s() if self.handshake is not None else None
        if wait_s is not None:
            self._retry = asyncio.get_running_loop().call_later(wait_s, self._again)

    def _again(self) -> None:
        """Send the last flight again."""
        self._retry = None
        if self.handshake is None:
            return
        try:
            self._send_all(self.handshake.retry())
        except Failed:
            self.handshake = None
            self.lose("refused")
            return
        self._rearm()

    def _send_all(self, datagrams: list[bytes]) -> None:
        """Send on the chosen path."""
        for datagram in datagrams if self.path is not None else ():
            self.path.send(datagram)  # type: ignore[union-attr]  # the line above asks

    def hang_up(self) -> None:
        """Say goodbye and forget everything."""
        if self.handshake is not None and self.inbound is not None:
            self._send_all(self.handshake.farewell())
        self._reset()
        self.connected = False

    # --- media --------------------------------------------------------------------------------------------

    def on_rtp(self, scratch: Scratch, out: Scratch, size: int, now: float) -> None:
        """Decrypt, read, and send on to every lane this leg feeds; forged and replayed packets end here."""
        inbound, view = self.inbound, scratch.view
        if inbound is None:
            return
        size = inbound.unprotect(scratch, size)
        try:  # what is forged or replayed has no size, and no packet is that short
            kind, seq, timestamp, ssrc, start, end, level = locate(view, size, self.level_id)
        except Malformed:
            return
        if kind != self.opus or end == start:
            return
        if ssrc != self.in_ssrc:
            self.in_ssrc = ssrc
            self.number = random_number(6)
        self.level = level
        self.heard_at = now
        if not self.connected:
            self._heard(now)
        if self.tap is not None:
            self.tap.take(now, timestamp, bytes(view[start:end]))
        sinks = self.sinks
        if len(sinks) == 1:
            sinks[0].forward(self.number, seq, timestamp, start, end, scratch, now)
        else:
            self._to_each(sinks, seq, timestamp, start, end, view, out, now)

    def _to_each(
        self,
        sinks: tuple[LaneOut, ...],
        seq: int,
        timestamp: int,
        start: int,
        end: int,
        view: memoryview,
        out: Scratch,
        now: float,
    ) -> None:
        """Send on to several lanes, or to none; each uses a copy up."""
        for lane in sinks:
            out.view[:end] = view[:end]
            lane.forward(self.number, seq, timestamp, start, end, out, now)
