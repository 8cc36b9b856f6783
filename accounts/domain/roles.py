"""One table of rights: the doors a role passes, the words it may say to which aggregate, what it may edit.

Words are command tags of the rooms; accounts lies under the rooms and cannot import them, so a test holds the
tags against the rooms' own messages. Everything that is not written here is refused.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from kernel.terms import COUNSELING, STAFF, Role


class Door(StrEnum):
    """A way in: three sockets, the staff's side of the API, and the admin pages."""

    CONTACT = "contact"
    CONSOLE = "console"
    SUPERVISION = "supervision"
    STAFF = "staff"
    ADMIN = "admin"


class Register(StrEnum):
    """What the admin pages keep."""

    STAFF = "staff"
    LINE = "line"
    SCHEDULE = "schedule"
    POLICY = "policy"
    ROSTER = "roster"


Words = Mapping[str, frozenset[str]]


class Rights(msgspec.Struct, frozen=True):
    """What one role may do; `says` maps the kind of an aggregate to command tags."""

    doors: frozenset[Door] = frozenset()
    says: Words = {}
    edits: frozenset[Register] = frozenset()


_CALLS = frozenset(
    {"call.request", "call.accept", "call.decline", "call.end", "call.mute", "call.pause", "call.offer", "call.prepare"}
)
_VISITOR: Words = {
    "session": frozenset({"message.post", "receipt.mark", "session.end", "contact.ask"}) | _CALLS,
    "case": frozenset(
        {
            "intake.submit",
            "help.now",
            "reach.give",
            "callback.ask",
            "callback.cancel",
            "referral.consent",
            "referral.refuse",
            "referral.welcome",
        }
        | {"appointment.book", "appointment.cancel"}
    ),
    "record": frozenset({"consent.give", "consent.withdraw", "recording.stop", "erase.request"}),
}
_PEER_SUPPORTER: Words = {
    "desk": frozenset(
        {
            "seat.ready",
            "seat.stand_by",
            "seat.pause",
            "seat.leave",
            "offer.accept",
            "offer.decline",
            "ticket.take",
            "ticket.tag",
            "transfer.offer",
            "transfer.accept",
            "transfer.end",
            "consult.ask",
            "consult.accept",
            "consult.end",
            "notice.acknowledge",
        }
    ),
    "session": frozenset(
        {
            "message.post",
            "message.whisper",
            "receipt.mark",
            "session.end",
            "wrap_up.submit",
            "call.hold",
            "call.join",
            "call.leave",
        }
    )
    | _CALLS,
    "case": frozenset({"risk.raise", "help.now", "escalation.check", "safety_plan.keep", "reach.give"}),
    # What a visitor says aloud about consent, whoever is on the line writes down.
    "record": frozenset({"consent.give", "consent.withdraw", "recording.stop"}),
}
# Lowering a risk is a counselor's judgement; a part-time peer supporter raises it and asks a colleague.
_CRISIS = frozenset(
    {"escalation.acknowledge", "escalation.join", "escalation.leave", "rescue.call", "rescue.confirm", "risk.lower"}
)
_REFERS = frozenset(
    {"referral.offer", "referral.consent", "referral.refuse", "referral.send", "referral.close"}
    | {"referral.invite", "referral.welcome", "referral.depart", "screening.judge", "agreement.make", "agreement.end"}
    | {"appointment.book", "appointment.cancel", "appointment.close"}
    | {"follow_up.plan", "follow_up.take", "follow_up.attempt", "follow_up.close"}
)
_COUNSELOR: Words = {**_PEER_SUPPORTER, "case": _PEER_SUPPORTER["case"] | _CRISIS | _REFERS}
_HOLDS = frozenset({"hold.place", "hold.approve", "hold.lift"})
_GLASS = frozenset({"glass.ask", "glass.break", "glass.refuse"})
_STEERING = frozenset(
    {"incident.open", "incident.tell", "incident.close"}
    | {"ticket.assign", "intake.switch", "surge.switch", "notice.send", "seat.release"}
)
_ATTENDING = frozenset({"contact.attend", "contact.take_over"})
_SUPERVISOR: Words = {
    **_COUNSELOR,
    "desk": _COUNSELOR["desk"] | _STEERING | _ATTENDING,
    "case": _COUNSELOR["case"] | {"escalation.close", "follow_up.assign"},
    "record": _COUNSELOR["record"] | _HOLDS | _GLASS,
}
_CRISIS_WORKER: Words = {**_COUNSELOR, "record": _COUNSELOR["record"] | _GLASS}
_SYSTEM: Words = {
    "desk": frozenset(
        {
            "desk.configure",
            "hours.publish",
            "ticket.request",
            "ticket.lower",
            "ticket.switch_medium",
            "ticket.leave",
            "ticket.return",
            "ticket.withdraw",
            "wrap_up.begin",
            "seat.free",
            "seat.enter",
            "seat.lose",
            "seat.shift",
            "callback.request",
            "callback.cancel",
            "alarm.raise",
            "alarm.ring",
            "alarm.take",
            "alarm.join",
            "alarm.leave",
            "alarm.clear",
            "wait.note",
            "coverage.note",
            "intake.stop_softly",
            "elapse",
        }
    ),
    "session": frozenset(
        {
            "contact.open",
            "words.entrust",
            "session.enqueue",
            "session.deflect",
            "session.assign",
            "session.requeue",
            "session.abandon",
            "visitor.leave",
            "visitor.return",
            "session.note_risk",
            "session.note_escalation",
            "participant.join",
            "participant.leave",
            "session.attend",
            "call.place",
            "call.report",
            "call.report_recording",
            "elapse",
        }
    ),
    "case": frozenset(
        {"case.open", "case.close", "risk.raise", "escalation.open", "page.deliver", "consent.note", "elapse"}
        | {"ticket.ask", "deflection.note"}
        | {"appointment.note", "appointment.note_visit"}
    ),
    "agenda": frozenset({"agenda.publish", "agenda.hold", "agenda.free", "elapse"}),
    "record": frozenset(
        {
            "record.open",
            "record.close",
            "policy.apply",
            "recording.request",
            "identity.note",
            "recording.stop",
            "purge.begin",
            "purge.confirm",
            "elapse",
        }
    ),
}

TABLE: Mapping[Role, Rights] = {
    Role.VISITOR: Rights(frozenset({Door.CONTACT}), _VISITOR),
    Role.COUNSELOR: Rights(frozenset({Door.CONSOLE, Door.STAFF}), _COUNSELOR),
    Role.PEER_SUPPORTER: Rights(frozenset({Door.CONSOLE, Door.STAFF}), _PEER_SUPPORTER),
    Role.CRISIS_WORKER: Rights(frozenset({Door.CONSOLE, Door.STAFF}), _CRISIS_WORKER),
    Role.SUPERVISOR: Rights(
        frozenset({Door.CONSOLE, Door.SUPERVISION, Door.STAFF, Door.ADMIN}),
        _SUPERVISOR,
        frozenset({Register.LINE, Register.SCHEDULE, Register.POLICY, Register.ROSTER}),
    ),
    Role.ADMINISTRATOR: Rights(
        frozenset({Door.SUPERVISION, Door.STAFF, Door.ADMIN}),
        {"record": _HOLDS | (_GLASS - {"glass.ask"})},
        frozenset(Register),
    ),
    # No door: a partner's words come through a one-time link or a signed webhook.
    Role.REFERRAL_PARTNER: Rights(
        says={
            "case": frozenset({"referral.read", "referral.answer", "referral.enter", "referral.depart"}),
            "agenda": frozenset({"agenda.report"}),
        }
    ),
    Role.SYSTEM: Rights(says=_SYSTEM),
}


def doors(role: Role) -> frozenset[Door]:
    """Name the doors a role passes."""
    return TABLE[role].doors


def may_say(role: Role, kind: str, tag: str) -> bool:
    """Tell whether a role may give the command `tag` to an aggregate of `kind`."""
    return tag in TABLE[role].says.get(kind, frozenset())


def may_edit(role: Role, register: Register) -> bool:
    """Tell whether a role may change what a register of the admin pages holds."""
    return register in TABLE[role].edits


def may_use_admin(role: Role) -> bool:
    """Tell whether the admin pages open for a role."""
    return Door.ADMIN in TABLE[role].doors


def may_hold_seat(role: Role) -> bool:
    """Tell whether a role may hold a seat at a desk."""
    return role in COUNSELING


def is_staff(role: Role) -> bool:
    """Tell whether a role signs in with an account of its own."""
    return role in STAFF


def home(role: Role) -> str:
    """Name the page a role works on."""
    return "/wallboard/" if role is Role.ADMINISTRATOR else "/console/"
