"""The walk of docs/api.md, word for word, with curl against a running server."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pytest_django.live_server_helper import LiveServer

WALK = re.compile(r"## A walk in ten lines.*?```sh\n(?P<lines>.*?)```", re.DOTALL)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine"),
]


def _answers(lines: str, server: LiveServer) -> list[dict[str, object]]:
    """Run the lines in a shell; `manage.py` there means this database."""
    lines = lines.replace(".venv/bin/python manage.py", f"{sys.executable} manage.py")
    environment = os.environ | {"BASE": server.url, "DATABASE_URL": _url()}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _url() -> str:
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    return f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT'] or 5432}/{known['NAME']}"


def test_the_walk_of_the_documentation_works_word_for_word(live_server: LiveServer) -> None:
    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("another process cannot open a database in memory; the run on PostgreSQL does")
    call_command("use_preset", "online-school", "--language", "en", verbosity=0)
    found = WALK.search((Path(settings.BASE_DIR) / "docs" / "api.md").read_text(encoding="utf-8"))
    assert found
    assert len(found["lines"].splitlines()) == 10
    pushed, again, judged, lost, lead, metric = _answers(found["lines"], live_server)
    assert (pushed["outcome"], again["outcome"], again["id"]) == ("created", "existing", pushed["id"])
    assert (judged["verdict"], lost["outcome"]) == ("non_target", "lost")
    assert (lead["id"], lead["verdict"], lead["contact"]) == (pushed["id"], "non_target", None)
    assert {name: metric["total"][name] for name in ("n", "non_target")} == {"n": 1, "non_target": 1}  # type: ignore[index]
