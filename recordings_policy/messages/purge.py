"""How something kept is destroyed: ordered, begun, done."""

from datetime import datetime

from kernel.terms import Medium
from kernel.wire import Command, Event
from recordings_policy.policy import Digest


class BeginPurge(Command, frozen=True, tag="purge.begin"):
    """The task is about to destroy; from the answer on no hold can come between."""

    medium: Medium


class ConfirmPurge(Command, frozen=True, tag="purge.confirm"):
    """It is destroyed; `receipt` is the digest of the purge receipt."""

    medium: Medium
    receipt: Digest


class PurgeOrdered(Event, frozen=True, tag="purge.ordered"):
    """This medium is to be destroyed; repeated with a growing pause until it is."""

    medium: Medium
    at: datetime
    attempt: int


class PurgeBegun(Event, frozen=True, tag="purge.begun"):
    """Destruction is under way and cannot be called off."""

    medium: Medium


class PurgeCompleted(Event, frozen=True, tag="purge.completed"):
    """This medium is gone; the receipt with this digest proves it."""

    medium: Medium
    receipt: str
