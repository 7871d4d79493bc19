"""Web servers on 127.0.0.1: the product and the floor under the same gunicorn. Only what is ours is ended, by pid."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.machine import ROOT, tree

HOST = "127.0.0.1"
WORKERS = 2
GUNICORN = ("--workers", str(WORKERS), "--worker-class", "sync", "--timeout", "120", "--graceful-timeout", "5")
SHARED_MEMORY = Path("/dev/shm")


class Server:
    """One gunicorn with its workers."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, database_url: str) -> None:
        self.process, self.port, self.database_url = process, port, database_url

    def pids(self) -> list[int]:
        """List its processes."""
        return list(tree(self.process.pid))


def environment(*, database_url: str, redis_url: str, place: Path) -> dict[str, str]:
    """Set the product up as in production, but for HTTPS; nothing else of our own environment reaches it."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DEBUG": "false",
        "ALLOW_PLAIN_HTTP": "true",
        "ALLOWED_HOSTS": HOST,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "STATIC_ROOT": str(place / "static"),
    }


@contextmanager
def product(*, database_url: str, redis_url: str, place: Path) -> Iterator[Server]:
    """Serve the product with its access log, as its image does."""
    words = ("config.wsgi:application", "--access-logfile", "-", "--logger-class", "config.access_log.AccessLog")
    env = environment(database_url=database_url, redis_url=redis_url, place=place)
    with _served("product", words, env, database_url, place) as server:
        yield server


@contextmanager
def floor(*, database_url: str, place: Path) -> Iterator[Server]:
    """Serve the floor."""
    env = environment(database_url=database_url, redis_url="", place=place)
    env["DJANGO_SETTINGS_MODULE"] = "bench.floor.settings"
    with _served("floor", ("bench.floor.web:application",), env, database_url, place) as server:
        yield server


@contextmanager
def _served(name: str, words: Sequence[str], env: dict[str, str], database_url: str, place: Path) -> Iterator[Server]:
    port, log = _free_port(), place / f"{name}.log"
    command = [str(Path(sys.executable).parent / "gunicorn"), *words, "--bind", f"{HOST}:{port}", *GUNICORN]
    if SHARED_MEMORY.is_dir():
        command += ["--worker-tmp-dir", str(SHARED_MEMORY)]
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True)
    try:
        _wait(process, port, log)
        yield Server(process, port, database_url)
    finally:
        _end(process)


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    for _try in range(300):
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"The server does not come up: {log.read_text(errors='replace')[-2000:]}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    everything = list(tree(process.pid)) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        for pid in everything:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(timeout=5)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
