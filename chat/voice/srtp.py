"""SRTP in place, without a copy per packet. The only file that touches what pylibsrtp does not publish:
`pylibsrtp._binding.ffi`, `pylibsrtp._binding.lib` and `Session._srtp`; tests/chat/voice/test_borrowed.py guards them.
"""

from typing import Any

import msgspec
from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]  # a compiled module without stubs

# Looked up once: two of them are called for every packet.
_protect, _unprotect = lib.srtp_protect, lib.srtp_unprotect
_protect_rtcp, _unprotect_rtcp = lib.srtp_protect_rtcp, lib.srtp_unprotect_rtcp
BUFFER_BYTES = 2048
REPLAY_WINDOW = 1024


class Profile(msgspec.Struct, frozen=True):
    """A protection profile: its names in OpenSSL and libsrtp, and how many bytes of key and salt it needs."""

    name: bytes
    number: int
    key_bytes: int
    salt_bytes: int


# Authenticated encryption first (RFC 7714); the last one is what every WebRTC peer must know (RFC 8827).
PROFILES = (
    Profile(b"SRTP_AEAD_AES_256_GCM", Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 32, 12),
    Profile(b"SRTP_AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
    Profile(b"SRTP_AES128_CM_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
)


class Scratch:
    """A packet buffer that Python and libsrtp both see."""

    def __init__(self) -> None:
        """Allocate it once; it is used for every packet."""
        self.cdata: Any = ffi.new("unsigned char[]", BUFFER_BYTES)
        self.view = memoryview(ffi.buffer(self.cdata))
        self.size: Any = ffi.new("int *")


def address_of(buffer: Scratch) -> int:
    """Where a buffer lies, for the system calls that write into it."""
    return int(ffi.cast("uintptr_t", buffer.cdata))


class Cipher:
    """One direction of one leg."""

    def __init__(self, profile: Profile, key: bytes, *, inbound: bool) -> None:
        """`key` is the master key followed by the salt."""
        kind = Policy.SSRC_ANY_INBOUND if inbound else Policy.SSRC_ANY_OUTBOUND
        policy = Policy(key=key, ssrc_type=kind, srtp_profile=profile.number)
        policy.window_size = REPLAY_WINDOW
        self._session = Session(policy)
        self._srtp = self._session._srtp[0]

    def unprotect(self, buffer: Scratch, size: int, *, rtcp: bool = False) -> int:
        """Decrypt the first `size` bytes in place; answers the new size, or -1 for a forged or replayed packet."""
        counted = buffer.size
        counted[0] = size
        failed = (_unprotect_rtcp if rtcp else _unprotect)(self._srtp, buffer.cdata, counted)
        found: int = -1 if failed else counted[0]
        return found

    def protect(self, buffer: Scratch, size: int, at: int = 0, *, rtcp: bool = False) -> int:
        """Encrypt the `size` bytes at `at` in place; answers the new size, or -1 where it cannot be sent."""
        counted = buffer.size
        counted[0] = size
        packet = buffer.cdata + at if at else buffer.cdata
        failed = (_protect_rtcp if rtcp else _protect)(self._srtp, packet, counted)
        found: int = -1 if failed else counted[0]
        return found


def ciphers(profile: Profile, material: bytes) -> tuple[Cipher, Cipher]:
    """The server's inbound and outbound cipher from exported keying material (RFC 5764, 4.2)."""
    keys, salts = 2 * profile.key_bytes, profile.salt_bytes
    client = material[: profile.key_bytes] + material[keys : keys + salts]
    server = material[profile.key_bytes : keys] + material[keys + salts : keys + 2 * salts]
    return Cipher(profile, client, inbound=True), Cipher(profile, server, inbound=False)
