"""Staff read what is not on their screen: every role and every resource over HTTP, each look in the log (R8)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import AsyncClient
from pytest_django import Settings

from accounts import return_codes, vault
from accounts import store as accounts
from accounts.auth import CONTACT_COOKIE
from accounts.orm import off_loop
from chat import messages as chat
from chat.voice.contract import RecordingDecision
from chat.voice.playback import one_track
from chat.voice.recorder import Sealer
from kernel import clock, ids
from kernel.decider import Address
from kernel.terms import SYSTEM, Actor, Medium, Role
from recordings_policy import messages as records
from recordings_policy import recordings, store
from recordings_policy.policy import Channel, Purpose
from server import heads_up
from server.wiring import hub, stop
from tests.chat.voice.test_playback import FRAMES, recorded
from tests.recordings_policy.people import DAY, HASH, T0, policy, promise

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.promise("R8"),
    pytest.mark.usefixtures("no_second_factor"),
]
HERE = {"origin": "http://testserver"}
WORDS = "这句话只有有权的人能看"
PEOPLE = {
    "chen": Role.COUNSELOR,
    "liu": Role.COUNSELOR,
    "peer": Role.PEER_SUPPORTER,
    "sun": Role.CRISIS_WORKER,
    "zhao": Role.SUPERVISOR,
    "qian": Role.SUPERVISOR,
    "far": Role.SUPERVISOR,
    "admin": Role.ADMINISTRATOR,
}
CARD = "4111111111111111"


class Story:
    """A contact of Chen's with words, a recording and an identity; and everybody who works here."""

    def __init__(self) -> None:
        """Nobody has come yet."""
        self.contact = ids.contact_id()
        self.actor = Actor(Role.VISITOR, self.contact)
        self.people: dict[str, AsyncClient] = {}

    async def say(self, kind: str, command: Any, by: Actor = SYSTEM) -> None:
        """Give one command."""
        engine = (await hub()).engine
        await engine.submit(Address(kind, self.contact), command, by, clock.now(), ids.command_id())
        await engine.settled()

    async def begin(self) -> None:
        """Everybody signs in; somebody talks with Chen, agrees to a recording, and shows a card."""
        for name in PEOPLE:
            self.people[name] = AsyncClient()
            user = await get_user_model().objects.aget(username=name)
            await self.people[name].aforce_login(user, backend="django.contrib.auth.backends.ModelBackend")
        await self.say("session", chat.OpenContact("main"), self.actor)
        await self.say("session", chat.PostMessage(WORDS), self.actor)
        await self.say("session", chat.Assign("chen", "陈", Role.COUNSELOR, 1))
        rules = await off_loop(store.rules_in_force, "main", clock.now())
        await self.say("record", records.ApplyPolicy(rules))
        await self.say("record", records.GiveConsent(Purpose.RECORDING, "rec-2", HASH, Channel.PAGE), self.actor)
        await self.say("record", records.RequestRecording())
        await off_loop(self._record)
        visitor = AsyncClient()
        visitor.cookies[CONTACT_COOKIE] = await accounts.aissue_visitor_token(self.contact, clock.now())
        card = {"proof": "union_card", "number": CARD, "name": "李秀英"}
        shown = await visitor.post("/api/v1/contacts/current/verify", card, "application/json", headers=HERE)
        assert shown.json() == {"verified": "union_card"}

    def _record(self) -> None:
        kept = recordings.begin(
            self.contact, 1, call="k1", policy_version=1, consents=("rec-2",), tracks=("a", "b"), now=clock.now()
        )
        with kept.path.open("xb") as file:
            sealer = Sealer(file, kept.key, RecordingDecision("k1", kept.recording, 1, ("rec-2",)))
            sealer.write(recorded())
            sealer.flush(last=True)

    async def look(self, name: str, resource: str, reason: str, reference: str = "") -> Any:
        """Somebody wants to see something."""
        wish = {"contact": self.contact, "resource": resource, "reason": reason, "reference": reference}
        return await self.people[name].post("/api/v1/books/look", wish, "application/json", headers=HERE)

    async def do(self, name: str, command: Any) -> Any:
        """Somebody says something about the books."""
        frame = {"id": ids.command_id(), "to": f"record.{self.contact}", "command": command}
        body = json.dumps(frame)
        return await self.people[name].post("/api/v1/books/commands", body, "application/json", headers=HERE)

    async def logged(self) -> list[tuple[str, str, str]]:
        """What the access log holds of this contact."""
        return [(look.who, look.what, look.why) for look in await off_loop(store.looks, self.contact)]


@pytest.fixture
def told(transactional_db: None, hire: Any, settings: Settings, tmp_path: Path) -> Any:
    """Tell a story in a house with everybody in it."""
    settings.XINQIAO_HTTPS, settings.RECORDINGS_DIR = False, tmp_path / "recordings"
    settings.VAULT_KEYS, settings.KEYS_DIR = {1: b"v" * 32}, tmp_path / "keys"
    settings.PAGING = '[{"name":"duty","kind":"console","audience":["duty_supervisor"]}]'
    for name, role in PEOPLE.items():
        hire(name, role, lines=("other",) if name == "far" else ("main",))
    voice = policy(Medium.VOICE, promises=(promise(),))
    store.publish_policy(voice, T0 - DAY, "admin", T0 - DAY)

    def tell(story: Callable[[Story], Awaitable[None]]) -> None:
        async def run() -> None:
            here = Story()
            try:
                await here.begin()
                await story(here)
            finally:
                await stop()

        asyncio.run(run())

    return tell


MAY = {("chen", what, "care") for what in ("transcript", "case", "record", "reach")}
MAY |= {(who, what, "supervision") for who in ("zhao", "qian") for what in ("transcript", "case", "record")}
MAY |= {(who, what, "complaint") for who in ("zhao", "qian") for what in ("transcript", "case", "record", "recording")}
MAY |= {
    (who, what, "audit") for who in ("zhao", "qian", "far", "admin") for what in ("record", "access_log")
}  # the books, of every line
RESOURCES = ("transcript", "case", "record", "recording", "reach", "identity", "access_log")
REASONS = ("care", "supervision", "crisis", "complaint", "training", "break_glass", "disclosure", "audit")


def test_every_person_every_resource_every_reason_and_each_look_is_in_the_log(told: Any) -> None:
    async def story(here: Story) -> None:
        opened = []
        for name, what, why in product(PEOPLE, RESOURCES, REASONS):
            answer = await here.look(name, what, why, "2026-118")
            expected = (name, what, why) in MAY
            assert answer.status_code == (200 if expected else 403), (name, what, why, answer.content)
            assert answer.headers["Cache-Control"] == "no-store"
            if expected:
                opened.append((name, what, why))
            else:
                assert WORDS not in answer.content.decode()
        assert await here.logged() == opened
        assert await off_loop(store.verify_log) is None

    told(story)


def test_a_transcript_is_shown_and_an_identity_is_not_even_to_whoever_has_the_contact(told: Any) -> None:
    async def story(here: Story) -> None:
        found = (await here.look("chen", "transcript", "care")).json()["found"]
        assert [each["text"] for each in found] == [WORDS]
        verified = await here.people["chen"].get(f"/api/v1/contacts/{here.contact}/verified")
        assert verified.json() == {"verified": "union_card"}
        assert (await here.people["far"].get(f"/api/v1/contacts/{here.contact}/verified")).status_code == 404
        assert CARD not in (await here.look("zhao", "record", "audit")).content.decode()

    told(story)


def test_the_glass_takes_two_people_and_opens_one_thing_for_one_of_them(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(heads_up, "tell", lambda about, line, *_: heard.append((about, line)))

    async def story(here: Story) -> None:
        wish = {"type": "glass.ask", "behind": "identity", "cause": "life_in_danger", "reference": "110-77"}
        assert (await here.do("liu", wish)).status_code == 409
        assert (await here.do("far", wish)).json()["code"] == "not_yours"
        assert (await here.do("sun", wish)).status_code == 200
        assert (await here.look("sun", "identity", "break_glass")).status_code == 403
        agree = {"type": "glass.break", "glass": 1}
        assert (await here.do("sun", agree)).json()["code"] == "same_person"
        (waits,) = (await here.people["zhao"].get("/api/v1/books/waiting")).json()
        assert (waits["contact"], waits["mine"], waits["glass"]["cause"]) == (here.contact, False, "life_in_danger")
        assert (await here.people["far"].get("/api/v1/books/waiting")).json() == []
        assert (await here.people["chen"].get("/api/v1/books/waiting")).status_code == 403
        assert (await here.do("zhao", agree)).status_code == 200
        found = (await here.look("sun", "identity", "break_glass")).json()["found"]
        assert (found["number"], found["name"]) == (CARD, "李秀英")
        assert (await here.look("zhao", "identity", "break_glass")).status_code == 403
        assert (await here.look("sun", "recording", "break_glass")).status_code == 403
        assert await here.logged() == [("sun", "identity", "break_glass")]
        assert heard == [("glass_asked", "main"), ("glass_looked", "main")]
        code = await off_loop(return_codes.issue, here.contact, clock.now())
        book = (await AsyncClient().post("/api/v1/kept", {"code": code}, "application/json")).json()
        assert book["glasses"][0]["behind"] == "identity"
        assert "identity" in [each["what"] for each in book["looks"]]
        assert (book["verified"], CARD in json.dumps(book)) == ("union_card", False)

    told(story)


def test_a_recording_is_played_in_spans_for_whoever_looked_and_for_nobody_else(told: Any) -> None:
    async def story(here: Story) -> None:
        opened = (await here.look("zhao", "recording", "complaint", "2026-118")).json()
        assert [each["number"] for each in opened["found"]] == [1]
        where = f"/api/v1/books/{here.contact}/recordings/1/audio?look={opened['look']}&track=2"
        whole = await here.people["zhao"].get(where)
        wanted = one_track(recorded(), 2)
        assert await body(whole) == wanted
        assert FRAMES[0][2] not in wanted
        assert whole.headers["Content-Disposition"] == "inline"
        assert whole.headers["Cache-Control"] == "no-store"
        part = await here.people["zhao"].get(where, headers={"range": "bytes=100-299"})
        assert part.status_code == 206
        assert part.headers["Content-Range"] == f"bytes 100-299/{len(wanted)}"
        assert await body(part) == wanted[100:300]
        beyond = await here.people["zhao"].get(where, headers={"range": f"bytes={len(wanted)}-"})
        assert beyond.status_code == 416
        for name in ("qian", "chen", "admin"):
            assert (await here.people[name].get(where)).status_code == 403
        assert (await AsyncClient().get(where)).status_code == 401
        assert (await here.people["zhao"].get(where.replace(f"look={opened['look']}", "look=9999"))).status_code == 403
        other = (await here.look("zhao", "transcript", "supervision")).json()["look"]
        assert (
            await here.people["zhao"].get(where.replace(f"look={opened['look']}", f"look={other}"))
        ).status_code == 403
        assert (await here.people["zhao"].get(where.replace("/1/audio", "/2/audio"))).status_code == 404

    told(story)


async def body(answer: Any) -> bytes:
    """A streamed answer as one."""
    return b"".join([piece async for piece in answer.streaming_content])


def test_after_erasure_identity_recording_and_key_are_gone(told: Any) -> None:
    async def story(here: Story) -> None:
        await off_loop(transaction.atomic(recordings.destroy), here.contact)
        assert await off_loop(vault.forget, here.contact) == 2
        assert await off_loop(recordings.find, here.contact, 1) is None
        assert await off_loop(vault.open_identity, here.contact) is None
        assert not list(recordings.folder().glob("*"))

    told(story)


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ({"proof": "union_card", "number": "4111111111111112"}, 422),
        ({"proof": "national_id", "number": "110105194912310021"}, 422),
        ({"proof": "app", "token": "a.b.c"}, 422),
        ({"proof": "passport", "number": "x"}, 422),
    ],
)
def test_a_number_that_cannot_be_is_refused_and_never_repeated(told: Any, shown: dict[str, str], status: int) -> None:
    async def story(here: Story) -> None:
        visitor = AsyncClient()
        visitor.cookies[CONTACT_COOKIE] = await accounts.aissue_visitor_token(here.contact, clock.now())
        where = "/api/v1/contacts/current/verify"
        answer = await visitor.post(where, shown, "application/json", headers=HERE)
        assert answer.status_code == status
        assert shown.get("number", "a.b.c") not in answer.content.decode()
        assert (await AsyncClient().post(where, shown, "application/json", headers=HERE)).status_code in (401, 422)

    told(story)
