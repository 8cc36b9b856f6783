"""What is used of pylibsrtp beyond what it publishes: this fails when a new version has it no more."""

import inspect
from pathlib import Path

import pylibsrtp
import pylibsrtp._binding as binding  # type: ignore[import-not-found]  # a compiled module without stubs
from pylibsrtp import Policy, Session

from chat.voice.srtp import PROFILES, Cipher, Scratch, ciphers

PACKET = bytes((0x80, 111, 0, 1, 0, 0, 0, 9, 0, 0, 0, 5)) + b"voice"


def test_the_names_in_use_exist() -> None:
    for name in ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp", "srtp_err_status_ok"):
        assert hasattr(binding.lib, name), name
    assert binding.lib.srtp_err_status_ok == 0
    key = bytes(30)
    assert hasattr(Session(Policy(key=key, ssrc_type=Policy.SSRC_ANY_INBOUND)), "_srtp")


def test_the_library_still_calls_them_as_we_do() -> None:
    source = inspect.getsource(pylibsrtp.Session)
    assert "func(self._srtp[0], self._cdata, len_p)" in source
    assert 'ffi.new("int *")' in source


def test_only_one_file_touches_private_parts() -> None:
    folder = Path(__file__).parents[3] / "chat" / "voice"
    touching = {path.name for path in folder.glob("*.py") if "pylibsrtp._binding" in path.read_text()}
    assert touching == {"srtp.py"}


def test_in_place_and_published_calls_agree() -> None:
    for profile in PROFILES:
        size = profile.key_bytes + profile.salt_bytes
        key = bytes(range(size))
        scratch = Scratch()
        scratch.view[: len(PACKET)] = PACKET
        protected = Cipher(profile, key, inbound=False).protect(scratch, len(PACKET))
        policy = Policy(key=key, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile.number)
        assert Session(policy).unprotect(bytes(scratch.view[:protected])) == PACKET
        inbound = Cipher(profile, key, inbound=True)
        kept = bytes(scratch.view[:protected])
        assert inbound.unprotect(scratch, protected) == len(PACKET)
        assert bytes(scratch.view[: len(PACKET)]) == PACKET
        scratch.view[:protected] = kept
        assert inbound.unprotect(scratch, protected) == -1, "a replayed packet"
        scratch.view[:protected] = kept[:-1] + bytes((kept[-1] ^ 1,))
        assert Cipher(profile, key, inbound=True).unprotect(scratch, protected) == -1, "a forged packet"


def test_the_two_ends_of_an_association_fit() -> None:
    for profile in PROFILES:
        material = bytes(n % 251 for n in range(2 * (profile.key_bytes + profile.salt_bytes)))
        inbound, outbound = ciphers(profile, material)
        client = material[: profile.key_bytes] + material[2 * profile.key_bytes :][: profile.salt_bytes]
        scratch = Scratch()
        scratch.view[: len(PACKET)] = PACKET
        size = Cipher(profile, client, inbound=False).protect(scratch, len(PACKET))
        assert inbound.unprotect(scratch, size) == len(PACKET)
        assert outbound.protect(scratch, len(PACKET)) > len(PACKET)
