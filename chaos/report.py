"""What an experiment has shown: figures, a verdict, a table."""

import os
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from chaos.checks import Found
from chaos.client import Attempt
from chaos.experiments import Experiment, Run

BEGIN, END = "<!-- chaos: begin -->", "<!-- chaos: end -->"
HEADINGS = (
    *("experiment", "requests", "acknowledged", "missing", "duplicates", "5xx", "p99 ms", "gap s", "drained s"),
    "verdict",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    title: str
    requests: int
    acknowledged: int
    missing: int
    duplicates: int
    failures: int
    p99: float
    gap: float
    drained_in: float
    notes: Sequence[str]
    faults: Sequence[str]

    def cells(self) -> list[str]:
        """Write it as cells."""
        numbers = (self.requests, self.acknowledged, self.missing, self.duplicates, self.failures)
        verdict = "; ".join(["FAILED", *self.faults] if self.faults else ["holds", *self.notes])
        return [
            self.title,
            *(f"{number:,}" for number in numbers),
            f"{self.p99 * 1000:.0f}",
            f"{self.gap:.1f}",
            f"{self.drained_in:.1f}",
            verdict.replace("|", "/").replace("\n", " "),
        ]


def row_of(*, experiment: Experiment, run: Run, found: Found, usual: float) -> Row:
    """Judge an experiment by what it was allowed to cost; the short version, by what is usual on a busy machine."""
    attempts = sorted(run.seen.attempts, key=lambda attempt: attempt.ended)
    meant = [one for one in attempts if run.window is None or run.window[0] <= one.began <= run.window[1]]
    failures = [one for one in attempts if one.status >= 500]
    p99, gap = _p99(meant), _gap(meant)
    faults = [*run.faults, *found.faults, *run.seen.refused[:3]]
    if found.missing:
        faults.append(f"{found.missing} missing")
    if run.seen.given_up:
        faults.append(f"{run.seen.given_up} never acknowledged")
    if any(one.status != 503 or not one.is_told_when or not experiment.may_answer_503 for one in failures):
        faults.append(f"answered {sorted({one.status for one in failures})} (503 must be a problem with Retry-After)")
    if experiment.longest_gap is not None and gap > experiment.longest_gap:
        faults.append(f"nothing was acknowledged for {gap:.1f} s")
    longest = (experiment.longest_p99 or 0) if not run.is_short else max(experiment.longest_p99 or 0, 2 * usual)
    if experiment.longest_p99 is not None and p99 > longest:
        faults.append(f"p99 {p99 * 1000:.0f} ms")
    return Row(
        title=f"{experiment.code} {experiment.title}",
        requests=len(attempts) + run.seen.lost_on_purpose,
        acknowledged=run.seen.acknowledged,
        missing=found.missing,
        duplicates=found.duplicates,
        failures=len(failures),
        p99=p99,
        gap=gap,
        drained_in=found.drained_in,
        notes=run.notes,
        faults=faults,
    )


def table(rows: Sequence[Row]) -> str:
    """Write the table as Markdown, with a line of totals."""
    sums = [sum(getattr(row, name) for row in rows) for name in ("requests", "acknowledged", "missing", "duplicates")]
    total = ["all", *(f"{number:,}" for number in sums), f"{sum(row.failures for row in rows):,}", "", "", "", ""]
    lines = [HEADINGS, ["---", *["--:"] * 8, "---"], *(row.cells() for row in rows), total]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def conditions(*, command: str, day: str, load: tuple[float, float]) -> str:
    """Say what made the table, and how busy the machine was beside it."""
    return (
        f"Made by `{command}` on {day} on a machine with {os.cpu_count()} processors, where everything — client, web, "
        f"workers, PostgreSQL and Redis — ran together; load average {load[0]:.1f} before and {load[1]:.1f} after."
    )


def write_into(*, path: Path, text: str) -> None:
    """Replace what stands between the two marks of a document."""
    told = path.read_text(encoding="utf-8")
    new = re.sub(f"{BEGIN}.*{END}", lambda _found: f"{BEGIN}\n{text}\n{END}", told, flags=re.DOTALL)
    path.write_text(new, encoding="utf-8")


def _p99(attempts: Sequence[Attempt]) -> float:
    """The slowest hundredth of what was answered."""
    taken = [one.ended - one.began for one in attempts if one.status]
    return statistics.quantiles(taken, n=100)[98] if len(taken) > 1 else 0.0


def _gap(attempts: Sequence[Attempt]) -> float:
    """The longest time without a single success."""
    good = [one.ended for one in attempts if 200 <= one.status < 300]
    return max((later - earlier for earlier, later in pairwise(good)), default=0.0)
