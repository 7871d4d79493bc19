"""How fast one caller may ask: a bucket of tokens, taken from in atomic steps.

A process takes a lot of tokens at a time and gives them out by itself, so that not every request asks Redis. A lot is a
small part of what is left: of a full bucket ten tokens, near the limit one.
"""

import threading
import time
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings

PER_SECOND = 50
BURST = 200
PATIENCE_SECONDS = 0.05  # an answer must not wait for Redis
REST_SECONDS = 5.0  # how long Redis is left alone after it has not answered
CALLERS_REMEMBERED = 10_000
LOT = 0.05  # of what is left in the bucket
LOT_SECONDS = 1.0  # a token not given out by then is lost: saved up, they would add to a later burst

# Whole in one script: between reading and writing nobody else takes a token.
TAKE = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local left, at = unpack(redis.call('HMGET', KEYS[1], 'left', 'at'))
left = math.min(tonumber(ARGV[2]), (tonumber(left) or tonumber(ARGV[2])) + (now - (tonumber(at) or now)) * ARGV[1])
local taken, wait = 0, 0
if left >= 1 then taken = math.max(1, math.floor(left * ARGV[3])) else wait = (1 - left) / ARGV[1] end
left = left - taken
redis.call('HSET', KEYS[1], 'left', tostring(left), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], math.ceil(ARGV[2] / ARGV[1]) + 1)
return {taken, tostring(wait)}
"""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class LocalBuckets:
    """The limit of this process alone: what holds while Redis is away."""

    def __init__(self, *, per_second: float = PER_SECOND, burst: int = BURST) -> None:
        self._per_second, self._burst = per_second, burst
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def wait(self, caller: str) -> float:
        """Take a token; return for how many seconds there is none."""
        now = time.monotonic()
        with self._lock:
            if len(self._buckets) >= CALLERS_REMEMBERED:
                self._buckets.clear()
            bucket = self._buckets.setdefault(caller, _Bucket(self._burst, now))
            bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._per_second)
            bucket.at = now
            if bucket.left < 1:
                return (1 - bucket.left) / self._per_second
            bucket.left -= 1
            return 0


@dataclass(slots=True)
class _Lot:
    left: int
    until: float


class SharedBuckets:
    """The limit of all processes together, in Redis; without it each process keeps its own."""

    def __init__(self, *, per_second: float = PER_SECOND, burst: int = BURST) -> None:
        self._per_second, self._burst = per_second, burst
        self._local = LocalBuckets(per_second=per_second, burst=burst)
        self._lots: dict[str, _Lot] = {}
        self._lock = threading.Lock()
        self._rests_until = 0.0

    def wait(self, caller: str) -> float:
        """Take a token; return for how many seconds there is none."""
        now = time.monotonic()
        if not settings.REDIS_URL or now < self._rests_until:
            return self._local.wait(caller)
        if self._has_one(caller, now=now):
            return 0
        try:
            taken, wait = self._take(caller)
        except redis.RedisError:
            self._rests_until = time.monotonic() + REST_SECONDS
            return self._local.wait(caller)
        if taken > 1:
            self._keep(caller, taken - 1, now=now)
        return wait

    def _has_one(self, caller: str, *, now: float) -> bool:
        with self._lock:
            lot = self._lots.get(caller)
            if lot is None or lot.left < 1 or lot.until < now:
                return False
            lot.left -= 1
            return True

    def _keep(self, caller: str, count: int, *, now: float) -> None:
        with self._lock:
            if len(self._lots) >= CALLERS_REMEMBERED:
                self._lots.clear()
            lot = self._lots.setdefault(caller, _Lot(0, now))
            kept = lot.left if lot.until >= now else 0  # by another thread, meanwhile
            lot.left, lot.until = kept + count, now + LOT_SECONDS

    def _take(self, caller: str) -> tuple[int, float]:
        keys, args = [f"razbor:rate:{caller}"], [self._per_second, self._burst, LOT]
        taken, wait = _script(settings.REDIS_URL)(keys=keys, args=args)
        return int(taken), float(wait)


@cache
def _script(url: str) -> "redis.commands.core.Script":
    client = redis.Redis.from_url(url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS)
    return client.register_script(TAKE)
