"""What goes over a socket: commands, events and the frames that carry them; limits and close codes."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from kernel.errors import Malformed
from kernel.terms import Actor

SUBPROTOCOL = "xinqiao.v1"
FRAME_LIMIT_BYTES = 64 * 1024
TEXT_LIMIT_CHARS = 4000

# NUL is refused by PostgreSQL text and by no person's keyboard.
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LIMIT_CHARS, pattern=r"^[^\x00]*$")]
Note = Annotated[str, msgspec.Meta(max_length=TEXT_LIMIT_CHARS, pattern=r"^[^\x00]*$")]
Short = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00]*$")]
# `$` alone would let a line break stand at the end.
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_.#@:+-]+$(?!\n)")]
CommandId = Annotated[str, msgspec.Meta(min_length=1, max_length=39, pattern=r"^[A-Za-z0-9_.#@:+-]+$(?!\n)")]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class Command(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """A wish, `noun.verb`; it may be refused."""


class Event(msgspec.Struct, frozen=True, tag_field="type", omit_defaults=True):
    """A fact, `noun.verbed`; it is in the log forever."""


class Hint(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """Something that may be lost: never stored, never decided on."""


class Typing(Hint, frozen=True, tag="typing"):
    """Somebody is writing (or has stopped); never what."""

    on: bool = True


class Place(Hint, frozen=True, tag="place"):
    """Where a waiting visitor stands: people ahead, whether a counselor is being asked, how long it may still take.

    `low_min` and `high_min` are a range of minutes (no end: more than that), None where no reliable estimate can be
    given; `why` names why it got longer.
    """

    ahead: int
    waiting: bool
    ringing: bool
    on_duty: int
    low_min: int | None = None
    high_min: int | None = None
    why: str = ""


class Quality(Hint, frozen=True, tag="quality"):
    """How one side of a call receives lately: `loss` 0..1, `jitter_ms`, and `rtt_ms` where it is known."""

    leg: str
    loss: float
    jitter_ms: float
    rtt_ms: float | None = None


Told = Typing | Quality
"""What is passed on between processes for the moment."""


class Row(msgspec.Struct, frozen=True):
    """One line of the log as the house reads it."""

    feed: str
    seq: int
    at: datetime
    by: Actor
    event: Event


# --- frames a client may send -------------------------------------------------------------------------


class Hello(msgspec.Struct, frozen=True, tag_field="op", tag="hello", forbid_unknown_fields=True):
    """First frame: where the client stands on each feed it knows, and a ticket where it has no cookie."""

    resume: Annotated[dict[Name, Seq], msgspec.Meta(max_length=64)] = {}
    ticket: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class Do(msgspec.Struct, frozen=True, tag_field="op", tag="do", forbid_unknown_fields=True):
    """A command for one aggregate, with an id the client chose; sent again with the same id until answered."""

    id: CommandId
    to: Name
    command: msgspec.Raw


class Whisk(msgspec.Struct, frozen=True, tag_field="op", tag="hint", forbid_unknown_fields=True):
    """A hint for whoever else follows a feed."""

    to: Name
    hint: Typing


class Resume(msgspec.Struct, frozen=True, tag_field="op", tag="resume", forbid_unknown_fields=True):
    """Ask for one feed again after `after`; the cure for a gap, never rate limited."""

    feed: Name
    after: Seq = 0


class Ping(msgspec.Struct, frozen=True, tag_field="op", tag="ping", forbid_unknown_fields=True):
    """Are you there?"""


ClientFrame = Hello | Do | Whisk | Resume | Ping

# --- frames the server sends --------------------------------------------------------------------------


class Welcome(msgspec.Struct, frozen=True, tag_field="op", tag="welcome"):
    """Signed in: who you are, the server's clock, how often to ping (seconds), the feeds that follow."""

    at: datetime
    you: Actor
    name: str
    heartbeat_s: int
    feeds: tuple[str, ...]


class Snapshot(msgspec.Struct, frozen=True, tag_field="op", tag="snapshot"):
    """A feed's view as of `seq`; replaces what the client knew of it."""

    feed: str
    seq: int
    view: Any


class Happened(msgspec.Struct, frozen=True, tag_field="op", tag="event"):
    """One visible event; `prev` is the seq of the visible event before it, so that a gap shows."""

    feed: str
    seq: int
    prev: int
    at: datetime
    by: Actor
    event: Any


class Ack(msgspec.Struct, frozen=True, tag_field="op", tag="ack"):
    """The command is in the log, on disk; `seq` is where the feed stood then."""

    id: str
    seq: int


class Reply(msgspec.Struct, frozen=True, tag_field="op", tag="reply"):
    """The answer to a command that is for this socket alone: nothing of it is in any log."""

    id: str
    body: Any


class Refusal(msgspec.Struct, frozen=True, tag_field="op", tag="refused"):
    """The command was not carried out, for the reason `code`; `retry_ms` where trying again makes sense."""

    id: str | None
    code: str
    retry_ms: int | None = None


class Hinted(msgspec.Struct, frozen=True, tag_field="op", tag="hinted"):
    """A hint from somebody on a feed."""

    feed: str
    by: Actor
    hint: Typing | Place | Quality


class Unfollowed(msgspec.Struct, frozen=True, tag_field="op", tag="unfollowed"):
    """This feed will say no more on this socket."""

    feed: str


class Pong(msgspec.Struct, frozen=True, tag_field="op", tag="pong"):
    """Here; `heads` is the last visible seq sent per feed, so that a silent loss shows."""

    at: datetime
    heads: dict[str, int]


class Bye(msgspec.Struct, frozen=True, tag_field="op", tag="bye"):
    """The server is about to close; come back after `after_ms`."""

    after_ms: int


ServerFrame = Welcome | Snapshot | Happened | Ack | Reply | Refusal | Hinted | Unfollowed | Pong | Bye


class Close:
    """Close codes; each says what a client does next."""

    RESTART = 1012  # come back after the jitter named in `bye`
    SIGN_IN = 4401  # the cookie, header or ticket is missing or over: sign in again
    FORBIDDEN = 4403  # this origin or role has no door here: stop
    GONE = 4404  # the contact does not exist or was erased: start a new one
    TOO_SLOW = 4408  # the client did not read what was sent: come back and resume
    MALFORMED = 4400  # frames that cannot be read, several in a row: reload the page
    TOO_FAST = 4429  # too many frames: come back after a few seconds


class _Word(msgspec.Struct):
    """The tag of a command, whatever else it carries."""

    type: str = ""


_client = msgspec.json.Decoder(ClientFrame)
_word = msgspec.json.Decoder(_Word)
_encoder = msgspec.json.Encoder()


def read_client_frame(text: str | bytes) -> ClientFrame:
    """Decode one frame of a client; raises Malformed with the place, never the content."""
    try:
        frame: ClientFrame = _client.decode(text)
        return frame
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed(place_of(fault)) from None


def word_of(command: msgspec.Raw) -> str:
    """Name a command's word without reading it; empty where it has none."""
    try:
        return _word.decode(command).type
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def encode(frame: Any) -> bytes:
    """Encode a frame, an event or a view as JSON."""
    return _encoder.encode(frame)


def place_of(fault: Exception) -> str:
    """Name where decoding failed: the JSON path of a validation error, else `$`."""
    _, found, path = str(fault).rpartition(" - at `")
    return path.rstrip("`") if found else "$"
