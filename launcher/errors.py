"""What went wrong, said in one sentence to the person at the keyboard."""

import errno


class LaunchError(Exception):
    """Something the reader can act on; its text is a whole sentence."""


DISK_FULL = "The disk is full: free some space, then run the same command again."

# Signs in a program's output, most telling first, and what they mean.
_SIGNS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("No space left on device", "Disk quota exceeded", "ENOSPC"), DISK_FULL),
    (
        ("DO NOT MATCH THE HASHES",),
        "A downloaded package does not match its hash in requirements/, so nothing of it was installed: "
        "a damaged download or a changed file on the package index; try again, "
        "and if it stays, do not go on with that index.",
    ),
    (
        ("BadZipFile", "has an invalid wheel", "is invalid", "is not a valid wheel", "not a zip file"),
        "A downloaded package is damaged: run `python3 -m pip cache purge`, then the same command again.",
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
        "The package index shows a certificate this machine does not trust: "
        "name your own authority's file in PIP_CERT, then run the same command again.",
    ),
    (
        (
            "NewConnectionError",
            "ConnectTimeout",
            "NameResolutionError",
            "ENOTFOUND",
            "ECONNREFUSED",
            "EAI_AGAIN",
        ),
        "The package index cannot be reached: check the network and the proxy settings, "
        "then run the same command again.",
    ),
    (
        ("is not a supported wheel", "No matching distribution found"),
        "A package has no build for this machine or the package index cannot be reached: the embedded "
        "engines need Linux with glibc or macOS, on x86-64 or ARM64 (on Windows use WSL2).",
    ),
)


def explain(output: str) -> str | None:
    """The sentence for the first known sign in a program's output, or None."""
    for signs, sentence in _SIGNS:
        if any(sign in output for sign in signs):
            return sentence
    return None


def explain_os_error(error: OSError) -> str:
    """A sentence for an operating-system error that nobody nearer knew better."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    where = f" ({error.filename})" if error.filename else ""
    return f"The operating system refused: {error.strerror or error}{where}."
