"""Who may open what of a contact, for which reason, under which conditions; everything else is no."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from kernel.terms import Role


class Resource(StrEnum):
    """What somebody may want to open."""

    TRANSCRIPT = "transcript"
    RECORDING = "recording"
    NOTE = "note"  # the counselor's wrap-up note
    CASE = "case"
    REACH = "reach"  # how they said they may be reached
    PACKET = "packet"  # what a referral partner is told
    IDENTITY = "identity"  # who they are, from the identity vault
    RECORD = "record"  # consents, plan, holds: what is kept and how long
    ACCESS_LOG = "access_log"


class Reason(StrEnum):
    """Why; one of these words goes into the access log."""

    OWN = "own"  # the visitor's own contact
    CARE = "care"  # 在办
    SUPERVISION = "supervision"  # 督导
    CRISIS = "crisis"  # 危机干预
    COMPLAINT = "complaint"  # 投诉
    TRAINING = "training"  # 培训
    REFERRAL = "referral"  # 转介
    BREAK_GLASS = "break_glass"  # 紧急查阅
    DISCLOSURE = "disclosure"  # 依法提供
    AUDIT = "audit"  # 审计


class Need(StrEnum):
    """A condition; its value is also the code of the refusal where it is not met."""

    OWNER = "not_yours"  # the visitor of this contact
    IN_HAND = "not_in_hand"  # the contact is with them, or was within the last three days
    IN_SCOPE = "not_your_line"
    OPEN_CASE = "no_open_case"
    CONSENT = "no_consent"  # the visitor's standing consent to this purpose
    REFERENCE = "no_reference"  # the number of the paper that asks for it
    SECOND_PERSON = "no_second_person"
    HOLD = "no_hold"
    GLASS = "no_glass"  # a second person let them, for this resource, and the time is not over
    REFERRED = "not_referred"  # it is this partner's turn


class Terms(msgspec.Struct, frozen=True):
    """Conditions of one cell; `notice` tells the supervisor at once, `sealed` opens sealed contacts too."""

    needs: frozenset[Need]
    notice: bool = False
    sealed: bool = False


class Circumstances(msgspec.Struct, frozen=True):
    """What is true of the one who asks and of the contact, gathered by the shell at the moment of asking."""

    met: frozenset[Need] = frozenset()
    sealed: bool = False
    gone: bool = False


class Answer(msgspec.Struct, frozen=True):
    """Opened or not; `code` says why not, `notice` that the supervisor must be told, `look` its number in the log."""

    opened: bool
    code: str = ""
    notice: bool = False
    look: int = 0


# How long after closing a counselor may still read a contact of their own.
AFTERWARDS = timedelta(days=3)

_TALK = frozenset({Resource.TRANSCRIPT, Resource.NOTE, Resource.CASE, Resource.RECORD})
_HEARD = frozenset({Resource.TRANSCRIPT, Resource.RECORDING})
_WORDS = _TALK | _HEARD
_BEHIND_GLASS = _WORDS | {Resource.REACH, Resource.IDENTITY}
_BOOKS = frozenset({Resource.RECORD, Resource.ACCESS_LOG})
_COUNSELING = (Role.COUNSELOR, Role.PEER_SUPPORTER, Role.CRISIS_WORKER, Role.SUPERVISOR)

Cell = tuple[Role, Resource, Reason]


def _rows() -> dict[Cell, Terms]:
    """Write the table down, one line of intent at a time."""
    table: dict[Cell, Terms] = {}

    def may(roles: tuple[Role, ...], what: frozenset[Resource], why: Reason, *needs: Need, **more: bool) -> None:
        for role in roles:
            for resource in what:
                table[role, resource, why] = Terms(frozenset(needs), **more)

    need = Need
    own = frozenset({Resource.TRANSCRIPT, Resource.RECORDING, Resource.RECORD, Resource.ACCESS_LOG})
    may((Role.VISITOR,), own, Reason.OWN, need.OWNER)
    may(_COUNSELING, _TALK | {Resource.REACH, Resource.PACKET}, Reason.CARE, need.IN_HAND)
    crisis = _WORDS | {Resource.REACH}
    may((Role.CRISIS_WORKER, Role.SUPERVISOR), crisis, Reason.CRISIS, need.IN_SCOPE, need.OPEN_CASE)
    may((Role.SUPERVISOR,), _TALK, Reason.SUPERVISION, need.IN_SCOPE)
    may((Role.SUPERVISOR,), _WORDS, Reason.COMPLAINT, need.IN_SCOPE, need.REFERENCE)
    may((Role.COUNSELOR, Role.SUPERVISOR), _HEARD, Reason.TRAINING, need.IN_SCOPE, need.CONSENT)
    may((Role.SUPERVISOR, Role.CRISIS_WORKER), _BEHIND_GLASS, Reason.BREAK_GLASS, need.GLASS, notice=True)
    papers = (need.REFERENCE, need.SECOND_PERSON, need.HOLD)
    disclosed = _WORDS | {Resource.IDENTITY}
    may((Role.ADMINISTRATOR,), disclosed, Reason.DISCLOSURE, *papers, notice=True, sealed=True)
    may((Role.ADMINISTRATOR, Role.SUPERVISOR), _BOOKS, Reason.AUDIT, sealed=True)
    may((Role.REFERRAL_PARTNER,), frozenset({Resource.PACKET, Resource.TRANSCRIPT}), Reason.REFERRAL, need.REFERRED)
    return table


TABLE = _rows()


def may_open(role: Role, resource: Resource, reason: Reason, circumstances: Circumstances) -> Answer:
    """Answer whether this role may open this for this reason now; whoever opens it must then be logged."""
    terms = TABLE.get((role, resource, reason))
    if terms is None:
        return Answer(False, "not_permitted")
    missing = sorted(terms.needs - circumstances.met)
    if missing:
        return Answer(False, missing[0])
    paper = resource in _BOOKS
    if circumstances.gone and not paper:
        return Answer(False, "erased")
    if circumstances.sealed and not (terms.sealed or paper):
        return Answer(False, "sealed")
    return Answer(True, "", terms.notice)


def in_hand(holds_it: bool, held_it: bool, closed_at: datetime | None, now: datetime) -> bool:
    """Say whether a contact is in somebody's hands: now, or theirs and closed less than three days ago."""
    return holds_it or (held_it and (closed_at is None or now < closed_at + AFTERWARDS))
