"""A light WebRTC peer for load: real ICE, DTLS and SRTP on one UDP socket, ready-made Opus instead of a voice.

It is the active end of DTLS and the controlling end of ICE, whoever made the offer; the server is ICE-lite.
"""

import asyncio
import socket
import struct
import time
from typing import Any

from OpenSSL import SSL

from bench.voice.delays import Delays
from chat.voice import clip, rtp, sdp, stun
from chat.voice.dtls import Identity, looks_like_dtls
from chat.voice.srtp import PROFILES, Cipher, Scratch
from kernel import clock, ids

STAMP = struct.Struct("!d")


class LoadPeer:
    """One leg. `delays` holds the time from a peer through the server to here, where the payload comes unchanged."""

    identity: Identity | None = None

    def __init__(self, name: str, delays: Delays, *, address: str = "127.0.0.1", stamped: bool = True) -> None:
        """Open a socket at an address of this machine."""
        LoadPeer.identity = LoadPeer.identity or Identity(clock.now())
        self.name = name
        self.ufrag, self.password = ids.random_bytes(4).hex(), ids.random_bytes(16).hex()
        self.ssrc = int.from_bytes(ids.random_bytes(4), "big")
        self.sent = self.received = self.spoken = 0
        self.heard_at = self.gap_s = 0.0
        self.delays, self.stamped, self.profile = delays, stamped, ""
        self.ready = asyncio.Event()
        self._address = address
        self._checked = False
        self._scratch = Scratch()
        self._out: Cipher | None = None
        self._in: Cipher | None = None
        self._remote: sdp.Offer | None = None
        self._target = (address, 0)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind((address, 0))
        self._tls: Any = SSL.Connection(LoadPeer.identity.context)
        self._tls.set_connect_state()
        self._tls.set_ciphertext_mtu(1200)
        asyncio.get_running_loop().add_reader(self._socket, self._drain)

    def offer(self, *, aux: bool = True) -> str:
        """A line that speaks and hears; with `aux` one more that hears."""
        mids = ("0", "1") if aux else ("0",)
        lines = [self._line(mid, "sendrecv" if mid == "0" else "recvonly") for mid in mids]
        return self._head(" ".join(mids)) + "".join(lines)

    def answer(self, offer: str) -> str:
        """Take up the one line that somebody offers."""
        mid = sdp.read_offer(offer).media[0].mid
        return self._head(mid) + self._line(mid, "sendrecv")

    def _head(self, mids: str) -> str:
        return f"v=0\r\no=- 1 1 IN IP4 {self._address}\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {mids}\r\n"

    def _line(self, mid: str, direction: str) -> str:
        assert self.identity is not None
        algorithm, digest = self.identity.fingerprint
        port = self._socket.getsockname()[1]
        out = f"m=audio {port} UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 {self._address}\r\na=mid:{mid}\r\na={direction}\r\n"
        out += f"a=ice-ufrag:{self.ufrag}\r\na=ice-pwd:{self.password}\r\na=fingerprint:{algorithm} {digest}\r\n"
        out += "a=setup:active\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
        out += f"a=candidate:1 1 udp 2130706431 {self._address} {port} typ host\r\na=end-of-candidates\r\n"
        return out + (f"a=ssrc:{self.ssrc} cname:load\r\n" if direction == "sendrecv" else "")

    async def connect(self, described: str) -> None:
        """Check, shake hands, be ready; `described` is the other end's offer or answer."""
        self._remote = sdp.read_offer(described)
        for row in described.splitlines():
            words = row.split(" ")
            if row.startswith("a=candidate:") and words[2].lower() == "udp" and words[4] == self._address:
                self._target = (self._address, int(words[5]))
        for _ in range(400):
            if self.ready.is_set():
                return
            self._check()
            if self._checked:
                self._shake()
            await asyncio.sleep(0.025)
        raise TimeoutError(self.name)

    def _check(self) -> None:
        """Ask, and nominate at once."""
        assert self._remote is not None
        name = f"{self._remote.ufrag}:{self.ufrag}"
        self._send(stun.write_binding(ids.random_bytes(12), name, self._remote.password, nominate=True))

    def _send(self, data: bytes | memoryview) -> None:
        """Send to the server."""
        self._socket.sendto(data, self._target)

    def _drain(self) -> None:
        """Take whatever came."""
        view = self._scratch.view
        while True:
            try:
                size = self._socket.recv_into(view)
            except OSError:
                return
            if rtp.looks_like_rtp(view[0]) and self._in is not None:
                self._media(size)
            elif stun.looks_like_stun(view[0]):
                self._stun(bytes(view[:size]))
            elif looks_like_dtls(view[0]):
                self._tls.bio_write(bytes(view[:size]))
                self._shake()

    def _stun(self, data: bytes) -> None:
        """Answer the server's own checks; its answer to ours means that we may shake hands; indications are heard."""
        kind = int.from_bytes(data[:2])
        if kind == stun.SUCCESS:
            self._checked = True
        elif kind == stun.REQUEST and self._target[1]:
            self._send(stun.write_success(stun.read_binding(data).transaction, self._target, self.password))

    def _shake(self) -> None:
        """Go on with DTLS."""
        if self.ready.is_set():
            return
        try:
            self._tls.do_handshake()
            self._keys()
        except SSL.WantReadError:
            pass
        try:
            while True:
                self._send(self._tls.bio_read(1500))
        except SSL.Error:
            return

    def _keys(self) -> None:
        """Derive the ciphers as a client does."""
        profile = next(each for each in PROFILES if each.name == self._tls.get_selected_srtp_profile())
        key, salt = profile.key_bytes, profile.salt_bytes
        material = self._tls.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (key + salt))
        client, server = material[:key], material[key : 2 * key]
        salts = material[2 * key :]
        self._out = Cipher(profile, client + salts[:salt], inbound=False)
        self._in = Cipher(profile, server + salts[salt:], inbound=True)
        self.profile = profile.name.decode()
        self.ready.set()

    def speak(self) -> None:
        """Send the next packet, its payload stamped with the time."""
        assert self._out is not None
        count = self.spoken
        self.spoken += 1
        voice = clip.packets()[count % clip.FRAMES]
        payload = voice[:-8] + STAMP.pack(time.monotonic()) if self.stamped else voice
        view = self._scratch.view
        rtp.write_header(view, 0, 111, count & 0xFFFF, count * 960 & 0xFFFFFFFF, self.ssrc, marker=False)
        view[12 : 12 + len(payload)] = payload
        size = self._out.protect(self._scratch, 12 + len(payload))
        self._send(view[:size])
        self.sent += 1

    def count_anew(self) -> None:
        """Forget what was counted."""
        self.sent = self.received = 0
        self.heard_at = self.gap_s = 0.0

    def _media(self, size: int) -> None:
        """Count, and read the stamp."""
        view = self._scratch.view
        if rtp.is_rtcp(view[1]) or self._in is None:
            return
        size = self._in.unprotect(self._scratch, size)
        if size > 20:
            now = time.monotonic()
            self.received += 1
            if self.heard_at:
                self.gap_s = max(self.gap_s, now - self.heard_at)
            self.heard_at = now
            if self.stamped:
                self.delays.add(now - STAMP.unpack_from(view, size - 8)[0])

    def close(self) -> None:
        """Give the socket back."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
