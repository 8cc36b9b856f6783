"""SDP (RFC 8866) by whitelist: of an offer only what is named here is read, and an answer is written from nothing else.

Candidates, names and addresses of an offer are never read, so they cannot reach anybody.
"""

import re
from typing import Literal

import msgspec

from kernel.errors import Malformed

LIMIT_CHARS = 16 * 1024
LIMIT_LINES = 600
LIMIT_MEDIA = 4
LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
_ANSWER_TO: dict[str, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
_ice = re.compile(r"[A-Za-z0-9+/]{4,256}")
_digest = re.compile(r"[0-9A-F]{2}(?::[0-9A-F]{2}){31,63}")
_token = re.compile(r"[A-Za-z0-9_-]{1,32}")
_opus = re.compile(r"(\d{1,3}) opus/48000/2", re.IGNORECASE)
_extmap = re.compile(r"(\d{1,2})(?:/\w+)? (\S+)")


class Media(msgspec.Struct, frozen=True):
    """One offered line; `opus` is the payload type the offerer chose, None where it cannot speak Opus."""

    kind: str
    mid: str
    opus: int | None
    direction: Direction
    level_id: int = 0
    mid_id: int = 0
    ssrc: int | None = None


class Offer(msgspec.Struct, frozen=True):
    """What is taken of an offer: how to prove who sends, which certificate to expect, and its lines."""

    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    media: tuple[Media, ...]


class Line(msgspec.Struct, frozen=True):
    """One line of an answer: the source we send there, and how long a packet should be in milliseconds."""

    offered: Media
    ssrc: int
    ptime_ms: int = 20


class Answer(msgspec.Struct, frozen=True):
    """Everything an answer says; `addresses` are the worker's own, with the UDP and the TCP port."""

    session: int
    version: int
    ufrag: str
    password: str
    fingerprint: tuple[str, str]
    cname: str
    lines: tuple[Line, ...]
    addresses: tuple[str, ...]
    udp_port: int
    tcp_port: int


def read_offer(text: str) -> Offer:
    """Read an offer of one bundle over DTLS; raises Malformed with a place, never the content."""
    if len(text) > LIMIT_CHARS:
        raise Malformed("length")
    lines = text.replace("\r\n", "\n").split("\n")
    if len(lines) > LIMIT_LINES or lines[0] != "v=0":
        raise Malformed("session")
    sections: list[list[str]] = [[]]
    for line in lines[1:]:
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line)
    session, described = sections[0], sections[1:]
    if not 1 <= len(described) <= LIMIT_MEDIA:
        raise Malformed("media")
    media = tuple(_read_media(section) for section in described)
    if len({line.mid for line in media}) < len(media):
        raise Malformed("mid")
    # One bundle: its transport stands in the session part or in the first line's.
    everything = session + described[0]
    ufrag, password = _only(everything, "ice-ufrag", _ice), _only(everything, "ice-pwd", _ice)
    if len(password) < 22:
        raise Malformed("ice-pwd")
    return Offer(ufrag, password, _fingerprints(everything), media)


def _read_media(section: list[str]) -> Media:
    """Read one line and its attributes."""
    words = section[0][2:].split(" ")
    if len(words) < 4:
        raise Malformed("media")
    direction: Direction = "sendrecv"
    opus: int | None = None
    extensions: dict[str, int] = {}
    ssrc: int | None = None
    for line in section[1:]:
        name, _, value = line[2:].partition(":") if line.startswith("a=") else ("", "", "")
        if name in ("sendrecv", "sendonly", "recvonly", "inactive") and not value:
            direction = name  # type: ignore[assignment]  # mypy does not narrow a str by membership
        elif name == "rtpmap" and opus is None and (found := _opus.fullmatch(value)):
            opus = _number(found[1], 127)
        elif name == "extmap" and (found := _extmap.fullmatch(value)):
            extensions.setdefault(found[2], _number(found[1], 14, or_zero=True))
        elif name == "ssrc" and ssrc is None:
            ssrc = _number(value.partition(" ")[0], 2**32 - 1)
    mid = _only(section, "mid", _token)
    kind = words[0] if words[0] in ("audio", "video", "application") else "other"
    level, mid_id = extensions.get(LEVEL_URI, 0), extensions.get(MID_URI, 0)
    return Media(kind, mid, opus if kind == "audio" else None, direction, level, mid_id, ssrc)


def _number(text: str, top: int, *, or_zero: bool = False) -> int:
    """Read a whole number up to `top`; beyond it Malformed, or 0 where that means "not used"."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10) or int(text) > top:
        if or_zero:
            return 0
        raise Malformed("number")
    return int(text)


def _only(lines: list[str], name: str, allowed: re.Pattern[str]) -> str:
    """Find an attribute's first value and check its spelling."""
    prefix = f"a={name}:"
    for line in lines:
        if line.startswith(prefix):
            value = line[len(prefix) :]
            if not allowed.fullmatch(value):
                break
            return value
    raise Malformed(name)


def _fingerprints(lines: list[str]) -> tuple[tuple[str, str], ...]:
    """Collect the certificate digests of the algorithms we trust."""
    found = []
    for line in lines:
        if line.startswith("a=fingerprint:"):
            algorithm, _, digest = line[len("a=fingerprint:") :].partition(" ")
            if algorithm.lower() in ("sha-256", "sha-384", "sha-512"):
                if not _digest.fullmatch(digest.upper()):
                    raise Malformed("fingerprint")
                found.append((algorithm.lower(), digest.upper()))
    if not found:
        raise Malformed("fingerprint")
    return tuple(dict.fromkeys(found))


def write_answer(answer: Answer) -> str:
    """Write an ICE-lite, DTLS-passive answer; lines without Opus are refused with port 0."""
    taken = [line.offered.mid for line in answer.lines if line.offered.opus is not None]
    out = [
        "v=0",
        f"o=- {answer.session} {answer.version} IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {' '.join(taken)}",
        "a=ice-lite",
        "a=msid-semantic: WMS *",
    ]
    for line in answer.lines:
        out += _refuse(line) if line.offered.opus is None else _write_line(answer, line)
    return "\r\n".join(out) + "\r\n"


def _refuse(line: Line) -> list[str]:
    """A line we have no use for."""
    protocol = "UDP/DTLS/SCTP webrtc-datachannel" if line.offered.kind == "application" else "UDP/TLS/RTP/SAVPF 0"
    kind = line.offered.kind if line.offered.kind != "other" else "audio"
    return [f"m={kind} 0 {protocol}", "c=IN IP4 0.0.0.0", "a=inactive", f"a=mid:{line.offered.mid}"]


def _write_line(answer: Answer, line: Line) -> list[str]:
    """An audio line: Opus with forward error correction, one source of ours, our own addresses."""
    offered, opus = line.offered, line.offered.opus
    out = [
        f"m=audio 9 UDP/TLS/RTP/SAVPF {opus}",
        "c=IN IP4 0.0.0.0",
        f"a={_ANSWER_TO[offered.direction]}",
        f"a=mid:{offered.mid}",
        f"a=ice-ufrag:{answer.ufrag}",
        f"a=ice-pwd:{answer.password}",
        f"a=fingerprint:{answer.fingerprint[0]} {answer.fingerprint[1]}",
        "a=setup:passive",
        "a=rtcp-mux",
        f"a=rtpmap:{opus} opus/48000/2",
        f"a=fmtp:{opus} minptime=10;useinbandfec=1;maxaveragebitrate=32000",
        f"a=ptime:{line.ptime_ms}",
    ]
    if offered.level_id:
        out.append(f"a=extmap:{offered.level_id} {LEVEL_URI}")
    if offered.mid_id:
        out.append(f"a=extmap:{offered.mid_id} {MID_URI}")
    if offered.direction in ("sendrecv", "recvonly"):
        out += [f"a=msid:- {offered.mid}", f"a=ssrc:{line.ssrc} cname:{answer.cname}"]
    # Repeated on every line: aiortc keeps what the last line of a bundle says, browsers what the first says.
    for place, address in enumerate(answer.addresses):
        rank = ((65535 - place) << 8) + 255
        if answer.udp_port:
            out.append(f"a=candidate:{place}1 1 udp {(126 << 24) + rank} {address} {answer.udp_port} typ host")
        if answer.tcp_port:
            tail = f"{address} {answer.tcp_port} typ host tcptype passive"
            out.append(f"a=candidate:{place}2 1 tcp {(90 << 24) + rank} {tail}")
    return [*out, "a=end-of-candidates"]
