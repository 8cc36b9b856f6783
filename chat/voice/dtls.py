"""DTLS, the passive side, as a machine that is fed datagrams and answers datagrams: no socket, no task."""

from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from chat.voice.srtp import PROFILES, Cipher, ciphers

DTLS_1_2 = 0xFEFD
MTU_BYTES = 1200
HANDSHAKE_DATAGRAMS = 128
CERTIFICATE_DAYS = 14
_RECORD_HEADER_BYTES = 13
_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "sha-256": hashes.SHA256(),
    "sha-384": hashes.SHA384(),
    "sha-512": hashes.SHA512(),
}


def looks_like_dtls(first_byte: int) -> bool:
    """Tell DTLS from STUN and RTP by the first byte (RFC 7983)."""
    return 20 <= first_byte < 64


class Failed(Exception):
    """The handshake can never succeed: another certificate than promised, no common profile, or nonsense."""


class Identity:
    """A worker's certificate, made at start, kept in memory only, and its TLS context."""

    def __init__(self, now: datetime) -> None:
        """Make a P-256 key and a certificate that names nobody."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "media")])
        self._certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
            .sign(key, hashes.SHA256())
        )
        self.fingerprint = ("sha-256", digest(self._certificate, "sha-256"))
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_min_proto_version(DTLS_1_2)
        context.set_max_proto_version(DTLS_1_2)
        context.set_options(SSL.OP_NO_TICKET)
        # Any certificate is taken here and compared with the promised fingerprint afterwards (RFC 8827).
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        context.use_certificate(self._certificate)
        context.use_privatekey(key)
        context.set_cipher_list(
            b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384"
        )
        context.set_tlsext_use_srtp(b":".join(profile.name for profile in PROFILES))
        self.context = context


def digest(certificate: x509.Certificate, algorithm: str) -> str:
    """A certificate's fingerprint as SDP spells it."""
    return certificate.fingerprint(_DIGESTS[algorithm]).hex(":").upper()


class Handshake:
    """One leg's DTLS association."""

    def __init__(self, identity: Identity, promised: tuple[tuple[str, str], ...]) -> None:
        """Wait for a client whose certificate has one of the `promised` fingerprints."""
        self._promised = promised
        self._fed = 0
        self.done: tuple[Cipher, Cipher] | None = None
        self.closed = False
        self._tls: Any = SSL.Connection(identity.context)
        self._tls.set_accept_state()
        self._tls.set_ciphertext_mtu(MTU_BYTES)

    def feed(self, datagram: bytes) -> list[bytes]:
        """Take a datagram, answer those to send; `done` then holds the ciphers, inbound first. Raises Failed."""
        self._tls.bio_write(datagram)
        if self.done is not None:
            self._read_closing()
            return self._outgoing()
        self._fed += 1
        if self._fed > HANDSHAKE_DATAGRAMS:
            raise Failed("too many datagrams")
        try:
            self._tls.do_handshake()
        except SSL.WantReadError:
            return self._outgoing()
        except SSL.Error:
            raise Failed("handshake") from None
        self._check_certificate()
        self.done = self._export()
        return self._outgoing()

    def timeout_s(self) -> float | None:
        """When `retry` is wanted, from now; None where nothing is outstanding."""
        return None if self.done is not None else self._tls.DTLSv1_get_timeout()

    def retry(self) -> list[bytes]:
        """Send the last flight again."""
        try:
            self._tls.DTLSv1_handle_timeout()
        except SSL.Error:
            raise Failed("timeout") from None
        return self._outgoing()

    def farewell(self) -> list[bytes]:
        """Say goodbye, so that the peer knows at once."""
        if self.done is None:
            return []
        try:
            self._tls.shutdown()
        except SSL.Error:
            return []
        return self._outgoing()

    def _read_closing(self) -> None:
        """Nothing is ever said inside DTLS but goodbye."""
        try:
            self._tls.recv(MTU_BYTES)
        except SSL.ZeroReturnError:
            self.closed = True
        except SSL.Error:
            return

    def _check_certificate(self) -> None:
        """The peer must be the one whose offer came over the signed-in socket."""
        certificate = self._tls.get_peer_certificate(as_cryptography=True)
        known = [(algorithm, value) for algorithm, value in self._promised if algorithm in _DIGESTS]
        if not known or any(digest(certificate, algorithm) != value for algorithm, value in known):
            raise Failed("fingerprint")

    def _export(self) -> tuple[Cipher, Cipher]:
        """Derive the ciphers."""
        name = self._tls.get_selected_srtp_profile()
        for profile in PROFILES:
            if profile.name == name:
                size = 2 * (profile.key_bytes + profile.salt_bytes)
                return ciphers(profile, self._tls.export_keying_material(b"EXTRACTOR-dtls_srtp", size))
        raise Failed("profile")

    def _outgoing(self) -> list[bytes]:
        """Cut what OpenSSL wrote into datagrams at record boundaries."""
        written = b""
        while True:
            try:
                written += self._tls.bio_read(65536)
            except SSL.Error:
                break
        datagrams: list[bytes] = []
        current = b""
        while written:
            size = _RECORD_HEADER_BYTES + int.from_bytes(written[11:13], "big")
            if current and len(current) + size > MTU_BYTES:
                datagrams.append(current)
                current = b""
            current += written[:size]
            written = written[size:]
        return [*datagrams, current] if current else datagrams
