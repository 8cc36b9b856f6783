"""A media server's process: `python -m bench.voice.serving KIND ADDRESS FOLDER` prints its control port and works
until its input ends. SIGUSR1 begins to record every call into FOLDER, SIGUSR2 stops; the key is random and forgotten.
"""

import asyncio
import gc
import logging
import math
import signal
import sys
from pathlib import Path

from chat.voice.contract import Limits, MediaEngine, RecordingDecision
from chat.voice.control import derive
from chat.voice.node import Node
from chat.voice.recorder import Recorder
from kernel import ids

SECRET = derive(b"only for this bench")
LIMITS = Limits(calls=1000, lag_ms=1e9)
TRACKS = ("visitor", "counselor", "colleague")


class Recording:
    """Records all calls, or none."""

    def __init__(self, engine: MediaEngine, folder: Path) -> None:
        """Nothing is written before `switch`."""
        self._engine, self._folder = engine, folder
        self._calls: set[str] = set()
        self._running: dict[str, tuple[Recorder, RecordingDecision]] = {}
        self._switching = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def opened(self, call: str) -> None:
        """A call got a leg."""
        self._calls.add(call)

    def switch(self, *, on: bool) -> None:
        """Begin or stop for every call there is."""
        task = asyncio.create_task(self._switch(on=on))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _switch(self, *, on: bool) -> None:
        async with self._switching:
            for call, (recorder, decision) in tuple(self._running.items()):
                for leg in self._engine.legs(call):
                    await self._engine.tap(call, leg, None, decision)
                await asyncio.to_thread(recorder.stop)
                del self._running[call]
            for call in sorted(self._calls) if on else ():
                decision = RecordingDecision(call, f"{call}.{ids.process_id()}", 1, ("bench",))
                path = self._folder / decision.recording
                recorder = await asyncio.to_thread(Recorder, path, ids.random_bytes(32), decision, TRACKS)
                recorder.allow(math.inf)
                self._running[call] = recorder, decision
                for track, leg in enumerate(sorted(self._engine.legs(call))):
                    await self._engine.tap(call, leg, recorder.taps[track], decision)


async def serve(kind: str, address: str, folder: Path) -> None:
    """An engine behind a control port, until the input ends."""
    engine: MediaEngine
    if kind == "passthrough":
        from chat.voice.passthrough import PassthroughEngine  # noqa: PLC0415 - aiortc's memory is not to count here

        engine = PassthroughEngine(lambda fact: None, host=address, addresses=(address,), limits=LIMITS)
    else:
        import aioice.ice  # noqa: PLC0415

        from chat.voice.reference import AiortcEngine  # noqa: PLC0415

        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [address]
        engine = AiortcEngine(lambda fact: None, limits=LIMITS)
    await engine.start()
    recording = Recording(engine, folder)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, lambda: recording.switch(on=True))
    loop.add_signal_handler(signal.SIGUSR2, lambda: recording.switch(on=False))
    node = Node(engine, SECRET, recording.opened)
    port = await node.start("127.0.0.1", 0)
    gc.collect()
    gc.freeze()
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await node.stop()
    await engine.stop()


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(message)s")
    asyncio.run(serve(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
