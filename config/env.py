"""Reading the environment, once: every setting is a variable, every secret may also be a file (`NAME_FILE`)."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()
environ.Env.read_env(BASE_DIR / ".env")

INSECURE_SECRET_KEY = "only-for-trying-razbor-out"  # noqa: S105  refused in production by check razbor.E001


PREPARED_FROM = 5  # times a connection has sent a statement


def database(*, url: str) -> dict[str, object]:
    """Turn a database URL into Django's settings, tuned for the database it names.

    SQLite: WAL and IMMEDIATE transactions, because the default mode fails under concurrent writers.
    PostgreSQL: a connection pool, because a new connection costs more than the request it serves; and statements that
    come again are prepared, because planning them anew costs it more than carrying them out; and none is compiled: for
    a question of the board with many conditions that took two seconds, and answering it a tenth of one.
    """
    config: dict[str, object] = dict(env.db_url_config(url))
    engine = str(config["ENGINE"])
    if engine.endswith("sqlite3"):
        config["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    elif engine.endswith("postgresql"):
        config["OPTIONS"] = {
            "pool": {"min_size": 1, "max_size": 8, "timeout": 10},
            "server_side_binding": True,
            "prepare_threshold": PREPARED_FROM,
            "options": "-c jit=off",
        }
        config["CONN_HEALTH_CHECKS"] = False  # the pool checks its own connections
    return config
