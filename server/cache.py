"""Redis as cache for sign-in rate limits; while Redis is gone each process counts for itself."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import redis.exceptions
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.retry import Retry
from typing_extensions import override

from kernel import clock

PATIENCE = timedelta(seconds=5)
"""How long Redis is left alone after a failure, so that not every request pays the time-out."""

_log = logging.getLogger(__name__)


class PatientRedisCache(RedisCache):
    """Answers from Redis, or from this process's memory while Redis does not answer."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        """Take Django's cache settings; the memory behind gets none of Redis's options."""
        patience = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": 0.5, "socket_timeout": 0.5}
        super().__init__(server, {**params, "OPTIONS": {**patience, **params.get("OPTIONS", {})}})
        self._memory = LocMemCache("patient", {k: v for k, v in params.items() if k != "OPTIONS"})
        self._asleep_until: datetime | None = None

    def _try(self, name: str, remote: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call Redis unless it failed a moment ago; else the same method of the memory."""
        if self._asleep_until is None or clock.now() >= self._asleep_until:
            try:
                answer = remote(*args, **kwargs)
            except (redis.exceptions.RedisError, OSError) as fault:
                _log.warning("redis cache unreachable, counting in this process: %s", type(fault).__name__)
                self._asleep_until = clock.now() + PATIENCE
            else:
                self._asleep_until = None
                return answer
        return getattr(self._memory, name)(*args, **kwargs)

    # One by one, so that each goes the patient way; nobody here asks for many.
    get_many = BaseCache.get_many
    set_many = BaseCache.set_many
    delete_many = BaseCache.delete_many
    has_key = BaseCache.has_key

    @override
    def add(self, *args: Any, **kwargs: Any) -> bool:
        """Set where there is nothing yet."""
        return bool(self._try("add", super().add, args, kwargs))

    @override
    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Read one value."""
        return self._try("get", super().get, args, kwargs)

    @override
    def set(self, *args: Any, **kwargs: Any) -> None:
        """Write one value."""
        self._try("set", super().set, args, kwargs)

    @override
    def touch(self, *args: Any, **kwargs: Any) -> bool:
        """Give a value a new expiry."""
        return bool(self._try("touch", super().touch, args, kwargs))

    @override
    def delete(self, *args: Any, **kwargs: Any) -> bool:
        """Drop one value."""
        return bool(self._try("delete", super().delete, args, kwargs))

    @override
    def incr(self, *args: Any, **kwargs: Any) -> int:
        """Count up."""
        return int(self._try("incr", super().incr, args, kwargs))

    @override
    def clear(self) -> None:
        """Forget everything, here and there."""
        self._memory.clear()
        self._try("clear", super().clear, (), {})
