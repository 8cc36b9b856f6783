"""What staff ask of the books, two of them each time: a legal hold, and a look through the glass."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from kernel.wire import Command, Event, Name
from recordings_policy.policy import Instant

HoldNumber = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
GlassNumber = HoldNumber

# What a glass may be broken for; the same words as domain/access.py, which stands above this page.
Behind = Literal["transcript", "recording", "note", "case", "record", "reach", "identity"]
# Why; a word and the number of a paper, never a sentence: this book outlives the contact's key.
Cause = Literal["life_in_danger", "harm_to_others", "minor_at_risk", "complaint", "court"]

# --- commands -----------------------------------------------------------------------------------------


class PlaceHold(Command, frozen=True, tag="hold.place"):
    """Ask that nothing of this contact be destroyed: on whose authority, by which document, until when."""

    authority: Name
    document: Name
    expires_at: Instant


class ApproveHold(Command, frozen=True, tag="hold.approve"):
    """A second person agrees to a proposed hold."""

    hold: HoldNumber


class LiftHold(Command, frozen=True, tag="hold.lift"):
    """End a hold before its time; takes effect when a second person says the same."""

    hold: HoldNumber


class AskGlass(Command, frozen=True, tag="glass.ask"):
    """Ask to look at something that is not one's own, for this cause; a second person must agree."""

    behind: Behind
    cause: Cause
    reference: Name


class BreakGlass(Command, frozen=True, tag="glass.break"):
    """A second person agrees: whoever asked may look, for a while."""

    glass: GlassNumber


class RefuseGlass(Command, frozen=True, tag="glass.refuse"):
    """A second person says no; or whoever asked takes it back."""

    glass: GlassNumber


# --- events -------------------------------------------------------------------------------------------


class HoldProposed(Event, frozen=True, tag="hold.proposed"):
    """One person asks for a hold; destruction waits until `lapses_at` for a second person to agree."""

    hold: int
    authority: str
    document: str
    expires_at: datetime
    lapses_at: datetime
    person: str


class HoldPlaced(Event, frozen=True, tag="hold.placed"):
    """Two people agreed: nothing is destroyed while the hold stands."""

    hold: int


class HoldLapsed(Event, frozen=True, tag="hold.lapsed"):
    """Nobody agreed in time."""

    hold: int


class HoldLiftProposed(Event, frozen=True, tag="hold.lift_proposed"):
    """One person wants the hold ended."""

    hold: int
    person: str


class HoldLifted(Event, frozen=True, tag="hold.lifted"):
    """Two people ended the hold; the plan goes on where it stood."""

    hold: int


class HoldExpired(Event, frozen=True, tag="hold.expired"):
    """The hold's own time is over; the plan goes on where it stood."""

    hold: int


class GlassAsked(Event, frozen=True, tag="glass.asked"):
    """Somebody wants to look; nobody may yet. Nobody who agrees before `lapses_at`: it is over."""

    glass: int
    behind: Behind
    cause: Cause
    reference: str
    person: str
    lapses_at: datetime


class GlassBroken(Event, frozen=True, tag="glass.broken"):
    """Two people agreed: `person` may look until `until`, and not after."""

    glass: int
    person: str
    until: datetime


class GlassRefused(Event, frozen=True, tag="glass.refused"):
    """It stays shut."""

    glass: int
