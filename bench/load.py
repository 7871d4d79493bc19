"""Rounds over HTTP: what is asked, by how many callers, and what one round of it took."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from bench.database import backends
from bench.figures import Round
from bench.machine import ROOT, Meter
from bench.servers import Server

Ask = tuple[str, dict[str, str], str]

CALLERS = 8
CALLERS_A_PROCESS = 4
HEAD_START_SECONDS = 0.6  # for the callers' processes to come up
MOST_A_SECOND = 400  # asks made ready for one caller
WORDS = ("Здравствуйте!", "Интересует курс по аналитике,", "перезвоните после обеда.", "Можно ли в рассрочку?")
SOURCES = ("site", "vk", "yandex", "partners")


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work: where, as what it is asked and how it is answered; `most` times by each caller in a round."""

    server: Server
    asks: Callable[[str], Iterator[Ask]]
    callers: int = CALLERS
    expected: int = 201
    most: int | None = None


def lead_told(name: str, number: int) -> dict[str, object]:
    """Make up a complete lead nobody has sent before: `name` tells rounds and callers apart."""
    phone = hash_of(f"{name}-{number}") % 10**8
    source = SOURCES[phone % len(SOURCES)]
    return {
        "external_id": f"{name}-{number}",
        "source": source,
        "campaign": f"campaign-{phone % 5}",
        "name": f"Мария Полякова {number}",
        "phone": f"+791{phone:08}",
        "email": f"m{phone}.{number}@example.com",
        "message": " ".join(WORDS),
        "utm": {"utm_source": source, "utm_medium": "cpc", "utm_campaign": f"spring-{phone % 7}"},
    }


def hash_of(text: str) -> int:
    """Spread a text over the numbers, alike in every run."""
    value = 14695981039346656037
    for byte in text.encode():
        value = (value ^ byte) * 1099511628211 % 2**64
    return value


def pushes(tokens: Sequence[str]) -> Callable[[str], Iterator[Ask]]:
    """Push leads, each with its idempotency key; the keys of integrations take turns, for each has its limit."""

    def asks(name: str) -> Iterator[Ask]:
        for number, token in enumerate(cycle(tokens)):
            yield (
                "/api/v1/leads",
                _headers(token) | {"Idempotency-Key": f"{name}-{number}"},
                json.dumps(lead_told(name, number), ensure_ascii=False),
            )

    return asks


def floor_pushes(name: str) -> Iterator[Ask]:
    """Tell the floor the same leads."""
    for number in range(10**9):
        yield "/leads", _headers(""), json.dumps(lead_told(name, number), ensure_ascii=False)


def judgements(tokens: Sequence[str], codes: Iterator[str], body: str) -> Callable[[str], Iterator[Ask]]:
    """Judge leads, each once: `codes` is one list for all callers and rounds."""

    def asks(name: str) -> Iterator[Ask]:
        for number, (token, code) in enumerate(zip(cycle(tokens), codes, strict=False)):
            headers = _headers(token) | {"Idempotency-Key": f"{name}-{number}"}
            yield f"/api/v1/leads/{code}/assessments", headers, body

    return asks


def batches(tokens: Sequence[str], size: int) -> Callable[[str], Iterator[Ask]]:
    """Push leads by the batch."""

    def asks(name: str) -> Iterator[Ask]:
        for number, token in enumerate(cycle(tokens)):
            leads = [lead_told(f"{name}-{number}", item) for item in range(size)]
            yield "/api/v1/leads/batch", _headers(token), json.dumps({"leads": leads}, ensure_ascii=False)

    return asks


def run(work: Work, *, name: str, seconds: float, most: int | None = None) -> Round:
    """Let the callers ask for some seconds, `most` times each at most; they finish what they have begun."""
    ready = most or work.most or int(MOST_A_SECOND * seconds) + 5
    asks = [list(islice(work.asks(f"{name}-{caller}"), ready)) for caller in range(work.callers)]
    meter = Meter(lambda: [*work.server.pids(), *backends(work.server.database_url)])
    meter.start()
    told = _called(work, [of for of in asks if of], seconds)
    cpu_seconds = meter.spent()
    taken: list[float] = [one for of in told for one in of["taken"]]
    if problems := [problem for of in told for problem in of["problems"]]:
        raise RuntimeError(f"{name}: {problems[0]}")
    if not taken:
        raise RuntimeError(f"{name}: nothing was left to ask")
    spent = max(of["ended"] for of in told) - min(of["began"] for of in told)
    return Round(done=len(taken), seconds=spent, cpu_seconds=cpu_seconds, latencies=taken)


def _called(work: Work, asks: list[list[Ask]], seconds: float) -> list[dict[str, list[float]]]:
    groups = [asks[first : first + CALLERS_A_PROCESS] for first in range(0, len(asks), CALLERS_A_PROCESS)]
    command = [sys.executable, "-S", "-m", "bench.client"]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in groups
    ]
    try:
        starts_at = time.monotonic() + HEAD_START_SECONDS
        plan = {"port": work.server.port, "expected": work.expected, "seconds": seconds, "starts_at": starts_at}
        for process, group in zip(processes, groups, strict=True):
            process.stdin.write(json.dumps(plan | {"callers": group}))
            process.stdin.close()
        return [json.loads(process.stdout.read()) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
            process.stdout.close()


def _headers(token: str) -> dict[str, str]:
    known = {"Content-Type": "application/json"}
    return known | {"Authorization": f"Bearer {token}"} if token else known
