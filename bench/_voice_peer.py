"""A light WebRTC peer for load: real ICE, DTLS and SRTP on one UDP socket, ready-made Opus instead of a voice."""

import asyncio
import socket
import struct
import time
from typing import Any

from OpenSSL import SSL

from chat.voice import clip, rtp, sdp, stun
from chat.voice.dtls import Identity, looks_like_dtls
from chat.voice.srtp import PROFILES, Cipher, Scratch
from kernel import clock, ids

EVERY_S = 0.02
STAMP = struct.Struct("!d")


class LoadPeer:
    """One leg. `delays` are seconds from here through the server to here, where the payload comes back unchanged."""

    identity: Identity | None = None

    def __init__(self, name: str) -> None:
        """Open a socket on loopback."""
        identity = LoadPeer.identity = LoadPeer.identity or Identity(clock.now())
        self.name = name
        self.ufrag, self.password = ids.random_bytes(4).hex(), ids.random_bytes(16).hex()
        self.ssrc = int.from_bytes(ids.random_bytes(4), "big")
        self.sent = self.received = self.begin = 0
        self.delays: list[float] = []
        self.ready = asyncio.Event()
        self._scratch = Scratch()
        self._out: Cipher | None = None
        self._in: Cipher | None = None
        self._remote: sdp.Offer | None = None
        self._target = ("127.0.0.1", 0)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self._tls: Any = SSL.Connection(identity.context)
        self._tls.set_connect_state()
        self._tls.set_ciphertext_mtu(1200)
        asyncio.get_running_loop().add_reader(self._socket, self._drain)

    def offer(self) -> str:
        """Two audio lines, DTLS active."""
        assert self.identity is not None
        algorithm, digest = self.identity.fingerprint
        transport = f"a=ice-ufrag:{self.ufrag}\r\na=ice-pwd:{self.password}\r\na=fingerprint:{algorithm} {digest}\r\n"
        transport += "a=setup:active\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
        port = self._socket.getsockname()[1]
        transport += f"a=candidate:1 1 udp 2130706431 127.0.0.1 {port} typ host\r\na=end-of-candidates\r\n"
        head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
        line = f"m=audio {port} UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 127.0.0.1\r\n"
        main = f"{line}a=mid:0\r\na=sendrecv\r\n{transport}a=ssrc:{self.ssrc} cname:load\r\n"
        return f"{head}{main}{line}a=mid:1\r\na=recvonly\r\n{transport}"

    async def connect(self, answer: str) -> None:
        """Check, shake hands, be ready."""
        self._remote = sdp.read_offer(answer)
        for row in answer.splitlines():
            words = row.split(" ")
            if row.startswith("a=candidate:") and words[2].lower() == "udp" and words[4] == "127.0.0.1":
                self._target = ("127.0.0.1", int(words[5]))
        for _ in range(200):
            if self.ready.is_set():
                return
            self._check()
            if self._checked:
                self._shake()
            await asyncio.sleep(0.05)
        raise TimeoutError(self.name)

    _checked = False

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
        """Answer the server's own checks; its answer to ours means that we may shake hands."""
        if data[0]:
            self._checked = True
        elif self._target[1]:
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
        self.ready.set()

    def speak(self, count: int) -> None:
        """Send packet number `count`, its payload stamped with the time."""
        assert self._out is not None
        voice = clip.packets()[count % clip.FRAMES]
        payload = voice[:-8] + STAMP.pack(time.monotonic()) if self.stamped else voice
        view = self._scratch.view
        rtp.write_header(view, 111, count & 0xFFFF, count * 960 & 0xFFFFFFFF, self.ssrc, marker=False)
        view[12 : 12 + len(payload)] = payload
        size = self._out.protect(self._scratch, 12 + len(payload))
        self._send(view[:size])
        self.sent += 1

    stamped = True

    def _media(self, size: int) -> None:
        """Count, and read the stamp."""
        view = self._scratch.view
        if rtp.is_rtcp(view[1]) or self._in is None:
            return
        size = self._in.unprotect(self._scratch, size)
        if size > 20:
            self.received += 1
            if self.stamped:
                self.delays.append(time.monotonic() - STAMP.unpack_from(view, size - 8)[0])

    def close(self) -> None:
        """Give the socket back."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
