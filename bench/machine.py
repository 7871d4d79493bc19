"""The machine it ran on, and how much of it our processes have used."""

import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
USER_TIME, SYSTEM_TIME = 11, 12  # fields of /proc/PID/stat after the name


def described(*, postgres: str) -> dict[str, Any]:
    """Tell what a figure depends on besides the code."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "postgres": postgres,
        "system": f"{platform.system()} {platform.release()}",
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "has_changes": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "load_average": load_average(),
    }


def load_average() -> list[float]:
    """Tell how busy the machine was in the last minute, five and fifteen."""
    return [round(load, 2) for load in os.getloadavg()]


def tree(pid: int) -> Iterator[int]:
    """List a process and everything below it."""
    yield pid
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from tree(int(child))


def cpu_seconds(stat: str) -> float:
    """Read how long a process has computed, its kernel time included, from its /proc/PID/stat."""
    fields = stat.rpartition(")")[2].split()  # the name before may hold spaces and brackets
    return (int(fields[USER_TIME]) + int(fields[SYSTEM_TIME])) / TICKS


class Meter:
    """CPU of some processes: `pids` is asked at both ends, for a process may come in between. One that ends is lost."""

    def __init__(self, pids: Callable[[], Iterable[int]]) -> None:
        self._pids = pids
        self._before: dict[int, float] = {}

    def start(self) -> None:
        """Note where every process stands."""
        self._before = self._now()

    def spent(self) -> float:
        """Tell how many CPU seconds were spent since."""
        return sum(used - self._before.get(pid, 0.0) for pid, used in self._now().items())

    def _now(self) -> dict[int, float]:
        used = {}
        for pid in set(self._pids()):
            with suppress(OSError):
                used[pid] = cpu_seconds(Path(f"/proc/{pid}/stat").read_text())
        return used


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
