"""`make bench`: how long the pages people wait for take, beside a floor taken in the same run.

Absolute times move with the machine's neighbours, so every page is measured in turns with the floor (an answer that
does nothing but pass the middlewares) and its ratio to it is what to compare between commits.
"""

import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

import django
from django.core.management import call_command

LEADS = 10_000
ROUNDS = 15
FLOOR = "/livez"
PAGES = (
    "/",
    "/api/v1/metrics/quality",
    "/api/v1/metrics/quality?group_by=week",
    "/api/v1/metrics/criteria",
    "/api/v1/metrics/sources",
    "/leads/",
)


def measure(get: Callable[[str], float]) -> dict[str, list[float]]:
    """Ask every page in turn, round after round."""
    times: dict[str, list[float]] = {page: [] for page in (FLOOR, *PAGES)}
    for page in times:
        get(page)  # the first answer also compiles templates and fills caches
    for _ in range(ROUNDS):
        for page, taken in times.items():
            taken.append(get(page))
    return times


def report(times: dict[str, list[float]], *, leads: int, seeding: float) -> None:
    """Print a table: median, worst, ratio to the floor."""
    floor = statistics.median(times[FLOOR])
    print(
        f"{leads} leads, seeded in {seeding:.1f} s ({leads / seeding:.0f} leads/s, judged and moved), {ROUNDS} rounds"
    )
    print(f"{'page':<44}{'p50 ms':>9}{'worst':>9}{'× floor':>9}")
    for page, taken in times.items():
        median = statistics.median(taken)
        print(f"{page:<44}{median * 1000:>9.1f}{max(taken) * 1000:>9.1f}{median / floor:>9.1f}")


def main(leads: int) -> None:
    """Seed a database of its own and measure."""
    from django.test import Client

    from crm.models import User
    from crm.rules.roles import Role

    call_command("migrate", verbosity=0)
    start = time.perf_counter()
    call_command("demo", leads=leads, stdout=io.StringIO(), stderr=io.StringIO())
    seeding = time.perf_counter() - start
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.filter(role=Role.EXECUTIVE).first(), backend="crm.authentication.EmailBackend")

    def get(page: str) -> float:
        start = time.perf_counter()
        response = client.get(page)
        taken = time.perf_counter() - start
        if response.status_code != 200:
            raise SystemExit(f"{page} answered {response.status_code}")
        return taken

    report(measure(get), leads=leads, seeding=seeding)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with tempfile.TemporaryDirectory() as directory:
        own = f"sqlite:///{directory}/bench.sqlite3"
        os.environ["DATABASE_URL"] = os.environ.get("BENCH_DATABASE_URL", own)
        django.setup()
        main(leads=int(sys.argv[1]) if len(sys.argv) > 1 else LEADS)
