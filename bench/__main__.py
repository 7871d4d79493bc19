"""`make bench [SIZE=10k|1m|…]`: what the product takes beside what the machine can, told as a table and a file.

Absolute figures move with the machine's neighbours, so everything is measured in turns with a floor, and its ratio to
the floor is what to compare between commits.
"""

import argparse
import io
import os
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench import database, machine
from bench.figures import Report, leads_meant, pages_told, size_told
from bench.prepared import make_tokens, own_redis

RESULTS = machine.ROOT / "bench" / "results" / "latest.json"
LEADS = 10_000
DEMO_LEADS = 400  # the company, its rules and a story; the rest is filled SQL-side
ROUNDS, SECONDS = 5, 3.0


def main() -> None:
    """Measure, print and write."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers are ended and databases dropped also then
    url = os.environ.get("BENCH_DATABASE_URL", database.DEFAULT_URL)
    database.name_of(url)
    with tempfile.TemporaryDirectory(prefix="razbor-bench-") as directory:
        place = Path(directory)
        try:
            version = database.version(url)
        except database.NotHere as why:
            print(f"PostgreSQL does not answer ({why}), so only the pages are measured, on SQLite; nothing is written.")
            _pages_on_sqlite(asked.leads, place)
            return
        report = Report(
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            machine=machine.described(postgres=version),
            of={"leads": asked.leads, "rounds": asked.rounds, "seconds_a_round": asked.seconds},
        )
        with own_redis() as redis_url, database.own(url):
            report.of = {**report.of, "has_redis": bool(redis_url)}
            _set_up(url, redis_url=redis_url)
            _measure(report, asked, url=url, redis_url=redis_url, place=place)
    report.machine = {**report.machine, "load_average_after": machine.load_average()}
    _tell(report)
    report.write(asked.results)
    print(f"→ {asked.results}")


def _measure(report: Report, asked: argparse.Namespace, *, url: str, redis_url: str, place: Path) -> None:
    """Fill the database and measure everything there is."""
    from django.db import connections

    from bench.board import board
    from bench.fill import fill
    from bench.pages import FLOOR, pages
    from bench.timed import timed
    from bench.writes import grown, writes

    at, small = datetime.now(UTC), min(asked.leads, LEADS)
    print(f"→ Filling {small} leads", flush=True)
    _demonstration(leads=min(DEMO_LEADS, small))
    fill(url=url, leads=small, at=at)
    database.settle(url)
    print("→ Pages", flush=True)
    report.pages = pages_told(pages(), floor=FLOOR)
    tokens = make_tokens(at=at)
    how = {"redis_url": redis_url, "tokens": tokens, "place": place, "rounds": asked.rounds, "seconds": asked.seconds}
    if asked.leads > LEADS:
        for connection in connections.all(initialized_only=True):  # a database somebody is in is not copied
            connection.close()
            connection.close_pool()
        with database.own(database.named(url, "_grown"), like=url) as large:
            print(f"→ Filling {asked.leads} leads", flush=True)
            fill(url=large, leads=asked.leads, at=at)
            database.settle(large)
            timed(report, url=large)
            print("→ Board", flush=True)
            board(report, url=large, size=size_told(asked.leads))
            grown(report, small=url, large=large, **how)
    writes(report, url=url, **how)


def _pages_on_sqlite(leads: int, place: Path) -> None:
    from bench.pages import FLOOR, pages

    _set_up(f"sqlite:///{place}/bench.sqlite3")
    _demonstration(leads=min(leads, LEADS))
    told = pages_told(pages(), floor=FLOOR)
    _tell(Report(date="", machine=machine.described(postgres=""), of={"leads": min(leads, LEADS)}, pages=told))


def _set_up(url: str, *, redis_url: str = "") -> None:
    """Let Django loose in a database of ours."""
    import django
    from django.core.management import call_command

    os.environ |= {"DATABASE_URL": url, "REDIS_URL": redis_url}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", verbosity=0)


def _demonstration(*, leads: int) -> None:
    from django.core.management import call_command

    call_command("demo", leads=leads, stdout=io.StringIO(), stderr=io.StringIO())


def _tell(report: Report) -> None:
    print(", ".join(f"{name} {value}" for name, value in {**report.machine, **report.of}.items()))
    for line in report.lines():
        print(line)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("leads", nargs="?", type=leads_meant, default=LEADS, help="how many leads are there: 10k, 1m")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long a round of requests takes")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
