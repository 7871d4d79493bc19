"""E9: sixteen clients say the same thing at the same moment."""

import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from chaos.client import THREADS, Attempt, Caller, person
from chaos.experiments import Run

KEYS, KEYS_WHEN_SHORT = 100, 40


def same_key_at_once(run: Run) -> None:
    """Let one key come sixteen times at once, over and over; then one external id under sixteen keys."""
    replays, keys = 0, int(run.long_or_short(KEYS, KEYS_WHEN_SHORT))
    with ThreadPoolExecutor(THREADS) as pool:
        for number in range(keys):
            own = uuid.uuid4().hex
            told = json.dumps(_told(run, own, source="site")).encode()
            answers = _all_at_once(run, pool, number, lambda _one, own=own, told=told: (own, told))
            replays += _judge_the_same(run, own, answers)
        own = uuid.uuid4().hex
        told = json.dumps(_told(run, own, source="site") | {"external_id": own}).encode()
        answers = _all_at_once(run, pool, 0, lambda _one, told=told: (uuid.uuid4().hex, told))
    leads = {json.loads(body)["id"] for _status, _is_replay, body in answers}
    fates = sorted(status for status, _is_replay, _body in answers)
    if len(leads) != 1 or fates != [200] * (THREADS - 1) + [201]:
        run.faults.append(f"one external id under {THREADS} keys made {len(leads)} leads: {fates}")
    run.ledger.leads[own] = leads.pop()
    run.notes.append(f"{replays} identical replays")
    if replays != keys * (THREADS - 1):
        run.faults.append(f"{replays} identical replays")


def _judge_the_same(run: Run, own: str, answers: list[tuple[int, bool, bytes]]) -> int:
    """Remember the lead; return how many answers repeat the first byte for byte."""
    (acted, *others) = sorted(answers, key=lambda answer: answer[1])
    run.ledger.leads[own] = json.loads(acted[2])["id"]
    return sum(is_replay and (status, body) == (acted[0], acted[2]) for status, is_replay, body in others)


def _all_at_once(
    run: Run, pool: ThreadPoolExecutor, number: int, ask: Callable[[int], tuple[str, bytes]]
) -> list[tuple[int, bool, bytes]]:
    start = threading.Barrier(THREADS)
    token = run.tokens[number % len(run.tokens)]

    def one(thread: int) -> tuple[int, bool, bytes]:
        key, body = ask(thread)
        caller = Caller(port=run.servers.web_port, token=token)
        try:
            start.wait(timeout=30)
            return _until_told(run, caller, body, key)
        finally:
            caller.connection.close()

    return list(pool.map(one, range(THREADS)))


def _until_told(run: Run, caller: Caller, body: bytes, key: str) -> tuple[int, bool, bytes]:
    for _try in range(200):
        began = time.monotonic()
        try:
            status, headers, answered = caller.send("/api/v1/leads", body, key=key)
        except (OSError, http.client.HTTPException):
            run.seen.attempts.append(Attempt(0, began, time.monotonic()))
            continue
        run.seen.attempts.append(Attempt(status, began, time.monotonic(), "Retry-After" in headers))
        if status < 300:
            run.seen.acknowledged += 1
            return status, headers.get("Idempotent-Replayed") == "true", answered
        time.sleep(0.2)
    raise TimeoutError("never told")


def _told(run: Run, own: str, *, source: str) -> dict[str, object]:
    return person(random.Random()) | {"source": source, "attributes": {"own": own}}
