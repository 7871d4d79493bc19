"""Figures as they are compared and told: ratios of rounds, their table, their file."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of one kind of work took. CPU is the web workers' and PostgreSQL's, never the callers'."""

    done: int
    seconds: float
    cpu_seconds: float = 0.0
    latencies: Sequence[float] = ()

    @property
    def rate(self) -> float:
        """Units of work a second."""
        return self.done / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds a unit."""
        return self.cpu_seconds * 1000 / self.done

    @property
    def p50_ms(self) -> float:
        """The median answer, in milliseconds."""
        return statistics.median(self.latencies) * 1000 if self.latencies else 0.0


@dataclass(frozen=True, slots=True)
class Goal:
    """What a ratio should be: at least, or at most."""

    limit: float
    is_at_least: bool

    def is_reached(self, value: float) -> bool:
        """Tell whether a ratio is good enough."""
        return value >= self.limit if self.is_at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.is_at_least else '≤'} {self.limit:g}"


GOALS: Mapping[str, Goal] = {
    "push_ratio": Goal(0.6, is_at_least=True),
    "push_cpu_ratio": Goal(2.0, is_at_least=False),
    "judge_cpu_ratio": Goal(2.0, is_at_least=False),
    "batch_ratio": Goal(0.25, is_at_least=True),
    "import_ratio": Goal(0.2, is_at_least=True),
    "push_1m_ratio": Goal(0.85, is_at_least=True),
    "criterion_source_ratio": Goal(2.5, is_at_least=False),
}


@dataclass(frozen=True, slots=True)
class Ratio:
    """A measured figure over the floor's of the same round, for every round."""

    name: str
    unit: str
    measured: Sequence[float]
    floor: Sequence[float]

    def __post_init__(self) -> None:
        """Every round has both; otherwise they were not taken in turns."""
        if not self.measured or len(self.measured) != len(self.floor):
            raise ValueError(f"{self.name}: {len(self.measured)} rounds beside {len(self.floor)} of the floor")

    @property
    def rounds(self) -> list[float]:
        """The ratio of each round: neighbours of the machine slow both sides of it."""
        return [mine / floor for mine, floor in zip(self.measured, self.floor, strict=True)]

    @property
    def value(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(self.rounds)

    def told(self) -> dict[str, Any]:
        """Write it down with what it was made of."""
        goal = GOALS.get(self.name)
        return {
            "value": round(self.value, 4),
            "goal": str(goal) if goal else None,
            "is_reached": goal.is_reached(self.value) if goal else None,
            "unit": self.unit,
            "measured": round(statistics.median(self.measured), 4),
            "floor": round(statistics.median(self.floor), 4),
            "rounds": [round(ratio, 4) for ratio in self.rounds],
            "measured_rounds": [round(figure, 4) for figure in self.measured],
            "floor_rounds": [round(figure, 4) for figure in self.floor],
        }


@dataclass(slots=True)
class Report:
    """Everything one run has found."""

    date: str
    machine: Mapping[str, Any]
    of: Mapping[str, Any]
    ratios: list[Ratio] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    pages: dict[str, dict[str, float]] = field(default_factory=dict)
    times: dict[str, dict[str, Any]] = field(default_factory=dict)

    def time(self, name: str, taken: Sequence[float], *, goal: Goal) -> None:
        """Keep how many milliseconds something took, round by round, beside what it should take."""
        median = statistics.median(taken)
        self.times[name] = {
            "value": round(median, 2),
            "goal": str(goal),
            "is_reached": goal.is_reached(median),
            "unit": "ms",
            "worst": round(max(taken), 2),
            "rounds": [round(one, 2) for one in taken],
        }

    def told(self) -> dict[str, Any]:
        """Write it all down, by names."""
        return {
            "format": FORMAT,
            "date": self.date,
            "machine": dict(self.machine),
            "set": dict(self.of),
            "ratios": {ratio.name: ratio.told() for ratio in self.ratios},
            "figures": {name: round(figure, 4) for name, figure in self.figures.items()},
            "pages": self.pages,
            "times": self.times,
        }

    def write(self, path: Path) -> None:
        """Keep it for comparison with the next run."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.told(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def lines(self) -> Iterable[str]:
        """Lay it out for a person."""
        if self.ratios:
            yield f"{'ratio':<18}{'value':>8}{'goal':>9}{'':>7}{'measured':>12}{'floor':>12}  unit · lowest, highest"
        for ratio in self.ratios:
            goal, rounds = GOALS.get(ratio.name), ratio.rounds
            verdict = "" if goal is None else "yes" if goal.is_reached(ratio.value) else "NO"
            yield (
                f"{ratio.name:<18}{ratio.value:>8.3f}{goal or ''!s:>9}{verdict:>7}"
                f"{statistics.median(ratio.measured):>12,.2f}{statistics.median(ratio.floor):>12,.2f}"
                f"  {ratio.unit} · {min(rounds):.3f}–{max(rounds):.3f}"
            )
        for name, figure in self.figures.items():
            yield f"{name:<42}{figure:>12,.2f}"
        for name, told in self.times.items():
            verdict = "yes" if told["is_reached"] else "NO"
            yield f"{name:<26}{told['value']:>9.1f} ms{told['goal']:>8}{verdict:>6}  worst {told['worst']:.1f}"
        if self.pages:
            yield f"{'page':<44}{'p50 ms':>9}{'worst':>9}{'× floor':>9}"
        for page, taken in self.pages.items():
            yield f"{page:<44}{taken['p50_ms']:>9.1f}{taken['worst_ms']:>9.1f}{taken['ratio']:>9.1f}"


def pages_told(times: Mapping[str, Sequence[float]], *, floor: str) -> dict[str, dict[str, float]]:
    """Tell each page's median and worst time, and how many times the floor's it is."""
    least = statistics.median(times[floor])
    return {
        page: {
            "p50_ms": round(statistics.median(taken) * 1000, 2),
            "worst_ms": round(max(taken) * 1000, 2),
            "ratio": round(statistics.median(taken) / least, 2),
        }
        for page, taken in times.items()
    }


def leads_meant(text: str) -> int:
    """Read a SIZE: 10000, 10k, 1m. Raises ValueError when it is none."""
    number, factor = text.strip().lower(), 1
    for letter, times in (("k", 1_000), ("m", 1_000_000)):
        if number.endswith(letter):
            number, factor = number[:-1], times
    count = int(number) * factor
    if count < 1:
        raise ValueError(text)
    return count


def size_told(leads: int) -> str:
    """Write a number of leads as SIZE is written: 10k, 1m."""
    for letter, times in (("m", 1_000_000), ("k", 1_000)):
        if leads % times == 0:
            return f"{leads // times}{letter}"
    return str(leads)
