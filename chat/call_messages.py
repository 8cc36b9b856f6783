"""The words of a call: what people may ask, and what the log then holds. No SDP, no address ever stands here."""

from datetime import datetime
from typing import Literal

from chat import media_messages as media
from kernel.terms import Attending, Role
from kernel.wire import Command, Event, Name, Short

EndReason = Literal[
    "visitor", "counselor", "declined", "no_answer", "not_connected", "lost", "counselor_lost", "session_over"
]
Side = Literal["visitor", "counselor"]
Of = Literal["visitor", "counselor", "guest"]
LegReport = Literal["connected", "lost"]


# --- commands of people -------------------------------------------------------------------------------


class RequestCall(Command, frozen=True, tag="call.request"):
    """Ask the other side to talk instead of write; the visitor and the counselor in charge may."""


class AcceptCall(Command, frozen=True, tag="call.accept"):
    """Say yes to the other side's request."""


class DeclineCall(Command, frozen=True, tag="call.decline"):
    """Say no, or take one's own request back; the talk goes on in writing."""


class HoldCall(Command, frozen=True, tag="call.hold"):
    """Put the visitor on hold, or go on talking; the counselor in charge may."""

    on: bool


class EndCall(Command, frozen=True, tag="call.end"):
    """Hang up; the talk goes on in writing."""


class JoinCall(Command, frozen=True, tag="call.join"):
    """Whoever is beside the counselor comes into the call: as they attend the session, or to talk (three-way)."""


class LeaveCall(Command, frozen=True, tag="call.leave"):
    """Whoever came into the call leaves it again."""


class PauseRecording(Command, frozen=True, tag="call.pause"):
    """Keep the next words out of a recording, or let it go on; each side takes back its own pause only."""

    on: bool


class MuteCall(Command, frozen=True, tag="call.mute"):
    """Whoever is in the call has switched their microphone off, or on again; said so that nobody wonders."""

    on: bool


# --- commands of the house ----------------------------------------------------------------------------


class PlaceCall(Command, frozen=True, tag="call.place"):
    """The switchboard found a media worker; `instead_of` is the one that is gone, so that two finders agree."""

    call: Name
    node: Short
    instead_of: Short = ""


class ReportLeg(Command, frozen=True, tag="call.report"):
    """A media worker tells what became of a leg; one that has lost the call is not listened to."""

    call: Name
    leg: Name
    what: LegReport
    node: Short


class ReportRecording(Command, frozen=True, tag="call.report_recording"):
    """A media worker tells that it has begun to write a recording, or stopped."""

    call: Name
    on: bool
    node: Short


class HandOverCall(Command, frozen=True, tag="call.hand_over"):
    """The contact has another counselor now; the session tells its call."""

    counselor: Name
    grade: Role


class AttendCall(Command, frozen=True, tag="call.attend"):
    """Somebody attends the session in another way than before, or no more (None); from the session."""

    staff: Name
    grade: Role
    how: Attending | None


class CloseCall(Command, frozen=True, tag="call.close"):
    """The session is over or has lost its counselor, so the call ends; the session tells its call."""

    reason: EndReason = "session_over"


class BeginCall(Command, frozen=True, tag="call.begin"):
    """Both have said already that they want to talk: who came by voice, and who accepted that; from the session."""


# --- events -------------------------------------------------------------------------------------------


class CallRequested(Event, frozen=True, tag="call.requested"):
    """One side asks to talk."""

    call: str
    side: Side
    at: datetime


class CallAccepted(Event, frozen=True, tag="call.accepted"):
    """Both want to talk: their pages may send an offer each."""

    call: str
    counselor: str
    grade: Role
    at: datetime
    line: str = ""


class CallPlaced(Event, frozen=True, tag="call.placed"):
    """The call lives on this media worker; with another worker than before, every page offers anew.

    `node` is the house's own business and is shown to nobody.
    """

    call: str
    at: datetime
    node: str = ""


class LegConnected(Event, frozen=True, tag="call.leg_connected"):
    """Somebody's media flows."""

    call: str
    leg: str
    of: Of


class LegLost(Event, frozen=True, tag="call.leg_lost"):
    """Somebody's media stopped; the call is kept for a minute."""

    call: str
    leg: str
    of: Of
    at: datetime


class CallStarted(Event, frozen=True, tag="call.started"):
    """Visitor and counselor hear each other for the first time."""

    call: str
    at: datetime


class CallHeld(Event, frozen=True, tag="call.held"):
    """The visitor hears the waiting clip, or the counselor again."""

    call: str
    on: bool


class CallAttended(Event, frozen=True, tag="call.attended"):
    """Somebody attends, in another way, or no more; the visitor is shown barges and their end, nothing else."""

    call: str
    staff: str
    grade: Role
    how: Attending | None
    at: datetime
    before: Attending | None = None


class CallJoined(Event, frozen=True, tag="call.joined"):
    """A third person talks, or has left again."""

    call: str
    staff: str
    grade: Role
    on: bool
    at: datetime


class CallHandedOver(Event, frozen=True, tag="call.handed_over"):
    """Another counselor is in charge of the call."""

    call: str
    counselor: str
    grade: Role
    at: datetime


class CallPaused(Event, frozen=True, tag="call.paused"):
    """One side keeps its words out of the recording, or no more; nothing is written while any side does."""

    call: str
    side: Side
    on: bool


class CallMuted(Event, frozen=True, tag="call.muted"):
    """Somebody's microphone is off, or on again."""

    call: str
    leg: str
    of: Of
    on: bool


class CallRecorded(Event, frozen=True, tag="call.recorded"):
    """A recording is being written from now on, or no more."""

    call: str
    on: bool
    at: datetime


class CallEnded(Event, frozen=True, tag="call.ended"):
    """Nobody talks any more; writing goes on. `line` stands where both had wanted to talk."""

    call: str
    reason: EndReason
    at: datetime
    line: str = ""


VISITOR_SAYS = (RequestCall, AcceptCall, DeclineCall, EndCall, MuteCall, PauseRecording, *media.SAID)
COUNSELOR_SAYS = (*VISITOR_SAYS, HoldCall, JoinCall, LeaveCall)
SYSTEM_SAYS = (PlaceCall, ReportLeg, ReportRecording)
SAID = (*COUNSELOR_SAYS, *SYSTEM_SAYS)
HAPPENED = (
    CallRequested,
    CallAccepted,
    CallPlaced,
    LegConnected,
    LegLost,
    CallStarted,
    CallHeld,
    CallAttended,
    CallJoined,
    CallHandedOver,
    CallMuted,
    CallPaused,
    CallRecorded,
    CallEnded,
)
