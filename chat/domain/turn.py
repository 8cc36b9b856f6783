"""Short-lived TURN credentials (the "REST" scheme coturn calls use-auth-secret), for installations that run a relay."""

from collections.abc import Callable
from datetime import datetime, timedelta

from chat.media_messages import IceServer

LIFETIME = timedelta(minutes=10)


def credentials(urls: tuple[str, ...], leg: str, now: datetime, sign: Callable[[str], str]) -> IceServer:
    """Name until when it is good and a random leg id, never a person; `sign` is base64(HMAC-SHA1(shared secret))."""
    username = f"{int((now + LIFETIME).timestamp())}:{leg}"
    return IceServer(urls, username, sign(username))
