"""Short-lived TURN credentials (the "REST" scheme coturn calls use-auth-secret), for installations that run a relay."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

LIFETIME = timedelta(minutes=10)


class IceServer(msgspec.Struct, frozen=True):
    """What a page gives to its RTCPeerConnection."""

    urls: tuple[str, ...]
    username: str
    credential: str


def credentials(urls: tuple[str, ...], leg: str, now: datetime, sign: Callable[[str], str]) -> IceServer:
    """Name until when it is good and a random leg id, never a person; `sign` is base64(HMAC-SHA1(shared secret))."""
    username = f"{int((now + LIFETIME).timestamp())}:{leg}"
    return IceServer(urls, username, sign(username))
