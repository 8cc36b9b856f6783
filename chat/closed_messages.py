"""The words of a contact that found the line closed: it may ask again, and nothing it says is lost."""

from datetime import datetime

from kernel.wire import Command, Event


class AskAgain(Command, frozen=True, tag="contact.ask"):
    """The hours may have begun: take a place in the queue."""


class ContactAsked(Event, frozen=True, tag="contact.asked"):
    """Found the line closed and asks again: by the key, or with words that nobody has read yet."""

    line: str
    at: datetime
    words: bool = False
