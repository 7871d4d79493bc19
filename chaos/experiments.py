"""The faults. Each lets the client work, breaks one thing meanwhile, and mends it."""

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from chaos.client import Ledger, Load, Seen
from chaos.servers import Servers, children, send, wait_until

RESUMES_IN = 10.0
GAP_AFTER_A_CRASH = 5.0
P99_WITHOUT_REDIS = 0.5


@dataclass(slots=True)
class Run:
    """One experiment under way: what it may break, and what it has noticed."""

    servers: Servers
    ledger: Ledger
    tokens: list[str]
    is_short: bool
    seen: Seen = field(default_factory=Seen)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    window: tuple[float, float] | None = None  # while the fault lasted, where figures are only about that

    def long_or_short(self, long: float, short: float) -> float:
        """Choose by the version that runs."""
        return short if self.is_short else long

    @contextmanager
    def load(self, *, loses_answers: bool = False, hooks_of_ten: int = 2) -> Iterator[Load]:
        """Let the client work meanwhile."""
        load = Load(
            port=self.servers.web_port,
            tokens=self.tokens,
            ledger=self.ledger,
            loses_answers=loses_answers,
            hooks_of_ten=hooks_of_ten,
        )
        self.seen = load.seen
        with load:
            yield load


@dataclass(frozen=True, slots=True)
class Experiment:
    """A fault, and what it is allowed to cost."""

    code: str
    title: str
    act: Callable[[Run], None]
    may_answer_503: bool = False
    longest_gap: float | None = None
    longest_p99: float | None = None


def nothing(run: Run) -> None:
    """E0: what the others are to be compared with."""
    with run.load():
        time.sleep(run.long_or_short(30, 6))


def one_web_worker(run: Run) -> None:
    """E1: the others go on, the master starts another."""
    with run.load():
        for _ in range(int(run.long_or_short(6, 2))):
            time.sleep(run.long_or_short(5, 3))
            send(children(run.servers.web.pid)[:1], signal.SIGKILL)
        time.sleep(run.long_or_short(30, 3))


def all_web_workers(run: Run) -> None:
    """E2: whatever was being answered is asked again."""
    with run.load():
        for _ in range(int(run.long_or_short(5, 2))):
            time.sleep(run.long_or_short(8, 3))
            send(children(run.servers.web.pid), signal.SIGKILL)
        time.sleep(run.long_or_short(20, 4))


def workers_while_draining(run: Run) -> None:
    """E3, first half: a child, then all of them, while hooks wait to become leads."""
    slowest = 0.0
    with run.load(hooks_of_ten=4):
        for _ in range(int(run.long_or_short(5, 1))):
            time.sleep(run.long_or_short(5, 2))
            send(children(run.servers.worker.pid)[:1], signal.SIGKILL)
            time.sleep(run.long_or_short(3, 1))
            run.servers.worker.kill()
            began = _done(run)
            time.sleep(0.5)
            run.servers.worker.start()
            slowest = max(slowest, wait_until(lambda began=began: _done(run) > began, seconds=60, what="resuming"))
    run.notes.append(f"resumed in {slowest:.1f} s")
    if slowest > RESUMES_IN:
        run.faults.append(f"the workers took {slowest:.1f} s to resume")


def an_import(run: Run) -> None:
    """E3, second half: the import is broken off and asked for again, to the end."""
    rows = int(run.long_or_short(8000, 2000))
    place = run.servers.logs.parent
    sheet, mapping = place / f"{run.tokens[0][:12]}.csv", place / "mapping.json"
    sheet.write_text("Id,Source\n" + "".join(f"imported-{number},catalogue\n" for number in range(rows)))
    mapping.write_text('{"columns": {"external_id": "Id", "source": "Source"}}')
    words = ("import_leads", str(sheet), "--mapping", str(mapping), "--arrived-at", "2026-03-02")
    with run.load():
        for share in (0.3, 0.6):
            importer = run.servers.command("import", *words)
            importer.start()
            wait_until(lambda share=share: _imported(run) >= rows * share, seconds=240, what="importing")
            importer.kill()
        run.servers.manage(*words)
    if (kept := _imported(run)) != rows:
        run.faults.append(f"{kept} leads of {rows} rows imported")


def redis_killed(run: Run) -> None:
    """E4: everything in it is gone; the rows are what counts."""
    with run.load():
        for _ in range(int(run.long_or_short(20, 2))):
            time.sleep(1.5)
            run.servers.redis.kill()
            time.sleep(run.long_or_short(1.5, 1))
            run.servers.start_redis()
        time.sleep(2)


def redis_frozen(run: Run) -> None:
    """E5: it takes connections and answers nothing."""
    with run.load():
        time.sleep(run.long_or_short(10, 2))
        began = time.monotonic()
        send([run.servers.redis.pid], signal.SIGSTOP)
        try:
            time.sleep(run.long_or_short(30, 10))
        finally:
            send([run.servers.redis.pid], signal.SIGCONT)
        run.window = (began, time.monotonic())
        time.sleep(run.long_or_short(10, 2))


def postgres_crashes(run: Run) -> None:
    """E6: what was committed is there after the recovery, what was not is asked again."""
    with run.load():
        for _ in range(int(run.long_or_short(5, 2))):
            time.sleep(run.long_or_short(7, 3))
            run.servers.postgres.crash()
        time.sleep(run.long_or_short(15, 4))


def answers_lost(run: Run) -> None:
    """E8: the client is gone before it reads, and asks again."""
    with run.load(loses_answers=True):
        time.sleep(run.long_or_short(60, 8))
    run.notes.append(f"{run.seen.lost_on_purpose} answers not read")


def drained_twice(run: Run) -> None:
    """E12: three drains at once, over jobs that are done already, in any order."""
    again = """
        UPDATE crm_outboxmessage SET done_at = NULL, due_at = now() - random() * interval '1 hour'
        WHERE id IN (SELECT id FROM crm_outboxmessage WHERE done_at IS NOT NULL ORDER BY random() LIMIT 200)"""
    rounds, repeated = int(run.long_or_short(3, 1)), 0
    with run.load(hooks_of_ten=6):
        for _ in range(rounds):
            time.sleep(run.long_or_short(8, 3))
            with run.servers.postgres.connect() as connection:
                repeated += connection.execute(again).rowcount
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda _number: run.servers.manage("drain"), range(2)))
    run.notes.append(f"{repeated} jobs done again")


def _done(run: Run) -> int:
    return _number(run, "SELECT (SELECT count(*) FROM crm_outboxmessage WHERE done_at IS NOT NULL)")


def _imported(run: Run) -> int:
    return _number(run, "SELECT count(*) FROM leads_lead WHERE external_id LIKE 'imported-%'")


def _number(run: Run, sql: str) -> int:
    with run.servers.postgres.connect() as connection:
        row = connection.execute(sql.encode()).fetchone()
    return int(row[0]) if row else 0
