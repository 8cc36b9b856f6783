"""The cache with Redis gone: each process counts for itself, and quickly."""

import pytest
import redis.exceptions
import time_machine
from django.core.cache.backends.redis import RedisCache

from server.cache import PATIENCE, PatientRedisCache


@pytest.fixture
def cache() -> PatientRedisCache:
    """A cache of its own."""
    one = PatientRedisCache("redis://127.0.0.1:1/0", {"KEY_PREFIX": "test"})
    one._memory.clear()
    return one


@pytest.mark.promise("R11")
def test_without_redis_it_keeps_counting_and_leaves_redis_alone_for_a_while(
    cache: PatientRedisCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def gone(*args: object, **_: object) -> None:
        asked.append(args)
        raise redis.exceptions.ConnectionError("down")

    for name in ("add", "get", "set", "delete", "incr", "touch"):
        monkeypatch.setattr(RedisCache, name, gone)
    with time_machine.travel("2026-03-10T06:30:00+00:00", tick=False) as clock:
        assert cache.add("a", 1)
        assert not cache.add("a", 2)
        cache.set("b", [1, 2])
        assert (cache.get("b"), cache.get("none", "default")) == ([1, 2], "default")
        assert cache.incr("a") == 2
        assert cache.touch("a", 60)
        assert cache.get_many(["a", "none"]) == {"a": 2}
        assert "b" in cache
        assert cache.delete("a")
        assert len(asked) == 1
        clock.shift(PATIENCE)
        cache.get("b")
        assert len(asked) == 2


def test_when_redis_is_back_it_is_asked_again(cache: PatientRedisCache, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([redis.exceptions.TimeoutError("slow"), "from redis", "again"])

    def mixed(*_: object, **__: object) -> object:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(RedisCache, "get", mixed)
    with time_machine.travel("2026-03-10T06:30:00+00:00", tick=False) as clock:
        assert cache.get("x") is None
        clock.shift(PATIENCE)
        assert [cache.get("x"), cache.get("x")] == ["from redis", "again"]


def test_a_mistake_in_the_code_is_not_mistaken_for_an_outage(
    cache: PatientRedisCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise TypeError

    monkeypatch.setattr(RedisCache, "get", wrong)
    with pytest.raises(TypeError):
        cache.get("x")
