"""Looks for a Chromium that the browser tests can drive."""

import os
import shutil

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The lightest first: the same engine without a desktop browser around it takes under half the processor time."""


def find_chromium() -> str | None:
    """The browser's program: $XINQIAO_CHROMIUM first, then what is on PATH; None if there is none."""
    named = os.environ.get("XINQIAO_CHROMIUM")
    if named:
        return shutil.which(named)
    return next((found for found in map(shutil.which, _NAMES) if found), None)


def browser_required() -> bool:
    """Whether a missing browser is a failure, not a reason to skip (XINQIAO_E2E=require, as in .ci/run)."""
    return os.environ.get("XINQIAO_E2E") == "require"


def why_no_chromium() -> str:
    """The loud reason for skipping the browser tests."""
    named = os.environ.get("XINQIAO_CHROMIUM")
    told = (
        f"$XINQIAO_CHROMIUM names {named}, which cannot be run" if named else f"none of {', '.join(_NAMES)} is on PATH"
    )
    return f"NO BROWSER TEST RAN: {told}. Install Chromium, or name one in $XINQIAO_CHROMIUM."
