"""Dangerous settings are refused with an id; a fresh clone on one's own machine is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.db import connection

from config import checks
from config.env import INSECURE_SECRET_KEY

POSTGRESQL = "django.db.backends.postgresql"
SQLITE = "django.db.backends.sqlite3"
PUBLIC = ["razbor.example.com"]


@pytest.fixture(autouse=True)
def _a_sound_server(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from settings nobody could object to."""
    monkeypatch.delenv("DEBUG", raising=False)
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = PUBLIC
    settings.SECRET_KEY = "a-key-of-this-installation"
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", POSTGRESQL)
    settings.ALLOW_SQLITE_IN_PRODUCTION = False


def _ids() -> list[str | None]:
    run = (checks.secret_key, checks.debug, checks.sqlite, checks.cyrillic, checks.allowed_hosts)
    return [message.id for check in run for message in check(None)]


def test_a_sound_server_passes() -> None:
    assert _ids() == []


def test_the_default_secret_key_is_refused(settings: LazySettings) -> None:
    settings.SECRET_KEY = INSECURE_SECRET_KEY
    assert _ids() == ["razbor.E001"]


def test_debug_is_refused_where_other_machines_are_answered(settings: LazySettings) -> None:
    settings.DEBUG = True
    assert _ids() == ["razbor.E002"]


def test_sqlite_is_refused_unless_somebody_has_decided_so(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", SQLITE)
    assert _ids() == ["razbor.E003"]
    settings.ALLOW_SQLITE_IN_PRODUCTION = True
    assert _ids() == []


def test_answering_to_any_name_is_refused(settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert _ids() == ["razbor.E005"]


def test_a_fresh_clone_on_this_machine_passes(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    settings.SECRET_KEY = INSECURE_SECRET_KEY
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", SQLITE)
    assert _ids() == []


def test_saying_that_this_is_no_trial_makes_it_production(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    settings.SECRET_KEY = INSECURE_SECRET_KEY
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", SQLITE)
    monkeypatch.setenv("DEBUG", "0")
    assert _ids() == ["razbor.E001", "razbor.E003"]


@pytest.mark.django_db
def test_this_database_lowers_cyrillic_letters_or_is_sqlite() -> None:
    assert checks.cyrillic(None, databases=["default"]) == []


@pytest.mark.skipif(
    "postgresql" not in django_settings.DATABASES["default"]["ENGINE"], reason="SQLite is searched by search_key alone"
)
@pytest.mark.django_db
def test_a_database_that_cannot_lower_cyrillic_letters_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = connection.cursor

    class InLocaleC:
        def __enter__(self) -> "InLocaleC":
            self.cursor = ask()
            return self

        def __exit__(self, *error: object) -> None:
            self.cursor.close()

        def execute(self, sql: str) -> None:
            self.cursor.execute(sql.replace("lower('Ё')", "lower('Ё' COLLATE \"C\")"))

        def fetchone(self) -> tuple[str]:
            return self.cursor.fetchone()

    monkeypatch.setattr(connection, "cursor", InLocaleC)
    (error,) = checks.cyrillic(None, databases=["default"])
    assert error.id == "razbor.E004"
    assert "'Ё'" in error.msg


def _check(tmp_path: Path, **environment: str) -> str:
    """Run `manage.py check` as a server would, in an environment of its own."""
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    run = subprocess.run(
        [sys.executable, "manage.py", "check", "--database", "default"],
        cwd=django_settings.BASE_DIR,
        env={**clean, "DATABASE_URL": f"sqlite:///{tmp_path / 'check.sqlite3'}", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return "" if run.returncode == 0 else run.stderr


def test_the_environment_decides(tmp_path: Path) -> None:
    assert _check(tmp_path, DEBUG="1") == ""
    refused = _check(tmp_path, DEBUG="0", ALLOWED_HOSTS="razbor.example.com", SECRET_KEY=INSECURE_SECRET_KEY)
    assert "razbor.E001" in refused
    assert "razbor.E003" in refused
    (tmp_path / "key").write_text("a-long-key-kept-in-a-file")
    sound = {"DEBUG": "0", "ALLOW_SQLITE_IN_PRODUCTION": "1", "SECRET_KEY_FILE": str(tmp_path / "key")}
    assert _check(tmp_path, ALLOWED_HOSTS="razbor.example.com", **sound) == ""
