"""What the settings promise, whatever the environment says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from config.env import database


def _value(expression: str, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    code = f"from config import settings; print({expression})"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return run.stdout.strip()


def test_sqlite_takes_one_writer_at_a_time_and_waits() -> None:
    options = database(url="sqlite:////tmp/razbor.sqlite3")["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    assert "journal_mode=WAL" in options["init_command"]


def test_postgresql_has_a_pool() -> None:
    assert database(url="postgres://razbor@db/razbor")["OPTIONS"]["pool"]


def test_postgresql_compiles_no_statement() -> None:
    assert "jit=off" in database(url="postgres://razbor@db/razbor")["OPTIONS"]["options"]


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("kept-in-a-file")
    assert _value("settings.SECRET_KEY", SECRET_KEY_FILE=str(tmp_path / "key")) == "kept-in-a-file"


def test_a_server_speaks_tls_only_and_a_trial_does_not() -> None:
    flags = "settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE"
    assert _value(flags, DEBUG="0") == "True True True"
    assert _value(flags, DEBUG="0", ALLOW_PLAIN_HTTP="1") == "False False False"


def test_the_mail_server_is_read_from_a_url() -> None:
    url = "smtp+tls://user:secret@smtp.example.com:587"
    names = "settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS"
    assert _value(names, EMAIL_URL=url) == "smtp.example.com 587 True"


def test_passwords_are_kept_by_argon2_alone() -> None:
    assert _value("settings.PASSWORD_HASHERS") == "['django.contrib.auth.hashers.Argon2PasswordHasher']"


def test_a_session_is_limited() -> None:
    assert (settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE_SECONDS) == (12 * 3600, 3 * 3600)
    assert settings.SESSION_COOKIE_HTTPONLY


@pytest.mark.parametrize("name", ["script-src", "style-src", "default-src"])
def test_the_policy_allows_nothing_inline(name: str) -> None:
    values = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"][name]
    assert not [value for value in values if "unsafe" in value or value.startswith("http")]
