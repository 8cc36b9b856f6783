"""A media worker's recorders: each writes while the record of its contact says so, and never on mere belief.

The record decides, and its word starts a recorder: decision, then key, then writer. From then on the recorder lives by
a lease: packets are taken for one second after the record was last seen unchanged. So a withdrawal counts within a
second also where no news comes: store away, nudge lost, this process frozen for a while.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from typing_extensions import override

from chat.call_messages import ReportRecording
from chat.domain.call_state import VISITOR_LEG, CallState, legs, staff_leg
from chat.voice.contract import MediaEngine, RecordingDecision
from chat.voice.minder import contact_of
from chat.voice.recorder import Recorder
from kernel import clock, ids
from kernel.decider import Address
from kernel.errors import Conflict, Refused, Unavailable
from kernel.hub import Hub
from kernel.redact import loggable
from kernel.replica import Replica
from kernel.terms import SYSTEM, Medium
from kernel.wire import Command, Row
from recordings_policy.domain.consent import Consent, rule_for
from recordings_policy.domain.gate import bar
from recordings_policy.domain.record import DECIDER
from recordings_policy.domain.state import RecordState
from recordings_policy.messages import (
    RecordingAllowed,
    RecordingRefused,
    RecordingStopped,
    RequestRecording,
    StopRecording,
)
from server.shelf import Shelf

log = logging.getLogger("xinqiao.recording")

LEASE_S = 1.0
CONFIRM_EVERY_S = 0.4
EVERYBODY = 5  # of so many looks one is at every call, so that a lost word on a consent costs two seconds
RETRY_S = 0.5
LOOK_AGAIN_S = 2.0
"""However quiet it is: what could not be asked or said, because somebody else was writing just then, is tried again."""

Say = Callable[[str, Command], Coroutine[Any, Any, None]]


def running(state: RecordState) -> int | None:
    """The number of the voice recording that may be written now."""
    return next((each.recording for each in state.running if each.medium is Medium.VOICE), None)


class Record(Replica):
    """A contact's record as this process knows it, with a bell for its news."""

    def __init__(self, contact: str, news: asyncio.Event) -> None:
        """Begin empty."""
        super().__init__(DECIDER, Address("record", contact))
        self._news = news

    @override
    def wake(self, feed: str, rows: tuple[Row, ...]) -> None:
        """Fold, and ring."""
        super().wake(feed, rows)
        self._news.set()

    def suspect(self) -> None:
        """The store has moved on without a word: read it again."""
        self._behind = True
        self._news.set()


class Tape:
    """One recording that is being written."""

    def __init__(self, number: int, recorder: Recorder, decision: RecordingDecision) -> None:
        """Nothing is taken before the first lease."""
        self.number = number
        self.recorder = recorder
        self.decision = decision


class Reel:
    """One call's recordings, one after another."""

    def __init__(self, hub: Hub, engine: MediaEngine, shelf: Shelf, say: Say, node: str, call: CallState) -> None:
        """Nothing is written before the record says so."""
        self._hub = hub
        self._engine = engine
        self._shelf = shelf
        self._say = say
        self._node = node
        self.call = call
        self.contact = contact_of(call.call)
        self.feed = f"record.{self.contact}"
        self.news = asyncio.Event()
        self.record = Record(self.contact, self.news)
        self.tape: Tape | None = None
        self.over = False
        self._asked: object = None
        self._saying: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Follow call and record to the end of the call; what fails stops the writing, never the call."""
        try:
            while self.call.going_on:
                self.news.clear()
                try:
                    await self.look()
                except (Unavailable, Conflict, Refused) as fault:
                    log.warning("recording waits %s", loggable({"feed": self.feed, "error": type(fault).__name__}))
                    asyncio.get_running_loop().call_later(RETRY_S, self.news.set)
                except Exception:
                    log.exception("recording stopped %s", loggable({"feed": self.feed}))
                    await self._stop()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN_S):
                        await self.news.wait()
        finally:
            self.over = True  # what is told of this call from here on is for another reel
            await asyncio.shield(self._stop())
            self._hub.registry.unfollow(self.feed, self.record)

    def right(self) -> Consent | None:
        """The consent under which this very tape may be written at this moment, as far as the record has been read."""
        state: RecordState = self.record.state
        answer = bar(state, Medium.VOICE, clock.now())
        mine = self.tape is not None and self.tape.number == running(state)
        return answer if mine and isinstance(answer, Consent) else None

    async def look(self) -> None:
        """Make what is written follow what is allowed and what goes on."""
        await self.record.refresh(self._hub.engine, self._hub.registry)
        allowed = running(self.record.state)
        if self.tape is not None and self.tape.number != allowed:
            await self._stop()
        if self.call.phase == "live":
            await self._ask(allowed)
        if self.tape is None and allowed is not None and self.call.to_be_recorded:
            await self._start(allowed)
        await self._steer()

    async def _ask(self, allowed: int | None) -> None:
        """Ask the record again when what it decides by has changed; the first time the call's start has asked."""
        state: RecordState = self.record.state
        before, stands = self._asked, (state.rules, state.consents)
        may = before != stands and allowed is None and isinstance(bar(state, Medium.VOICE, clock.now()), Consent)
        if may and (before or await self._was_refused()):
            await self._tell_record(RequestRecording())
        self._asked = stands  # only now: what failed is asked again

    async def _was_refused(self) -> bool:
        """Tell whether the last word on a recording was a no of the rules, and not a stop that somebody asked for."""
        words = (RecordingAllowed, RecordingRefused, RecordingStopped)
        said = [row.event for row in await self._hub.engine.read(self.feed, 0) if isinstance(row.event, words)]
        return bool(said) and isinstance(said[-1], RecordingRefused)

    async def _start(self, number: int) -> None:
        """Key, then writer; a file that another worker has begun is left to itself, and a new one asked for."""
        state: RecordState = self.record.state
        consent, rule = bar(state, Medium.VOICE, clock.now()), rule_for(state.rules, Medium.VOICE)
        if not isinstance(consent, Consent) or rule is None:
            return
        kept = await self._shelf.begin(self.contact, number, self.call.call, rule.version, (consent.version,))
        if kept.path.exists():
            await self._tell_record(StopRecording())
            await self._tell_record(RequestRecording())
            return
        decision = RecordingDecision(kept.call, kept.recording, kept.policy_version, kept.consents)
        making = asyncio.ensure_future(asyncio.to_thread(Recorder, kept.path, kept.key, decision, kept.tracks))
        try:
            await asyncio.shield(making)
        finally:  # also when the worker ends meanwhile: whoever stops finds the file
            self.tape = Tape(number, await making, decision)

    async def _steer(self) -> None:
        """Pause or go on, listen to whoever talks, and say whether something is written."""
        tape, call = self.tape, self.call
        if tape is not None:
            tape.recorder.pause(on=not call.to_be_recorded)
            await self._listen(tape)
        writes = tape is not None and call.to_be_recorded
        if writes is not call.recorded:
            saying = asyncio.create_task(self._say(call.call, ReportRecording(call.call, writes, self._node)))
            self._saying.add(saying)
            saying.add_done_callback(self._saying.discard)

    async def _listen(self, tape: Tape) -> None:
        """A track for each of the two sides, and one for whoever else the visitor hears; a whisper is not recorded."""
        holder, here = staff_leg(self.call.counselor), self._engine.legs(self.call.call)
        third = {staff_leg(name) for name, guest in self.call.guests.items() if guest.attending in (None, "barge")}
        for leg in here & legs(self.call):
            track = 0 if leg == VISITOR_LEG else 1 if leg == holder else 2
            tap = tape.recorder.taps[track] if track < 2 or leg in third else None
            await self._engine.tap(self.call.call, leg, tap, tape.decision)

    async def _stop(self) -> None:
        """Write no more, then close the file beside the loop."""
        tape, self.tape = self.tape, None
        if tape is None:
            return
        tape.recorder.pause(on=True)
        for leg in self._engine.legs(self.call.call):
            await self._engine.tap(self.call.call, leg, None, tape.decision)
        await asyncio.to_thread(tape.recorder.stop)
        if tape.recorder.dropped:
            log.warning("a recording lost packets %s", loggable({"feed": self.feed, "count": tape.recorder.dropped}))
        if tape.recorder.failed:  # its end was never written, so nobody may be told that it was
            return
        try:
            await self._shelf.ended(self.contact, tape.number)
        except Unavailable:
            log.warning("the end of a recording was not noted %s", loggable({"feed": self.feed}))

    async def _tell_record(self, command: Command) -> None:
        """Give the record a command of the house."""
        to = Address("record", self.contact)
        await self._hub.engine.submit(to, command, SYSTEM, clock.now(), f"tape.{ids.command_id()}")


class Keeper:
    """All reels of one worker, and the lease they live by."""

    def __init__(self, hub: Hub, shelf: Shelf, now: Callable[[], float] | None = None) -> None:
        """`now` is the media loop's clock (s)."""
        self._hub = hub
        self._shelf = shelf
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._reels: dict[str, tuple[Reel, asyncio.Task[None]]] = {}
        self._rounds = 0
        self._attached: tuple[MediaEngine, Say, Callable[[], str]] | None = None

    def attach(self, engine: MediaEngine, say: Say, node: Callable[[], str]) -> None:
        """Name the engine, the way to sessions, and the worker's name once it has one."""
        self._attached = engine, say, node

    async def after(self, call: CallState) -> None:
        """A call as it stands now, told by whoever minds it."""
        known = self._reels.get(call.call)
        if known is not None and not known[0].over:
            known[0].call = call
            known[0].news.set()
        elif call.going_on and self._attached is not None:
            engine, say, node = self._attached
            reel = Reel(self._hub, engine, self._shelf, say, node(), call)
            task = asyncio.create_task(reel.run())
            self._reels[call.call] = reel, task
            task.add_done_callback(lambda ended: self._forget(call.call, ended))

    def _forget(self, call: str, ended: "asyncio.Task[None]") -> None:
        """A reel has ended; another one may have begun for the same call."""
        if call in self._reels and self._reels[call][1] is ended:
            del self._reels[call]

    async def watch(self) -> None:
        """Renew leases for as long as the worker lives."""
        while True:
            await self.confirm()
            await asyncio.sleep(CONFIRM_EVERY_S)

    async def confirm(self) -> None:
        """One more second for every recorder whose record stands where we have read it; the others look again."""
        self._rounds += 1
        everybody = self._rounds % EVERYBODY == 0
        looked_at = [reel for reel, _ in self._reels.values() if everybody or reel.tape is not None]
        if not looked_at:
            return
        asked_at = self._now()
        try:
            heads = await self._hub.store.heads(tuple(reel.feed for reel in looked_at))
        except Unavailable:
            return
        for reel in looked_at:
            if heads.get(reel.feed) != reel.record.seq:
                reel.record.suspect()
            elif reel.tape is not None and reel.right() is not None:
                reel.tape.recorder.allow(asked_at + LEASE_S)

    async def stop(self) -> None:
        """Close every file; the worker ends."""
        tasks = [task for _, task in self._reels.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
