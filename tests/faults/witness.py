"""Reads what a drill's fleet has stored, through the house's own codec and the fleet's keys."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

from chat.messages import MessagePosted
from kernel.codec import Codec, Keyring
from kernel.periods import Periods
from kernel.seal import MasterKeys
from kernel.store import Store
from queueing.messages import ContactRequeued, OfferAccepted, SeatFreed
from server.wiring import DECIDERS

Words = dict[str, list[tuple[str, str]]]


async def read_log(env: Mapping[str, str], feeds: list[str], desk: str) -> tuple[Words, list[str]]:
    """Per feed (author's id, text) in order of seq; and the contacts that were in two hands at once at a desk."""
    masters = {}
    for entry in env["MASTER_KEYS"].split(","):
        number, _, key = entry.partition(":")
        masters[int(number)] = base64.b64decode(key)
    store = Store(env["DATABASE_URL"])
    await store.open()
    try:
        codec = Codec(DECIDERS, Keyring(store, MasterKeys(masters, Periods(Path(env["KEYS_DIR"])))))
        words: Words = {}
        for feed in feeds:
            words[feed] = []
            lines = await store.read(feed, 0, 100_000)
            for line in lines:
                if line.kind == "message.posted":
                    row = await codec.read_line(line)
                    assert isinstance(row.event, MessagePosted)
                    words[feed].append((row.by.id, row.event.text or ""))
        events = [(await codec.read_line(line)).event for line in await store.read(desk, 0, 100_000)]
        return words, in_two_hands(events)
    finally:
        await store.close()


def in_two_hands(events: Sequence[object]) -> list[str]:
    """Contacts that were accepted while somebody had them."""
    held: set[str] = set()
    twice = []
    for event in events:
        if isinstance(event, OfferAccepted):
            twice += [event.contact] if event.contact in held else []
            held.add(event.contact)
        elif isinstance(event, ContactRequeued | SeatFreed):
            held.discard(event.contact)
    return twice
