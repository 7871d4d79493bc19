"""System checks: settings that would be dangerous are refused with an id.

Production is any of: `DEBUG=0` said in the environment, or a host in `ALLOWED_HOSTS` that is not this machine.
With neither said, Razbor answers only to this machine: a fresh clone, a test, a command at the terminal.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from config.env import INSECURE_SECRET_KEY, env

THIS_MACHINE = {"127.0.0.1", "localhost", ".localhost", "[::1]", "testserver"}


def is_public() -> bool:
    """Tell whether Razbor answers to a host that is not this machine."""
    return any(host not in THIS_MACHINE for host in settings.ALLOWED_HOSTS)


def is_production() -> bool:
    """Tell whether the settings are those of a server other people use."""
    said = bool(env.str("DEBUG", default=""))
    return is_public() or (said and not settings.DEBUG)


@register(Tags.security)
def secret_key(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """Refuse the key everybody knows."""
    if is_production() and settings.SECRET_KEY == INSECURE_SECRET_KEY:
        hint = "Set SECRET_KEY, or SECRET_KEY_FILE, to a long random string."
        return [Error("SECRET_KEY is the default one.", hint=hint, id="razbor.E001")]
    return []


@register(Tags.security)
def debug(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to show the inside of the program to other machines."""
    if settings.DEBUG and is_public():
        hint = "Unset DEBUG, or leave only names of this machine in ALLOWED_HOSTS."
        return [Error("DEBUG is on while other machines are answered.", hint=hint, id="razbor.E002")]
    return []


@register(Tags.database)
def sqlite(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """Refuse SQLite for a company, unless somebody has decided so."""
    engine = str(settings.DATABASES["default"]["ENGINE"])
    if is_production() and engine.endswith("sqlite3") and not settings.ALLOW_SQLITE_IN_PRODUCTION:
        hint = "Set DATABASE_URL to a PostgreSQL database, or ALLOW_SQLITE_IN_PRODUCTION=1."
        return [Error("SQLite in production.", hint=hint, id="razbor.E003")]
    return []


@register(Tags.database)
def cyrillic(app_configs: object, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a PostgreSQL database that cannot lower Cyrillic letters.

    SQLite never can: nothing searches there but through `search_key` columns. Runs on `migrate` and
    `check --database default`, because a plain `check` must not need a database.
    """
    return [error for alias in databases or () for error in _cyrillic(alias)]


def _cyrillic(alias: str) -> list[CheckMessage]:
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('Ё')")
        (lowered,) = cursor.fetchone()
    if lowered == "ё":
        return []
    hint = "Create the database with a UTF-8 locale: LOCALE_PROVIDER icu ICU_LOCALE 'ru', or LC_CTYPE 'C.UTF-8'."
    return [Error(f"In the database {alias!r} lower('Ё') is {lowered!r}.", hint=hint, id="razbor.E004")]


@register(Tags.security)
def allowed_hosts(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to answer to any name: links in letters are made of the name asked for."""
    if "*" in settings.ALLOWED_HOSTS:
        return [Error("ALLOWED_HOSTS is *.", hint="List the host names of this installation.", id="razbor.E005")]
    return []
