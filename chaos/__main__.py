"""`make chaos`: break one thing after the other under load, and see whether anything acknowledged is lost or doubled.

Everything that breaks was started here, on 127.0.0.1, and is ended here, also on Ctrl-C. The client repeats every
piece of work with its key until it is told 2xx, and keeps its own ledger of what it was told.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from chaos import experiments as act
from chaos.at_once import same_key_at_once
from chaos.checks import check
from chaos.client import Ledger
from chaos.experiments import Experiment, Run
from chaos.report import Row, conditions, row_of, table, write_into
from chaos.servers import ROOT, Missing, Servers, binaries

DOCUMENT = ROOT / "docs" / "reliability.md"
KEYS = 4
SCOPES = "leads:read,leads:write,leads:qualify"
ALL = (
    Experiment("E0", "nothing broken", act.nothing),
    Experiment("E1", "one web worker killed", act.one_web_worker),
    Experiment("E2", "all web workers killed", act.all_web_workers),
    Experiment("E3", "workers killed while draining", act.workers_while_draining),
    Experiment("E3", "an import killed twice", act.an_import),
    Experiment("E4", "Redis killed, back empty", act.redis_killed, longest_p99=act.P99_WITHOUT_REDIS),
    Experiment("E5", "Redis frozen", act.redis_frozen, longest_p99=act.P99_WITHOUT_REDIS),
    Experiment(
        "E6", "PostgreSQL crashed", act.postgres_crashes, may_answer_503=True, longest_gap=act.GAP_AFTER_A_CRASH
    ),
    Experiment("E8", "answers lost after the commit", act.answers_lost),
    Experiment("E9", "one key sixteen times at once", same_key_at_once),
    Experiment("E12", "drained twice and out of order", act.drained_twice),
)


def main() -> int:
    """Run the experiments asked for; return 1 when a promise does not hold."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--short", action="store_true", help="at most four minutes, for every change")
    parser.add_argument("--write", action="store_true", help=f"put the table into {DOCUMENT.relative_to(ROOT)}")
    parser.add_argument("--only", nargs="*", default=[], metavar="CODE", help="E1 E6 …; all unless said")
    told = parser.parse_args()
    try:
        binaries()
    except Missing as missing:
        print(f"make chaos is left out: this machine lacks {missing}.")
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    chosen = [one for one in ALL if not told.only or one.code in told.only]
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="razbor-chaos-") as directory:
        place = Path(directory)
        place.chmod(0o755)  # PostgreSQL's own user has to reach its part
        servers = Servers(place=place)
        try:
            servers.start()
            ledger, tokens = Ledger(), _tokens(servers)
            rows: list[Row] = []
            for one in chosen:
                rows.append(_run(one, Run(servers, ledger, tokens, told.short), usual=rows[0].p99 if rows else 0.0))
        except KeyboardInterrupt:
            print("\nBroken off.")
            return 130
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # a second one would leave something running
            servers.stop()
    command = "make chaos SHORT=1" if told.short else "make chaos"
    said = f"{conditions(command=command, day=f'{date.today():%d %B %Y}', load=(load_before, os.getloadavg()[0]))}"
    print(f"\n{said}\n\n{table(rows)}")
    if told.write:
        write_into(path=DOCUMENT, text=f"{said}\n\n{table(rows)}")
    return int(any(row.faults for row in rows))


def _tokens(servers: Servers) -> list[str]:
    """Make the client's keys: several, because each may only ask so often."""
    with ThreadPoolExecutor(KEYS) as pool:
        told = pool.map(lambda n: servers.manage("issue_key", f"Chaos {n}", "--scopes", SCOPES), range(KEYS))
        return [text.split()[0] for text in told]


def _run(experiment: Experiment, run: Run, *, usual: float) -> Row:
    print(f"→ {experiment.code} {experiment.title} ", end="", flush=True)
    start = time.monotonic()
    try:
        experiment.act(run)
    except (TimeoutError, RuntimeError) as error:
        run.faults.append(f"{type(error).__name__}: {error}")
    found = check(servers=run.servers, ledger=run.ledger, tokens=run.tokens)
    row = row_of(experiment=experiment, run=run, found=found, usual=usual)
    told = "FAILED: " + "; ".join(row.faults) if row.faults else "holds"
    print(f"{told} ({time.monotonic() - start:.0f} s, {len(run.ledger):,} acknowledged so far)", flush=True)
    return row


if __name__ == "__main__":
    sys.exit(main())
