"""STUN (RFC 8489) as an ICE-lite agent needs it (RFC 8445): read a binding request, prove it, answer it."""

import hashlib
import hmac
import ipaddress
import struct
import zlib

import msgspec

from kernel.errors import Malformed

MAGIC = 0x2112A442
HEADER_BYTES = 20
LIMIT_BYTES = 1280
REQUEST, SUCCESS = 0x0001, 0x0101
USERNAME, INTEGRITY, XOR_ADDRESS, PRIORITY, USE_CANDIDATE = 0x0006, 0x0008, 0x0020, 0x0024, 0x0025
FINGERPRINT, CONTROLLING = 0x8028, 0x802A
INTEGRITY_BYTES = 24  # attribute header and an HMAC-SHA1
FINGERPRINT_BYTES = 8
FINGERPRINT_XOR = 0x5354554E

_header = struct.Struct("!HHI12s")
_attribute = struct.Struct("!HH")


class Binding(msgspec.Struct, frozen=True):
    """A binding request: who is asked (`ufrag`, ours) by whom (`peer`), and where its integrity attribute begins."""

    transaction: bytes
    ufrag: str
    peer: str
    nominates: bool
    integrity_at: int


class Success(msgspec.Struct, frozen=True):
    """A binding success: the address the server saw, and where its integrity attribute begins."""

    transaction: bytes
    address: tuple[str, int]
    integrity_at: int


def looks_like_stun(first_byte: int) -> bool:
    """Tell STUN from DTLS and RTP by the first byte (RFC 7983)."""
    return first_byte < 4


def read_binding(data: bytes) -> Binding:
    """Read a binding request that carries USERNAME, MESSAGE-INTEGRITY and a right FINGERPRINT; else Malformed."""
    transaction, attributes, integrity_at = _read(data, REQUEST)
    try:
        ufrag, colon, peer = attributes[USERNAME].decode("ascii").partition(":")
    except (KeyError, UnicodeDecodeError):
        raise Malformed("username") from None
    if not (ufrag and colon and peer):
        raise Malformed("username")
    return Binding(transaction, ufrag, peer, USE_CANDIDATE in attributes, integrity_at)


def read_success(data: bytes) -> Success:
    """Read a binding success; raises Malformed."""
    transaction, attributes, integrity_at = _read(data, SUCCESS)
    value = attributes.get(XOR_ADDRESS, b"")
    if len(value) not in (8, 20) or value[1] != (1 if len(value) == 8 else 2):
        raise Malformed("address")
    port = struct.unpack("!H", value[2:4])[0] ^ (MAGIC >> 16)
    return Success(transaction, (str(ipaddress.ip_address(_mask(value[4:], transaction))), port), integrity_at)


def _read(data: bytes, kind: int) -> tuple[bytes, dict[int, bytes], int]:
    """Check the frame and the fingerprint, collect the attributes that stand before the integrity."""
    if not HEADER_BYTES <= len(data) <= LIMIT_BYTES or len(data) % 4:
        raise Malformed("length")
    found, length, magic, transaction = _header.unpack_from(data)
    if found != kind or magic != MAGIC or length != len(data) - HEADER_BYTES:
        raise Malformed("header")
    attributes, integrity_at, fingerprint_at = _attributes(data)
    if integrity_at == 0:
        raise Malformed("integrity")
    if fingerprint_at != len(data) - FINGERPRINT_BYTES or _crc(data[:fingerprint_at]) != data[fingerprint_at + 4 :]:
        raise Malformed("fingerprint")
    return transaction, attributes, integrity_at


def _attributes(data: bytes) -> tuple[dict[int, bytes], int, int]:
    """Walk the attributes; what stands behind the integrity is not protected and is not read."""
    attributes: dict[int, bytes] = {}
    integrity_at = fingerprint_at = 0
    at = HEADER_BYTES
    while at < len(data):
        kind, length = _attribute.unpack_from(data, at)
        end = at + 4 + length
        if end > len(data):
            raise Malformed("attribute")
        if kind == FINGERPRINT and length == 4:
            fingerprint_at = at
        elif kind == INTEGRITY and length == 20 and not integrity_at:
            integrity_at = at
        elif not integrity_at:
            attributes.setdefault(kind, data[at + 4 : end])
        at = end + -length % 4
    return attributes, integrity_at, fingerprint_at


def proves(data: bytes, integrity_at: int, password: str) -> bool:
    """Whether the sender knows the password (HMAC-SHA1 over everything before the integrity attribute)."""
    claimed = data[integrity_at + 4 : integrity_at + INTEGRITY_BYTES]
    return hmac.compare_digest(claimed, _mac(data[:integrity_at], password))


def write_success(transaction: bytes, address: tuple[str, int], password: str) -> bytes:
    """Answer a binding request: the address it came from, under our password."""
    packed = ipaddress.ip_address(address[0]).packed
    family = 1 if len(packed) == 4 else 2
    value = struct.pack("!BBH", 0, family, address[1] ^ (MAGIC >> 16)) + _mask(packed, transaction)
    return _seal(SUCCESS, transaction, _pack(XOR_ADDRESS, value), password)


def write_binding(transaction: bytes, username: str, password: str, *, nominate: bool = False) -> bytes:
    """Ask: what a full agent sends to us; for tests and load generators."""
    body = _pack(USERNAME, username.encode("ascii")) + _pack(PRIORITY, struct.pack("!I", 1853824767))
    body += _pack(CONTROLLING, transaction[:8])
    if nominate:
        body += _pack(USE_CANDIDATE, b"")
    return _seal(REQUEST, transaction, body, password)


def _seal(kind: int, transaction: bytes, body: bytes, password: str) -> bytes:
    """Put header, integrity and fingerprint around attributes."""
    plain = _header.pack(kind, len(body), MAGIC, transaction) + body
    data = plain + _pack(INTEGRITY, _mac(plain, password))
    data = data[:2] + struct.pack("!H", len(data) - HEADER_BYTES + FINGERPRINT_BYTES) + data[4:]
    return data + _pack(FINGERPRINT, _crc(data))


def _pack(kind: int, value: bytes) -> bytes:
    """Spell one attribute, padded to four bytes."""
    return _attribute.pack(kind, len(value)) + value + bytes(-len(value) % 4)


def _mac(covered: bytes, password: str) -> bytes:
    """HMAC over `covered`, its length field as if the message ended with the integrity attribute."""
    length = struct.pack("!H", len(covered) - HEADER_BYTES + INTEGRITY_BYTES)
    # SHA-1 is what RFC 8445 prescribes; HMAC-SHA1 is not known to be broken.
    return hmac.new(password.encode(), covered[:2] + length + covered[4:], hashlib.sha1).digest()


def _crc(covered: bytes) -> bytes:
    """FINGERPRINT over `covered`."""
    return struct.pack("!I", zlib.crc32(covered) ^ FINGERPRINT_XOR)


def _mask(address: bytes, transaction: bytes) -> bytes:
    """XOR an address with cookie and transaction, so that address translators do not rewrite it."""
    key = struct.pack("!I", MAGIC) + transaction
    return bytes(a ^ b for a, b in zip(address, key, strict=False))
