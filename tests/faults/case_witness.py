"""Reads the cases of a drill's fleet, through the house's own codec and the fleet's keys."""

import base64
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from kernel.codec import Codec, Keyring
from kernel.decider import Address
from kernel.periods import Periods
from kernel.seal import MasterKeys
from kernel.store import Store
from server.wiring import DECIDERS
from triage.domain.state import CaseState

Found = dict[str, tuple[CaseState, list[str], datetime | None]]


async def read_cases(env: Mapping[str, str], contacts: list[str]) -> Found:
    """Per contact its case, the kinds of its log in order, and when the clock is to come by."""
    numbered = (entry.partition(":") for entry in env["MASTER_KEYS"].split(","))
    masters = {int(number): base64.b64decode(key) for number, _, key in numbered}
    store = Store(env["DATABASE_URL"])
    await store.open()
    found: Found = {}
    try:
        codec = Codec(DECIDERS, Keyring(store, MasterKeys(masters, Periods(Path(env["KEYS_DIR"])))))
        for contact in contacts:
            at = Address("case", contact)
            rows = await store.fetch("SELECT seq, state, due_at FROM kernel_aggregate WHERE feed = %s", (at.feed,))
            for seq, state, due_at in rows:
                kinds = [line.kind for line in await store.read(at.feed, 0, 100_000)]
                found[contact] = (await codec.read_state(DECIDERS["case"], at, seq, state), kinds, due_at)
    finally:
        await store.close()
    return found
