"""Brakes of the media plane: token buckets on the loop's own clock, and a watch on how late that loop is."""

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Hashable

log = logging.getLogger("xinqiao.voice")

WATCH_EVERY_S = 0.05
WATCH_WINDOW = 100  # samples, 5 s
STALL_MS = 250.0


class Allowances:
    """One bucket per source, a bounded number of them; who was silent longest is forgotten first."""

    def __init__(self, burst: float, per_s: float, size: int = 8192) -> None:
        """Allow `burst` at once and `per_s` in the long run."""
        self._burst = burst
        self._per_s = per_s
        self._size = size
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, source: Hashable, now: float) -> bool:
        """Take one token of this source; False where it has none."""
        tokens, at = self._buckets.get(source, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._per_s)
        enough = tokens >= 1.0
        self._buckets[source] = (tokens - 1.0 if enough else tokens, now)
        self._buckets.move_to_end(source)
        if len(self._buckets) > self._size:
            self._buckets.popitem(last=False)
        return enough


class LagWatch:
    """Measures how late the event loop wakes; a media loop that stalls takes no new calls."""

    def __init__(self) -> None:
        """Watch nothing before `start`."""
        self._lags: deque[float] = deque([0.0] * WATCH_WINDOW, WATCH_WINDOW)  # the first sample is no median
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch the running loop."""
        self._task = asyncio.create_task(self._watch())

    def stop(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @property
    def typical_ms(self) -> float:
        """The median lag of the last five seconds: what admission looks at, a lone hiccup does not refuse anybody."""
        return sorted(self._lags)[WATCH_WINDOW // 2]

    @property
    def worst_ms(self) -> float:
        """The worst lag of the last five seconds."""
        return max(self._lags)

    async def _watch(self) -> None:
        """Sleep a little and see how much longer it took."""
        loop = asyncio.get_running_loop()
        while True:
            begun, own, process = loop.time(), time.thread_time(), time.process_time()
            await asyncio.sleep(WATCH_EVERY_S)
            lag_ms = max(0.0, 1000 * (loop.time() - begun - WATCH_EVERY_S))
            self._lags.append(lag_ms)
            if lag_ms > STALL_MS:
                # Much of its own CPU: our code; much of the process: another thread; little of both: a busy machine.
                own_ms, process_ms = 1000 * (time.thread_time() - own), 1000 * (time.process_time() - process)
                log.warning("media loop stalled ms=%d own_cpu_ms=%d process_cpu_ms=%d", lag_ms, own_ms, process_ms)
