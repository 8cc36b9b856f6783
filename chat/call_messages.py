"""The words of a call: what people may ask, and what the log then holds. No SDP, no address ever stands here."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from kernel.terms import Attending, Role
from kernel.wire import Command, Event, Name, Short

EndReason = Literal["visitor", "counselor", "declined", "no_answer", "not_connected", "lost", "session_over"]
LegReport = Literal["connected", "lost"]
Sdp = Annotated[str, msgspec.Meta(min_length=20, max_length=16 * 1024, pattern=r"^[^\x00]*$")]


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


class AttendCall(Command, frozen=True, tag="call.attend"):
    """A supervisor listens, whispers to the counselor, or speaks to both; None leaves."""

    how: Attending | None


class JoinCall(Command, frozen=True, tag="call.join"):
    """A crisis worker or a colleague joins the talk before taking it over (three-way)."""


class LeaveCall(Command, frozen=True, tag="call.leave"):
    """Whoever joined leaves again."""


class OfferMedia(Command, frozen=True, tag="call.offer"):
    """A browser's SDP for its own leg. For the switchboard at the door only: no decider takes it, no log holds it."""

    call: Name
    sdp: Sdp


# --- commands of the house ----------------------------------------------------------------------------


class PlaceCall(Command, frozen=True, tag="call.place"):
    """The switchboard found a media worker; also another one, when the first is gone."""

    call: Name
    node: Short


class ReportLeg(Command, frozen=True, tag="call.report"):
    """A media worker tells what became of a leg."""

    call: Name
    leg: Name
    what: LegReport


class HandOverCall(Command, frozen=True, tag="call.hand_over"):
    """The contact has another counselor now."""

    counselor: Name
    grade: Role


class CloseCall(Command, frozen=True, tag="call.close"):
    """The session is over, so is the call."""


# --- events -------------------------------------------------------------------------------------------


class CallRequested(Event, frozen=True, tag="call.requested"):
    """One side asks to talk."""

    call: str
    side: Literal["visitor", "counselor"]
    at: datetime


class CallAccepted(Event, frozen=True, tag="call.accepted"):
    """Both want to talk: their pages may send an offer each."""

    call: str
    counselor: str
    grade: Role
    at: datetime


class CallPlaced(Event, frozen=True, tag="call.placed"):
    """The call lives on this media worker; with another worker than before, every page offers anew."""

    call: str
    node: str
    at: datetime


class LegConnected(Event, frozen=True, tag="call.leg_connected"):
    """Somebody's media flows."""

    call: str
    leg: str


class LegLost(Event, frozen=True, tag="call.leg_lost"):
    """Somebody's media stopped; the call is kept for a minute."""

    call: str
    leg: str
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
    """A supervisor attends, in another way, or no more; never shown to the visitor unless it is a barge."""

    call: str
    supervisor: str
    how: Attending | None


class CallJoined(Event, frozen=True, tag="call.joined"):
    """A third person talks, or has left again."""

    call: str
    staff: str
    grade: Role
    on: bool


class CallHandedOver(Event, frozen=True, tag="call.handed_over"):
    """Another counselor is in charge of the call."""

    call: str
    counselor: str
    grade: Role
    at: datetime


class CallEnded(Event, frozen=True, tag="call.ended"):
    """Nobody talks any more; writing goes on."""

    call: str
    reason: EndReason
    at: datetime


VISITOR_COMMANDS = (RequestCall, AcceptCall, DeclineCall, EndCall)
COUNSELOR_COMMANDS = (RequestCall, AcceptCall, DeclineCall, HoldCall, EndCall)
SUPERVISOR_COMMANDS = (AttendCall,)
COLLEAGUE_COMMANDS = (JoinCall, LeaveCall)
SYSTEM_COMMANDS = (PlaceCall, ReportLeg, HandOverCall, CloseCall)
COMMANDS = (
    RequestCall,
    AcceptCall,
    DeclineCall,
    HoldCall,
    EndCall,
    AttendCall,
    JoinCall,
    LeaveCall,
    *SYSTEM_COMMANDS,
)
EVENTS = (
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
    CallEnded,
)
HIDDEN_FROM_VISITOR = (CallPlaced,)
