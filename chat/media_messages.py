"""The words between a browser and its media worker, spoken at the door: no decider takes them, no log holds them."""

from typing import Annotated

import msgspec

from kernel.wire import Command, Name

Sdp = Annotated[str, msgspec.Meta(min_length=20, max_length=16 * 1024, pattern=r"^[^\x00]*$")]


class OfferMedia(Command, frozen=True, tag="call.offer"):
    """A browser's SDP for its own leg. For the switchboard at the door only: no decider takes it, no log holds it."""

    call: Name
    sdp: Sdp


class PrepareMedia(Command, frozen=True, tag="call.prepare"):
    """Which relays a browser may use for its leg; answered at the door like an offer."""

    call: Name


# --- what the door answers to those two, on the asking socket alone --------------------------------------


class MediaAnswer(msgspec.Struct, frozen=True):
    """The answer to an offer."""

    call: str
    sdp: str


class IceServer(msgspec.Struct, frozen=True):
    """What a page gives to its RTCPeerConnection."""

    urls: tuple[str, ...]
    username: str
    credential: str


class MediaPlan(msgspec.Struct, frozen=True):
    """The relays of this installation, if it runs any; good for ten minutes."""

    ice_servers: tuple[IceServer, ...] = ()


SAID = (OfferMedia, PrepareMedia)
