"""The other side: threads that push, judge and send hooks, repeat until told 2xx, and remember what they were told."""

import http.client
import json
import random
import re
import socket
import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chaos.servers import HOST

THREADS = 16
PER_SECOND = 40
PATIENCE = 15.0  # for one answer
LONGEST = 60.0  # for one piece of work, with all its retries
RESTS = 0.1  # after a connection that broke
SURNAME, MAIL = "Хаосова", "chaos.example"
FIRST_PHONE = 79_007_000_000
MADE_UP = re.compile(
    rf"{SURNAME}|{re.escape(json.dumps(SURNAME)[1:-1])}|@{MAIL}|(?<![0-9a-f])\+?790070\d{{5}}(?![0-9a-f])"
)
CRITERIA = ("new_customer", "product_fit", "need", "eligible", "budget", "contact_valid")
SOURCES = ("site", "partners", "search", "fair")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request as the client saw it; status 0 is a connection that broke."""

    status: int
    began: float
    ended: float
    is_told_when: bool = True


@dataclass(slots=True)
class Ledger:
    """What the server has acknowledged, over all experiments; kept by the client alone."""

    leads: dict[str, str] = field(default_factory=dict)  # the client's own number → the lead's id
    hooks: set[str] = field(default_factory=set)  # external ids of accepted hooks
    judged: dict[str, str] = field(default_factory=dict)  # a lead's id → what it was judged
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __len__(self) -> int:
        return len(self.leads) + len(self.hooks) + len(self.judged)


@dataclass(slots=True)
class Seen:
    """What the client saw while one experiment lasted."""

    attempts: list[Attempt] = field(default_factory=list)
    acknowledged: int = 0
    given_up: int = 0
    refused: list[str] = field(default_factory=list)
    lost_on_purpose: int = 0


class Caller:
    """One connection with one key, kept open as integrations do."""

    def __init__(self, *, port: int, token: str) -> None:
        self.token = token
        self.connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)

    def send(self, path: str, body: bytes, *, key: str = "") -> tuple[int, Mapping[str, str], bytes]:
        """Ask once; raises OSError or HTTPException when the connection breaks."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            self.connection.request("POST", path, body, headers)
            answer = self.connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise

    def send_and_go(self, path: str, body: bytes, *, key: str, after: float) -> None:
        """Ask, and be gone before the answer comes."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key}
        try:
            self.connection.request("POST", path, body, headers)
            time.sleep(after)
            if self.connection.sock:
                self.connection.sock.shutdown(socket.SHUT_RDWR)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            self.connection.close()


class Load:
    """The client of one experiment: 16 threads, about 40 pieces of work a second in all."""

    def __init__(
        self, *, port: int, tokens: Sequence[str], ledger: Ledger, loses_answers: bool = False, hooks_of_ten: int = 2
    ) -> None:
        self.port, self.tokens, self.ledger = port, tokens, ledger
        self.loses_answers, self.hooks_of_ten = loses_answers, hooks_of_ten
        self.seen = Seen()
        self.unjudged: deque[str] = deque()
        self._is_broken_off = False
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(THREADS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, error: type[BaseException] | None, *_told: object) -> None:
        """Let every thread finish what it has begun: each piece of work ends with a 2xx or is given up."""
        self._is_broken_off = error is not None
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, number: int) -> None:
        caller = Caller(port=self.port, token=self.tokens[number % len(self.tokens)])
        dice = random.Random()
        due = time.monotonic() + number / PER_SECOND
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            due = max(due + THREADS / PER_SECOND, time.monotonic() - 1)
            chosen = dice.randrange(10)
            if chosen < self.hooks_of_ten:
                self._hook(caller)
            elif chosen < self.hooks_of_ten + 2 and self.unjudged:
                self._judge(caller, dice)
            else:
                self._push(caller, dice)
        caller.connection.close()

    def _push(self, caller: Caller, dice: random.Random) -> None:
        own = uuid.uuid4().hex
        told = person(dice) | {"source": dice.choice(SOURCES), "attributes": {"own": own}}
        if dice.random() < 0.5:
            told["external_id"] = own
        answer = self._until_told(caller, "/api/v1/leads", told, key=own, dice=dice)
        if answer is not None:
            with self.ledger.lock:
                self.ledger.leads[own] = answer["id"]
            self.unjudged.append(answer["id"])

    def _hook(self, caller: Caller) -> None:
        own = uuid.uuid4().hex
        told = person(random.Random()) | {"external_id": own, "source": "landing"}
        if self._until_told(caller, f"/in/{caller.token}/generic", told, key="") is not None:
            with self.ledger.lock:
                self.ledger.hooks.add(own)

    def _judge(self, caller: Caller, dice: random.Random) -> None:
        try:
            lead = self.unjudged.popleft()
        except IndexError:
            return
        result = dice.choice(("met", "failed"))
        answers = dict.fromkeys(CRITERIA, "met") | {dice.choice(CRITERIA[:-1]): result}
        path = f"/api/v1/leads/{lead}/assessments"
        if self._until_told(caller, path, {"answers": answers}, key=uuid.uuid4().hex, dice=dice) is not None:
            with self.ledger.lock:
                self.ledger.judged[lead] = result

    def _until_told(
        self, caller: Caller, path: str, told: object, *, key: str, dice: random.Random | None = None
    ) -> dict[str, str] | None:
        body = json.dumps(told).encode()
        deadline = time.monotonic() + LONGEST
        if self.loses_answers and key and dice and dice.random() < 0.4:
            caller.send_and_go(path, body, key=key, after=dice.random() * 0.06)
            with self._lock:
                self.seen.lost_on_purpose += 1
        while time.monotonic() < deadline and not self._is_broken_off:
            began = time.monotonic()
            try:
                status, headers, answered = caller.send(path, body, key=key)
            except (OSError, http.client.HTTPException):
                self._note(Attempt(0, began, time.monotonic()))
                time.sleep(RESTS)
                continue
            told_when = headers.get("Retry-After", "")
            is_whole = bool(told_when) and headers.get("Content-Type") == "application/problem+json"
            self._note(Attempt(status, began, time.monotonic(), is_whole))
            if 200 <= status < 300:
                with self._lock:
                    self.seen.acknowledged += 1
                return dict(json.loads(answered))
            if status != 429 and status < 500:
                with self._lock:
                    self.seen.refused.append(f"{status} {path.split('/')[1]} {answered[:200]!r}")
                return None
            time.sleep(min(float(told_when or RESTS), 1.0) * (0.5 + random.random() / 2))
        with self._lock:
            self.seen.given_up += 1
        return None

    def _note(self, attempt: Attempt) -> None:
        with self._lock:
            self.seen.attempts.append(attempt)


def person(dice: random.Random) -> dict[str, object]:
    """Make somebody up; one in twenty asks again."""
    number = dice.randrange(40) if dice.random() < 0.05 else dice.randrange(40, 99_999)
    return {"name": f"{SURNAME} {number}", "phone": f"+{FIRST_PHONE + number}", "email": f"p{number}@{MAIL}"}
