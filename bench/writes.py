"""What writing takes: pushes, judgements, batches and imports, each in turns with its floor."""

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from bench import bulk, servers
from bench.figures import Ratio, Report, Round
from bench.floor import table
from bench.load import CALLERS, Work, batches, floor_pushes, judgements, pushes, run
from bench.prepared import judgement_told, undecided_codes

BATCH, BATCH_CALLERS = 500, 4
WARM_SECONDS = 1.0
LONG_ROUNDS, LONG_SECONDS = 3, 30.0  # what takes many seconds, batches and files, goes on until either is reached
FLOOR, PUSH, JUDGE, LARGE = "floor", "push", "judge", "push_large"
Turn = tuple[Round, Round]  # what is measured, and its floor


def writes(
    report: Report, *, url: str, redis_url: str, tokens: Sequence[str], place: Path, rounds: int, seconds: float
) -> None:
    """Measure every kind of writing into a database that is filled."""
    table.make(url)
    with ExitStack() as stack:
        product = stack.enter_context(servers.product(database_url=url, redis_url=redis_url, place=place))
        floor = stack.enter_context(servers.floor(database_url=url, place=place))
        codes = undecided_codes()
        judging = judgements(tokens, iter(codes), judgement_told(at=datetime.now(UTC)))
        share = max(1, len(codes) // (CALLERS * (rounds + 1)))  # of a caller in a round, the first for warming up
        works = {
            FLOOR: Work(floor, floor_pushes),
            PUSH: Work(product, pushes(tokens)),
            JUDGE: Work(product, judging, most=share),
        }
        one_by_one(report, in_turns(works, rounds=rounds, seconds=seconds))
        work = Work(product, batches(tokens, BATCH), callers=BATCH_CALLERS, expected=200)
        turns = _until_enough(lambda number: _batch_turn(work, url, number, seconds), rounds=rounds)
    report.ratios.append(_rates("batch_ratio", turns))
    report.figures["batch: CPU µs a lead"] = statistics.median(mine.cpu_ms * 1000 for mine, _floor in turns)
    rows, turns = _imports(url, place, rounds=rounds, seconds=seconds)
    report.of = {**report.of, "imported_rows": rows, "copied_rows": bulk.COPIED}
    report.ratios.append(_rates("import_ratio", turns))


def grown(
    report: Report,
    *,
    small: str,
    large: str,
    redis_url: str,
    tokens: Sequence[str],
    place: Path,
    rounds: int,
    seconds: float,
) -> None:
    """Measure pushes into a large database in turns with those into a small one."""
    with ExitStack() as stack:
        works = {
            kind: Work(
                stack.enter_context(servers.product(database_url=url, redis_url=redis_url, place=place)), pushes(tokens)
            )
            for kind, url in ((PUSH, small), (LARGE, large))
        }
        taken = in_turns(works, rounds=rounds, seconds=seconds, prefix="grown-")
    report.ratios.append(_rates("push_1m_ratio", list(zip(taken[LARGE], taken[PUSH], strict=True))))


def in_turns(works: dict[str, Work], *, rounds: int, seconds: float, prefix: str = "") -> dict[str, list[Round]]:
    """Do each kind of work in turn, round after round, after one that warms everything up."""
    for kind, work in works.items():
        run(work, name=f"{prefix}warm-{kind}", seconds=min(WARM_SECONDS, seconds))
    taken: dict[str, list[Round]] = {kind: [] for kind in works}
    for number in range(rounds):
        print(f"→ Requests, round {number + 1} of {rounds}", flush=True)
        for kind, work in works.items():
            taken[kind].append(run(work, name=f"{prefix}{kind}-{number}", seconds=seconds))
    return taken


def one_by_one(report: Report, taken: dict[str, list[Round]]) -> None:
    """Compare requests of one lead with the floor's."""
    pairs = {kind: list(zip(taken[kind], taken[FLOOR], strict=True)) for kind in (PUSH, JUDGE)}
    report.ratios.append(_rates("push_ratio", pairs[PUSH], unit="requests/s"))
    for kind, turns in pairs.items():
        measured, floor = [mine.cpu_ms for mine, _floor in turns], [floor.cpu_ms for _mine, floor in turns]
        report.ratios.append(Ratio(f"{kind}_cpu_ratio", "CPU ms a request", measured, floor))
    for kind, rounds in taken.items():
        report.figures[f"{kind}: requests/s"] = statistics.median(one.rate for one in rounds)
        report.figures[f"{kind}: p50 ms"] = statistics.median(one.p50_ms for one in rounds)


def _batch_turn(work: Work, url: str, number: int, seconds: float) -> Turn:
    """Push batches, then copy; a batch of a slow product takes longer than the round, and is waited for."""
    print(f"→ Batches, round {number + 1}", flush=True)
    asked = run(work, name=f"batch-{number}", seconds=seconds, most=max(1, int(20 * seconds)))
    leads = Round(asked.done * BATCH, asked.seconds, asked.cpu_seconds, asked.latencies)
    return leads, bulk.copied(url=url, name=f"beside-batch-{number}", at=datetime.now(UTC))


def _imports(url: str, place: Path, *, rounds: int, seconds: float) -> tuple[int, list[Turn]]:
    rows = bulk.rows_for(pilot=bulk.imported(name="pilot", count=bulk.PILOT, place=place), seconds=seconds)

    def turn(number: int) -> Turn:
        print(f"→ Imports, round {number + 1}", flush=True)
        mine = bulk.imported(name=f"import-{number}", count=rows, place=place)
        return mine, bulk.copied(url=url, name=f"beside-import-{number}", at=datetime.now(UTC))

    return rows, _until_enough(turn, rounds=rounds)


def _until_enough(turn: Callable[[int], Turn], *, rounds: int) -> list[Turn]:
    turns, start = [], time.monotonic()
    while not turns or (len(turns) < min(rounds, LONG_ROUNDS) and time.monotonic() - start < LONG_SECONDS):
        turns.append(turn(len(turns)))
    return turns


def _rates(name: str, turns: Sequence[Turn], unit: str = "leads/s") -> Ratio:
    return Ratio(name, unit, [mine.rate for mine, _floor in turns], [floor.rate for _mine, floor in turns])
