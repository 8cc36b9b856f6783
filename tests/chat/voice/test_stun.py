"""STUN as RFC 8489 has it: aioice is the oracle, and no bytes whatever raise anything but Malformed."""

import contextlib

import pytest
from aioice import stun as oracle
from hypothesis import given
from hypothesis import strategies as st

from chat.voice import stun
from kernel.errors import Malformed

TRANSACTION = bytes(range(12))
# RFC 5769, 2.1: a request with long-lived values; its fingerprint and integrity are given there.
RFC_5769_PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt"
RFC_5769_REQUEST = bytes.fromhex(
    "000100582112a442b7e7a701bc34d686fa87dfae80220010"
    "5354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36"
    "000600096576746a3a68367659202020"
    "00080014"
    "9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf"
)
addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)
names = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789+/", min_size=4, max_size=32)


def test_the_request_of_rfc_5769_is_read_and_proved() -> None:
    found = stun.read_binding(RFC_5769_REQUEST)
    assert (found.ufrag, found.peer) == ("evtj", "h6vY")
    assert stun.proves(RFC_5769_REQUEST, found.integrity_at, RFC_5769_PASSWORD)
    assert not stun.proves(RFC_5769_REQUEST, found.integrity_at, RFC_5769_PASSWORD + "x")


@given(transaction=st.binary(min_size=12, max_size=12), ours=names, peer=names, password=names, nominate=st.booleans())
def test_a_request_of_aioice_is_read(transaction: bytes, ours: str, peer: str, password: str, nominate: bool) -> None:
    message = oracle.Message(oracle.Method.BINDING, oracle.Class.REQUEST, transaction)
    message.attributes["USERNAME"] = f"{ours}:{peer}"
    message.attributes["PRIORITY"] = 1
    if nominate:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password.encode())
    data = bytes(message)
    found = stun.read_binding(data)
    assert (found.transaction, found.ufrag, found.peer, found.nominates) == (transaction, ours, peer, nominate)
    assert stun.proves(data, found.integrity_at, password)


@given(transaction=st.binary(min_size=12, max_size=12), address=addresses, port=st.integers(1, 65535), password=names)
def test_aioice_reads_our_answer(transaction: bytes, address: str, port: int, password: str) -> None:
    data = stun.write_success(transaction, (address, port), password)
    parsed = oracle.parse_message(data)
    assert parsed.check_message_integrity(password.encode())
    assert parsed.attributes["XOR-MAPPED-ADDRESS"] == (address, port)
    found = stun.read_success(data)
    assert found.address == (address, port)
    assert stun.proves(data, found.integrity_at, password)


@given(ours=names, peer=names, password=names, at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_one_flipped_bit_is_never_proved(ours: str, peer: str, password: str, at: int, bit: int) -> None:
    data = bytearray(stun.write_binding(TRANSACTION, f"{ours}:{peer}", password, nominate=True))
    data[at % len(data)] ^= 1 << bit
    try:
        found = stun.read_binding(bytes(data))
    except Malformed:
        return
    assert not stun.proves(bytes(data), found.integrity_at, password)


@given(st.binary(max_size=200))
def test_noise_is_malformed_and_nothing_else(data: bytes) -> None:
    for read in (stun.read_binding, stun.read_success):
        with pytest.raises(Malformed):
            read(data)


@given(st.binary(max_size=160), st.integers(0, 2**16 - 1))
def test_a_good_header_around_noise_is_malformed_or_read(body: bytes, kind: int) -> None:
    body = kind.to_bytes(2, "big") + body
    body += bytes(-len(body) % 4)
    data = b"\x00\x01" + len(body).to_bytes(2, "big") + stun.MAGIC.to_bytes(4, "big") + TRANSACTION + body
    with contextlib.suppress(Malformed):
        stun.read_binding(data)


def test_a_request_without_fingerprint_is_not_answered() -> None:
    whole = stun.write_binding(TRANSACTION, "ours:peer", "secret")
    cut = whole[: -stun.FINGERPRINT_BYTES]
    cut = cut[:2] + (len(cut) - stun.HEADER_BYTES).to_bytes(2, "big") + cut[4:]
    with pytest.raises(Malformed):
        stun.read_binding(cut)


def test_what_stands_behind_the_integrity_is_not_believed() -> None:
    whole = stun.write_binding(TRANSACTION, "ours:peer", "secret")
    body = whole[stun.HEADER_BYTES : -stun.FINGERPRINT_BYTES] + stun._pack(stun.USE_CANDIDATE, b"")
    length = (len(body) + stun.FINGERPRINT_BYTES).to_bytes(2, "big")
    data = whole[:2] + length + whole[4:20] + body
    data += stun._pack(stun.FINGERPRINT, stun._crc(data))
    assert not stun.read_binding(data).nominates
