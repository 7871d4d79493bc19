"""A PostgreSQL database of our own: made for one run, dropped after it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

DEFAULT_URL = "postgres://postgres@127.0.0.1:5432/razbor_bench"
OURS = "razbor_bench"  # what is dropped must be named so
HERE = {"127.0.0.1", "localhost", "::1", ""}


class NotHere(Exception):
    """There is no PostgreSQL to measure on."""


def named(url: str, suffix: str) -> str:
    """Name another database beside this one."""
    return urlsplit(url)._replace(path=f"/{name_of(url)}{suffix}").geturl()


def name_of(url: str) -> str:
    """Tell the name of the database; refuses one that may be somebody's."""
    name = urlsplit(url).path.strip("/")
    if not name.startswith(OURS):
        raise SystemExit(f"The database is made anew and dropped, so its name starts with {OURS}, unlike “{name}”.")
    if (urlsplit(url).hostname or "") not in HERE:
        raise SystemExit("PostgreSQL has to be on this machine: its CPU is read from /proc.")
    return name


def version(url: str) -> str:
    """Ask PostgreSQL for its version; raises NotHere when it does not answer."""
    try:
        with closing(_server(url)) as server:
            return str(server.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]
    except psycopg.OperationalError as error:
        raise NotHere(str(error).strip().splitlines()[0]) from error


@contextmanager
def own(url: str, *, like: str | None = None) -> Iterator[str]:
    """Make the database, as a copy of another if one is named, and drop it whatever happens."""
    name = sql.Identifier(name_of(url))
    template = sql.SQL(" TEMPLATE {}").format(sql.Identifier(name_of(like))) if like else sql.SQL("")
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name)
    with closing(_server(url)) as server:
        server.execute(drop)
        server.execute(sql.SQL("CREATE DATABASE {}").format(name) + template)
    try:
        yield url
    finally:
        with closing(_server(url)) as server:
            server.execute(drop)


def backends(url: str) -> list[int]:
    """List the processes that serve this database."""
    with closing(_server(url)) as server:
        rows = server.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [urlsplit(url).path.strip("/")])
        return [pid for (pid,) in rows]


def settle(url: str) -> None:
    """Vacuum and analyse, so that plans are those of a database that has lived."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def _server(url: str) -> psycopg.Connection:
    return psycopg.connect(urlsplit(url)._replace(path="/postgres").geturl(), autocommit=True, connect_timeout=3)
