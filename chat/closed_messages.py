"""The words of a contact that found the line closed: it may ask again, and nothing it says is lost."""

from datetime import datetime

from kernel.wire import Command, Event, Name


class AskAgain(Command, frozen=True, tag="contact.ask"):
    """The hours may have begun: take a place in the queue."""


class EntrustWords(Command, frozen=True, tag="words.entrust"):
    """Somebody follows this contact up and may answer what was left at the closed line; None: nobody does any more."""

    person: Name | None = None


class ContactAsked(Event, frozen=True, tag="contact.asked"):
    """Found the line closed and asks again: by the key, or with words that nobody has read yet."""

    line: str
    at: datetime
    words: bool = False


class WordsEntrusted(Event, frozen=True, tag="words.entrusted"):
    """This person may answer while the contact waits at the closed line; None: nobody may."""

    person: str | None = None
