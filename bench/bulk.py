"""Many leads at once: a file through the import, and COPY as its floor."""

import csv
import io
import json
import time
from pathlib import Path

from bench.figures import Round
from bench.floor import table
from bench.load import lead_told

COPIED = 20_000
PILOT = 300
LEAST, MOST = 300, 20_000
COLUMNS = ("external_id", "source", "campaign", "name", "phone", "email", "message")


def copied(*, url: str, name: str, at: object, count: int = COPIED) -> Round:
    """Copy leads into the floors' table."""
    leads = [lead_told(name, number) for number in range(count)]
    start = time.perf_counter()
    table.copy(url, leads, at=at)
    return Round(done=count, seconds=time.perf_counter() - start)


def imported(*, name: str, count: int, place: Path) -> Round:
    """Import a file of leads as `manage.py import_leads` does."""
    from django.core.management import call_command

    file, mapping = place / f"{name}.csv", place / "mapping.json"
    mapping.write_text(json.dumps({"columns": {column: column for column in COLUMNS}}), encoding="utf-8")
    with file.open("w", encoding="utf-8", newline="") as text:
        rows = csv.DictWriter(text, COLUMNS, extrasaction="ignore")
        rows.writeheader()
        rows.writerows(lead_told(name, number) for number in range(count))
    told = io.StringIO()
    words = (str(file), "--mapping", str(mapping), "--arrived-at", time.strftime("%Y-%m-%d"))
    start = time.perf_counter()
    call_command("import_leads", *words, stdout=told, stderr=io.StringIO())
    spent = time.perf_counter() - start
    if f": {count}" not in told.getvalue().splitlines()[0]:
        raise RuntimeError(f"The import did not take every row in: {told.getvalue()[:500]}")
    return Round(done=count, seconds=spent)


def rows_for(*, pilot: Round, seconds: float) -> int:
    """Choose how many rows an import of about some seconds has."""
    return min(MOST, max(LEAST, int(pilot.rate * seconds) // 100 * 100))
