"""Reads the stored words of a drill's fleet, through the house's own codec and the fleet's keys."""

import base64
from collections.abc import Mapping
from pathlib import Path

from chat.messages import MessagePosted
from kernel.codec import Codec, Keyring
from kernel.periods import Periods
from kernel.seal import MasterKeys
from kernel.store import Store
from server.wiring import DECIDERS


async def read_words(env: Mapping[str, str], feeds: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Per feed (author's id, text) in order of seq."""
    masters = {}
    for entry in env["MASTER_KEYS"].split(","):
        number, _, key = entry.partition(":")
        masters[int(number)] = base64.b64decode(key)
    store = Store(env["DATABASE_URL"])
    await store.open()
    try:
        codec = Codec(DECIDERS, Keyring(store, MasterKeys(masters, Periods(Path(env["KEYS_DIR"])))))
        words: dict[str, list[tuple[str, str]]] = {}
        for feed in feeds:
            words[feed] = []
            lines = await store.read(feed, 0, 100_000)
            for line in lines:
                if line.kind == "message.posted":
                    row = await codec.read_line(line)
                    assert isinstance(row.event, MessagePosted)
                    words[feed].append((row.by.id, row.event.text or ""))
        return words
    finally:
        await store.close()
