"""`make fuzz`: whatever a program may send, the API answers what its description says.

Schemathesis makes requests of the description, valid and broken ones, and judges the answers; schemathesis.toml says
how many, with what, and which refusals of well-formed requests are right. The server and the database are of this run.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench import database
from bench.machine import ROOT
from bench.servers import HOST, environment, product
from fuzz.known import CASES, prepare, sign_in

DEFAULT_URL = f"postgres://postgres@{HOST}:5432/razbor_bench_fuzz"
# A broker that is never there: messages for the webhooks made up here wait in the outbox, and none is ever sent.
NO_BROKER = f"redis://{HOST}:1/0"
TOOL = Path(sys.executable).parent / "schemathesis"
LEAST = 500  # cases for each write
LONGEST_SECONDS = 20 * 60  # each of two


def main() -> int:
    """Run schemathesis against a server of our own; return what it returns."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("more", nargs="*", help="further words for schemathesis, after --")
    asked = parser.parse_args()
    if not TOOL.exists():
        print("make fuzz is left out: schemathesis is missing; make setup installs it.")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server is ended and the database dropped also then
    with tempfile.TemporaryDirectory(prefix="razbor-fuzz-") as directory, _database(Path(directory)) as url:
        token = _prepared(url, Path(directory))
        with product(database_url=url, redis_url=NO_BROKER, place=Path(directory)) as server:
            address = f"http://{HOST}:{server.port}/api/v1/openapi.json"
            key = {"Authorization": f"Bearer {token}"}
            has_failed = [_run("a key", address, key, "--exclude-tag=webhooks", *asked.more)]
            cases = _cases()
            person = sign_in(port=server.port)
            has_failed.append(_run("the administrator", address, person, "--include-tag=webhooks", *asked.more))
            cases |= _cases()
    has_enough = _told(cases)
    return int(any(has_failed) or not has_enough)


def _run(name: str, address: str, headers: Mapping[str, str], *more: str) -> bool:
    """Ask as somebody; who it is cannot be said in schemathesis.toml, for its headers reach every operation."""
    print(f"→ As {name}", flush=True)
    words = [word for header in headers.items() for word in ("--header", ": ".join(header))]
    command = [
        str(TOOL),
        "--config-file",
        str(ROOT / "schemathesis.toml"),
        "run",
        address,
        "--checks=all",
        *words,
        *more,
    ]
    try:
        return subprocess.run(command, cwd=ROOT, timeout=LONGEST_SECONDS).returncode != 0
    except subprocess.TimeoutExpired:
        print(f"Broken off after {LONGEST_SECONDS // 60} minutes.")
        return True


def _cases() -> dict[str, Counter[int]]:
    """Read what the last run has sent: how often each operation answered with each status."""
    cases: dict[str, Counter[int]] = defaultdict(Counter)
    for name, status, count in json.loads(CASES.read_text()) if CASES.exists() else ():
        cases[name][status] += count
    CASES.unlink(missing_ok=True)
    return cases


def _told(cases: Mapping[str, Counter[int]]) -> bool:
    """Print what was sent; return whether every write has seen enough."""
    for name, by_status in sorted(cases.items(), key=lambda case: case[0].split()[::-1]):
        statuses = ", ".join(f"{count} × {status}" for status, count in sorted(by_status.items()))
        print(f"{by_status.total():6}  {name:<55} {statuses}")
    print(f"{sum(by_status.total() for by_status in cases.values()):6}  in all", flush=True)
    few = [name for name, by_status in cases.items() if not name.startswith("GET") and by_status.total() < LEAST]
    if few:
        print(f"Fewer than {LEAST} cases: {', '.join(few)}")
    return bool(cases) and not few


@contextmanager
def _database(place: Path) -> Iterator[str]:
    url = os.environ.get("FUZZ_DATABASE_URL", DEFAULT_URL)
    try:
        database.version(url)
    except database.NotHere as why:
        print(f"→ PostgreSQL does not answer ({why}), so this is on SQLite")
        yield f"sqlite:///{place}/fuzz.sqlite3"
        return
    with database.own(url):
        yield url


def _prepared(url: str, place: Path) -> str:
    """Let Django loose in the database of ours, and leave nothing connected to it."""
    import django

    os.environ |= environment(database_url=url, redis_url=NO_BROKER, place=place)
    django.setup()
    from django.db import connections

    print("→ Filling a database", flush=True)
    try:
        return prepare()
    finally:
        connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
