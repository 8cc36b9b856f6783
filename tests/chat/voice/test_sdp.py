"""SDP by whitelist: what a browser offers is understood, and nothing of it but numbers of formats is answered."""

import contextlib

import pytest
from aiortc import sdp as oracle
from hypothesis import given
from hypothesis import strategies as st

from chat.voice import sdp
from kernel.errors import Malformed
from tests.chat.voice.offers import CHROMIUM, PRIVATE

DIGEST = ("sha-256", ":".join(["AB"] * 32))


def answer_to(offer: sdp.Offer) -> str:
    """An answer with invented values of the server."""
    lines = tuple(sdp.Line(media, 1000 + place) for place, media in enumerate(offer.media))
    return sdp.write_answer(
        sdp.Answer(77, 2, "oUrS", "o" * 24, DIGEST, "servername", lines, ("198.51.100.5", "2001:db8::5"), 4000, 4001)
    )


def test_chromiums_offer_is_read() -> None:
    offer = sdp.read_offer(CHROMIUM)
    assert (offer.ufrag, offer.password) == ("pRiV", "pRiVaTePaSsWoRdOfAlEg0000")
    assert offer.fingerprints[0][1].startswith("19:E2:1C")
    main, aux = offer.media
    assert main == sdp.Media("audio", "0", 111, "sendrecv", 1, 4, 3735928559)
    assert aux == sdp.Media("audio", "1", 111, "recvonly", 1, 4, None)


def test_an_answer_holds_nothing_that_tells_who_offered() -> None:
    answer = answer_to(sdp.read_offer(CHROMIUM))
    assert not [word for word in PRIVATE if word.lower() in answer.lower()]


def test_aiortc_understands_the_answer() -> None:
    parsed = oracle.SessionDescription.parse(answer_to(sdp.read_offer(CHROMIUM)))
    assert [media.direction for media in parsed.media] == ["sendrecv", "sendonly"]
    main = parsed.media[0]
    assert main.dtls is not None
    assert main.ice is not None
    assert main.dtls.role == "server"
    assert main.ice.iceLite
    assert (main.ice.usernameFragment, main.ice_candidates[0].ip, main.ice_candidates[0].port) == (
        "oUrS",
        "198.51.100.5",
        4000,
    )
    assert [candidate.protocol for candidate in main.ice_candidates] == ["udp", "tcp", "udp", "tcp"]
    assert main.ice_candidates[1].tcpType == "passive"
    assert main.rtp.codecs[0].parameters["useinbandfec"] == 1
    assert [media.ssrc[0].ssrc for media in parsed.media] == [1000, 1001]


def test_an_answer_is_itself_readable() -> None:
    again = sdp.read_offer(answer_to(sdp.read_offer(CHROMIUM)))
    assert again.ufrag == "oUrS"
    assert again.fingerprints == (DIGEST,)


def test_a_line_without_opus_is_refused_and_the_other_taken() -> None:
    video = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=rtpmap:96 VP8/90000\r\n"
    parsed = oracle.SessionDescription.parse(answer_to(sdp.read_offer(CHROMIUM + video)))
    assert [media.port for media in parsed.media] == [9, 9, 0]
    assert parsed.group[0].items == ["0", "1"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a=ice-ufrag:pRiV", "a=ice-ufrag:p R"),
        ("a=ice-pwd:pRiVaTePaSsWoRdOfAlEg0000", "a=ice-pwd:short"),
        ("a=fingerprint:sha-256", "a=fingerprint:md5"),
        ("19:E2:1C", "19:E2:ZZ"),
        ("a=mid:1", "a=mid:0"),
        ("a=rtpmap:111 opus", "a=rtpmap:999 opus"),
        ("a=ssrc:3735928559", "a=ssrc:99999999999"),
        ("v=0", "v=1"),
        ("m=audio", "m-audio"),
    ],
)
def test_what_is_wrong_is_malformed(old: str, new: str) -> None:
    with pytest.raises(Malformed):
        sdp.read_offer(CHROMIUM.replace(old, new))


@given(st.data())
def test_a_mangled_offer_is_read_or_malformed_and_never_echoed(data: st.DataObject) -> None:
    lines = CHROMIUM.split("\r\n")
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        lines[place] = data.draw(st.sampled_from([lines[place][:9], lines[place] + "\u4e2d", "", "m=audio", "a=mid:"]))
    with contextlib.suppress(Malformed):
        answer = answer_to(sdp.read_offer("\r\n".join(lines)))
        assert not [word for word in PRIVATE if word.lower() in answer.lower()]


@given(st.text(max_size=300))
def test_noise_is_malformed_and_nothing_else(text: str) -> None:
    with pytest.raises(Malformed):
        sdp.read_offer(text)
    with contextlib.suppress(Malformed):
        sdp.read_offer("v=0\r\nm=audio 9 X 0\r\n" + text)


@given(st.text("a=:m0123456789 \r\nsrcextmapptrueidgi/", max_size=120))
def test_attributes_of_noise_too(text: str) -> None:
    with contextlib.suppress(Malformed):
        sdp.read_offer(CHROMIUM + text)


def test_an_endless_offer_is_malformed() -> None:
    with pytest.raises(Malformed):
        sdp.read_offer(CHROMIUM + "a=x\r\n" * 10_000)
