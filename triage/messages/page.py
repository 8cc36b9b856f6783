"""The words of the outbox: every call to a human is an event, repeated until its delivery is an event as well."""

from datetime import datetime
from typing import Literal

from kernel.wire import Command, Event, Name
from triage.policy import Audience, Way

About = Literal["escalation", "referral", "follow_up", "appointment"]


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
