"""The words of how a contact in somebody's hands is carried: a talk in writing becomes a call, and again writing."""

from kernel.terms import Medium
from kernel.wire import Command, Event, Name


class SwitchMedium(Command, frozen=True, tag="ticket.switch_medium"):
    """They talk now, or write again; whoever talks is not offered anybody else meanwhile."""

    contact: Name
    medium: Medium


class MediumSwitched(Event, frozen=True, tag="ticket.medium_switched"):
    """The contact is carried this way from now on; its place and its owner stay."""

    contact: str
    medium: Medium
