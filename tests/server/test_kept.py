"""What is kept, how long, who read it: for the visitor alone, by cookie or code, and nothing leaks to who guesses."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from accounts import return_codes
from accounts import store as accounts
from accounts.auth import CONTACT_COOKIE
from accounts.domain.return_code import ALPHABET, CODE_BYTES, read, spell
from accounts.models import ReturnCode
from accounts.orm import off_loop
from chat.messages import OpenContact
from kernel import clock, ids
from kernel.decider import Address
from kernel.terms import SYSTEM, Actor, Role
from recordings_policy import messages as records
from recordings_policy import store
from recordings_policy.domain.access import Circumstances, Need, Reason, Resource
from recordings_policy.policy import Channel, Purpose
from server import kept
from server.wiring import hub, stop
from tests.personas import CHEN

pytestmark = pytest.mark.promise("R8")
HASH = "0" * 64


class Browser(AsyncClient):
    """A client whose address the test chooses."""

    address = "127.0.0.1"

    def _base_scope(self, **request: Any) -> dict[str, Any]:
        """As Django's, from another address."""
        scope: dict[str, Any] = super()._base_scope(**request)  # type: ignore[misc]
        return {**scope, "client": [self.address, 0]}


class Visitor:
    """Somebody with a contact, and their browser."""

    def __init__(self) -> None:
        """Not come yet."""
        self.contact = ids.contact_id()
        self.actor = Actor(Role.VISITOR, self.contact)
        self.http = Browser()
        self.origin = "http://testserver"

    async def come(self) -> None:
        """Open a contact and agree to be recorded; the browser holds the cookie."""
        engine, now = (await hub()).engine, clock.now()
        await engine.submit(Address("session", self.contact), OpenContact("main"), self.actor, now, "open")
        await engine.settled()
        consent = records.GiveConsent(Purpose.RECORDING, "rec-1", HASH, Channel.PAGE)
        await engine.submit(Address("record", self.contact), consent, self.actor, now, "yes")
        self.http.cookies[CONTACT_COOKIE] = await accounts.aissue_visitor_token(self.contact, now)

    async def ask(self, path: str, body: dict[str, Any] | None = None, address: str = "127.0.0.1") -> Any:
        """POST to a path below kept."""
        said = json.dumps(body or {})
        where = f"/api/v1/kept{path}"
        self.http.address = address
        headers = {"origin": self.origin}
        return await self.http.post(where, said, content_type="application/json", headers=headers)


@pytest.fixture
def told(transactional_db: None, settings: Any) -> Callable[[Callable[[Visitor], Awaitable[None]]], None]:
    """Tell a story with a visitor who has come."""
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.XINQIAO_HTTPS = False
    kept._tries.clear()

    def tell(story: Callable[[Visitor], Awaitable[None]]) -> None:
        async def run() -> None:
            visitor = Visitor()
            try:
                await visitor.come()
                await story(visitor)
            finally:
                await stop()

        asyncio.run(run())

    return tell


def test_the_book_tells_consents_looks_and_times_and_not_a_name(told: Any) -> None:
    async def story(visitor: Visitor) -> None:
        met = Circumstances(frozenset({Need.IN_HAND}))
        for _ in range(2):
            await off_loop(store.ask, CHEN, Resource.TRANSCRIPT, visitor.contact, Reason.CARE, met, clock.now())
        answer = await visitor.ask("")
        assert answer.status_code == 200, answer.content
        assert answer.headers["Cache-Control"] == "no-store"
        book = answer.json()
        assert [(each["purpose"], each["version"], each["channel"]) for each in book["consents"]] == [
            ("recording", "rec-1", "page")
        ]
        assert [(each["role"], each["number"], each["what"]) for each in book["looks"]] == [
            ("counselor", 1, "transcript")
        ] * 2
        assert "chen" not in answer.content.decode()
        assert (book["closed_at"], book["gone"], book["recordings"]) == (None, False, [])

    told(story)


def test_a_code_opens_the_same_book_elsewhere_and_the_look_by_code_is_in_it(told: Any) -> None:
    async def story(visitor: Visitor) -> None:
        code = (await visitor.ask("/code")).json()["code"]
        elsewhere = Visitor()
        assert (await elsewhere.ask("")).status_code == 401
        assert (await elsewhere.ask("/code")).status_code == 401
        for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('0', 'O').replace('1', 'l')} "):
            assert (await elsewhere.ask("", {"code": typed})).status_code == 200
        looks = (await elsewhere.ask("", {"code": code})).json()["looks"]
        assert [(each["role"], each["why"]) for each in looks] == [("visitor", "own")]

    told(story)


def test_wrong_codes_and_no_codes_are_answered_alike(told: Any) -> None:
    async def story(visitor: Visitor) -> None:
        right = (await visitor.ask("/code")).json()["code"]
        near = right[:-1] + next(each for each in ALPHABET if each != right[-1])
        answers = set()
        for typed in (near, spell(b"x" * CODE_BYTES), "hello", "我的记录", "?", "1" * 60, f"{right}0"):
            for path, more in (("", {}), ("/erase", {"sure": True}), ("/withdraw", {"purpose": "recording"})):
                answer = await Visitor().ask(path, {"code": typed, **more})
                answers.add((answer.status_code, answer.content))
        assert answers == {(404, b'{"code": "no_such_code"}')}

    told(story)


def test_guessing_is_slowed_and_a_colleague_at_another_address_is_not(told: Any) -> None:
    async def story(visitor: Visitor) -> None:
        code = (await visitor.ask("/code")).json()["code"]
        statuses = [(await Visitor().ask("", {"code": "wrong"}, "10.0.0.1")).status_code for _ in range(70)]
        assert statuses[:60] == [404] * 60
        assert 429 in statuses[60:]
        assert (await Visitor().ask("", {"code": code}, "10.0.0.2")).status_code == 200
        assert (await visitor.ask("", {}, "10.0.0.1")).status_code == 200, "the talk's own browser is never slowed"

    told(story)


def test_consent_ends_and_erasure_begins_by_code(told: Any) -> None:
    async def story(visitor: Visitor) -> None:
        code = (await visitor.ask("/code")).json()["code"]
        elsewhere = Visitor()
        book = (await elsewhere.ask("/withdraw", {"code": code, "purpose": "recording"})).json()
        assert (book["consents"], book["refusals"]) == ([], ["recording"])
        assert (await elsewhere.ask("/erase", {"code": code})).status_code == 422, "not without saying so"
        book = (await elsewhere.ask("/erase", {"code": code, "sure": True})).json()
        assert book["erase_at"]
        engine = (await hub()).engine
        closing = records.CloseRecord(clock.now())
        await engine.submit(Address("record", visitor.contact), closing, SYSTEM, clock.now(), "close")
        book = (await elsewhere.ask("", {"code": code})).json()
        assert book["sealed"] or book["gone"]

    told(story)


def test_a_foreign_page_cannot_use_the_cookie(told: Any) -> None:
    async def story(visitor: Visitor) -> None:
        visitor.origin = "https://evil.example"
        for path, more in (("", {}), ("/code", {}), ("/erase", {"sure": True})):
            assert (await visitor.ask(path, more)).status_code == 403

    told(story)


@pytest.mark.django_db
def test_codes_are_kept_as_keyed_digests_and_five_of_them() -> None:
    now = clock.now()
    codes = [return_codes.issue("c1", now + timedelta(seconds=number)) for number in range(7)]
    assert [return_codes.contact_of(code) for code in codes] == [None] * 2 + ["c1"] * 5
    stored = b"".join(bytes(row.digest) for row in ReturnCode.objects.all())
    assert all(code.replace("-", "").encode() not in stored for code in codes)


@given(secret=st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES))
def test_what_is_written_is_read(secret: bytes) -> None:
    code = spell(secret)
    plain = code.replace("-", "")
    assert read(code) == read(code.lower()) == read(f" {code} ") == plain
    number = 0
    for each in plain:
        number = number * 32 + ALPHABET.index(each)
    assert number.to_bytes(CODE_BYTES) == secret


@given(text=st.text(max_size=40))
def test_whatever_is_typed_is_a_code_or_none(text: str) -> None:
    code = read(text)
    assert code is None or (len(code) == 16 and set(code) <= set(ALPHABET))
