"""An example of every struct on the wire, made from one plausible value per field name."""

from typing import Any

import msgspec
from msgspec import inspect as look

# A field that is not named here takes the plainest value of its type.
SAMPLES: dict[str, Any] = {
    "text": "最近总是睡不着，白天上班也提不起劲。",
    "reason": "break",
    "note": "已商定今晚先休息，明天联系心灵驿站。",
    "issues": ["sleep", "work"],
    "topics": ["sleep", "work"],
    "contact": "c7Qm2xV9",
    "counselor": "k4Zr8n",
    "offer": "o2Hs5w",
    "line": "main",
    "name": "林老师",
    "number": 17,
    "language": "zh-Hans",
    "id": "m1",
    "to": "session.c7Qm2xV9",
    "feed": "session.c7Qm2xV9",
    "feeds": ["desk.main"],
    "resume": {"session.c7Qm2xV9": 4},
    "heads": {"session.c7Qm2xV9": 5},
    "seq": 5,
    "prev": 4,
    "after": 4,
    "delivered": 5,
    "read": 4,
    "epoch": 1,
    "tier": 1,
    "heartbeat_s": 5,
    "after_ms": 1500,
    "code": "stale_offer",
    "text_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "rule": "plan.time",
    "version": "1",
    "category": "plan",
    "ahead": 2,
    "waiting": True,
    "on_duty": 3,
    "slots": 2,
    "level": "high",
    "before": "moderate",
    "grade": "counselor",
    "role": "counselor",
    "call": "c7Qm2xV9.1",
    "sdp": "v=0 o=- 1 1 IN IP4 0.0.0.0 s=- t=0 0",
    "packet": {"need": "希望有人陪我去医院一次。"},
    "fields": ["need"],
    "boundary": ["need", "called"],
    "command": {"type": "message.post", "text": "您好，我在。"},
    "event": {"type": "message.posted", "text": "您好，我在。"},
    "view": {
        "line": "main",
        "tickets": {},
        "seats": {},
        "intervals": [],
        "policy_version": 1,
        "alarms": {},
        "notices": {},
        "intake_closed_until": None,
        "surge_until": None,
        "uncovered": [],
        "incidents": {},
    },
}
LATER = {"expires_at", "due_at", "closes_at", "admits_until", "until"}


def example(cls: type[msgspec.Struct]) -> Any:
    """Build one valid value of a struct as plain JSON; raises ValidationError where none fits."""
    plain = msgspec.json.encode(_struct(look.type_info(cls)))
    return msgspec.json.decode(msgspec.json.encode(msgspec.json.decode(plain, type=cls)))


def _struct(kind: look.Type) -> dict[str, Any]:
    assert isinstance(kind, look.StructType)  # noqa: S101 (tells mypy what a struct's type_info is)
    tag = {kind.tag_field: kind.tag} if kind.tag_field else {}
    wanted = [field for field in kind.fields if field.required or field.name in SAMPLES]
    return tag | {field.encode_name: _value(field.name, field.type) for field in wanted}


def _value(name: str, kind: look.Type) -> Any:
    for candidate in _candidates(name, kind):
        if _fits(candidate, kind):
            return candidate
    return _plain(name, kind)


def _candidates(name: str, kind: look.Type) -> list[Any]:
    return [SAMPLES[name]] if name in SAMPLES and not isinstance(kind, look.StructType) else []


def _fits(value: Any, kind: look.Type) -> bool:
    if isinstance(kind, look.EnumType):
        return value in {each.value for each in kind.cls}
    if isinstance(kind, look.LiteralType):
        return value in kind.values
    if isinstance(kind, look.UnionType):
        return any(_fits(value, each) for each in kind.types)
    if isinstance(kind, look.DateTimeType | look.NoneType | look.StructType):
        return False
    expected = {look.StrType: str, look.IntType: int, look.BoolType: bool, look.DictType: dict}.get(type(kind))
    return expected is None or isinstance(value, expected)


def _plain(name: str, kind: look.Type) -> Any:
    if isinstance(kind, look.StructType):
        return _struct(kind)
    if isinstance(kind, look.EnumType):
        return next(iter(kind.cls)).value
    if isinstance(kind, look.LiteralType):
        return kind.values[0]
    if isinstance(kind, look.UnionType):
        return _value(name, next(each for each in kind.types if not isinstance(each, look.NoneType)))
    if isinstance(kind, look.DateTimeType):
        return "2026-03-02T02:05:00Z" if name in LATER else "2026-03-02T02:00:00Z"
    if isinstance(kind, look.VarTupleType):
        return [_value(name, kind.item_type)]
    return {look.StrType: "x1", look.IntType: 1, look.BoolType: False, look.FloatType: 0.5}.get(type(kind))
