"""The words of the outbox: every call to a human is an event, repeated until its delivery is an event as well."""

from datetime import datetime
from typing import Literal

from kernel.wire import Command, Event, Name

About = Literal["escalation", "referral", "follow_up"]
# The duty supervisor, a second one, everyone on duty, the outside channel; a referral's partner.
Audience = Literal["duty_supervisor", "second_supervisor", "everyone", "outside", "partner"]
# `house` is shown and rings on screens in the house, `outward` leaves it through a channel adapter.
Way = Literal["house", "outward"]


class DeliverPage(Command, frozen=True, tag="page.deliver"):
    """A page has reached somebody by this channel. Given by whoever delivered it."""

    page: Name
    channel: Name


class PageIssued(Event, frozen=True, tag="page.issued"):
    """Somebody is to be called. The same `page` is issued again until it is delivered; nobody acts on it twice."""

    page: str
    about: About
    number: int
    to: Audience
    way: Way
    line: str
    at: datetime
    tries: int = 1


class PageDelivered(Event, frozen=True, tag="page.delivered"):
    """The page has reached somebody."""

    page: str
    channel: str
