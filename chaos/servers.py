"""The servers of one run: a PostgreSQL, a Redis and the product, all of our own, on 127.0.0.1, in one directory."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psycopg
import redis

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parent.parent
WEB_WORKERS, WEB_THREADS = 2, 4
POSTGRES_SETTINGS = {
    "fsync": "on",
    "listen_addresses": HOST,
    "log_min_error_statement": "panic",  # as compose has it: a refused statement quotes what people typed
    "log_error_verbosity": "terse",
}


class Missing(Exception):
    """A program this machine lacks."""


def binaries() -> Path:
    """Find PostgreSQL's programs, and make sure of Redis's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    initdb = str(found[-1]) if found else shutil.which("initdb")
    if initdb is None:
        raise Missing("PostgreSQL's initdb")
    if shutil.which("redis-server") is None:
        raise Missing("redis-server")
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        raise Missing("runuser, by which root starts PostgreSQL")
    return Path(initdb).parent


def free_port() -> int:
    """Ask the system for a port nobody uses."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def wait_until(is_so: Callable[[], object], *, seconds: float, what: str) -> float:
    """Wait for something; return for how long, or raise TimeoutError."""
    start = time.monotonic()
    while not is_so():
        if time.monotonic() - start > seconds:
            raise TimeoutError(f"{what} took more than {seconds:.0f} s")
        time.sleep(0.05)
    return time.monotonic() - start


def children(pid: int) -> list[int]:
    """List the processes a process of ours has started, the youngest last."""
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in told.split()]


def tree(pid: int) -> Iterator[int]:
    """List a process and everything below it."""
    yield pid
    for child in children(pid):
        yield from tree(child)


def send(pids: Sequence[int], number: signal.Signals) -> None:
    """Signal processes; one that has ended meanwhile is no matter."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


class Process:
    """A program that runs until it is stopped or killed, and may be started again."""

    def __init__(self, *, name: str, command: Sequence[str], environment: dict[str, str], logs: Path) -> None:
        self.name, self.command, self.environment = name, list(command), environment
        self.log = logs / f"{name}.log"
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; what it says goes to its log."""
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command, stdout=log, stderr=log, cwd=ROOT, env=self.environment, start_new_session=True
            )

    @property
    def pid(self) -> int:
        """The number of the running process."""
        assert self.running is not None, f"{self.name} does not run"
        return self.running.pid

    def kill(self) -> None:
        """Kill it with all its children, so that nobody can tidy up."""
        if self.running is None:
            return
        if self.running.poll() is None:
            send(list(tree(self.pid)), signal.SIGKILL)
        self.running.wait(timeout=10)
        self.running = None

    def stop(self) -> None:
        """Ask it to end, and insist."""
        if self.running is None or self.running.poll() is not None:
            return
        everything = list(tree(self.pid))
        send(everything[:1], signal.SIGCONT)
        send(everything[:1], signal.SIGTERM)
        try:
            self.running.wait(timeout=8)
        except subprocess.TimeoutExpired:
            send(everything, signal.SIGKILL)
            self.running.wait(timeout=5)


class Postgres:
    """A cluster made for this run, with fsync on: a crash of it is a real one."""

    def __init__(self, *, programs: Path, place: Path) -> None:
        self.programs, self.place, self.port = programs, place / "pg", free_port()
        self.url = f"postgres://postgres@{HOST}:{self.port}/razbor"
        self.log = self.place / "postgres.log"
        self._exists = False

    def start(self) -> None:
        """Make the cluster and the database."""
        self.place.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.place, "postgres")
        self._run(
            *("initdb", "--pgdata", self._data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8"),
            *("--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "ru-RU"),
        )
        settings = POSTGRES_SETTINGS | {"port": str(self.port), "unix_socket_directories": str(self.place)}
        self._options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._exists = True
        self._control("start", "--wait")
        with psycopg.connect(host=HOST, port=self.port, user="postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE razbor")

    def crash(self) -> None:
        """Let it lose everything it had not written, and recover."""
        self._control("restart", "--wait", "--mode", "immediate")

    def stop(self) -> None:
        """End it."""
        if self._exists:
            with suppress(subprocess.CalledProcessError):
                self._run("pg_ctl", "--pgdata", self._data, "--mode", "immediate", "stop")

    def connect(self) -> psycopg.Connection:
        """Open a connection of the checks' own."""
        return psycopg.connect(self.url, autocommit=True, connect_timeout=5)

    @property
    def _data(self) -> str:
        return str(self.place / "data")

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", "--pgdata", self._data, "--log", str(self.log), "--options", self._options, *words)

    def _run(self, program: str, *words: str) -> None:
        command = [str(self.programs / program), *words]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(
            command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )


class Servers:
    """Everything that runs, and how to end it."""

    def __init__(self, *, place: Path) -> None:
        self.logs = place / "logs"
        self.logs.mkdir()
        self.postgres = Postgres(programs=binaries(), place=place)
        self.redis_port, self.web_port = free_port(), free_port()
        self.redis_url = f"redis://{HOST}:{self.redis_port}/0"
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | {
            "SECRET_KEY": secrets.token_urlsafe(64),
            "DEBUG": "false",
            "ALLOW_PLAIN_HTTP": "true",
            "ALLOWED_HOSTS": HOST,
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis_url,
            "STATIC_ROOT": str(place / "static"),
            "PYTHONUNBUFFERED": "1",
        }
        beside = Path(sys.executable).parent
        redis_words = ["--port", str(self.redis_port), "--bind", HOST, "--save", "", "--dir", str(place)]
        self.redis = self._process("redis", shutil.which("redis-server") or "", *redis_words)
        self.web = self._process(
            *("web", str(beside / "gunicorn"), "config.wsgi:application", "--bind", f"{HOST}:{self.web_port}"),
            *("--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS), "--graceful-timeout", "10"),
            *("--access-logfile", "-", "--logger-class", "config.access_log.AccessLog"),
        )
        celery = (str(beside / "celery"), "--app", "config.celery")
        self.worker = self._process("worker", *celery, "worker", "--loglevel", "info", "--concurrency", "2")
        schedule = ("--pidfile=", "--schedule", str(place / "beat"))
        self.beat = self._process("beat", *celery, "beat", "--loglevel", "warning", *schedule)

    def start(self) -> None:
        """Start everything, with a preset's rules in an empty database."""
        self.postgres.start()
        self.start_redis()
        self.manage("migrate", "--verbosity", "0")
        self.manage("use_preset", "online-school", "--language", "en")
        self.web.start()
        self.worker.start()
        self.beat.start()
        wait_until(self.web_answers, seconds=30, what="starting the web server")

    def stop(self) -> None:
        """End everything that was started, and nothing else."""
        for process in (self.beat, self.worker, self.web, self.redis):
            process.stop()
        self.postgres.stop()

    def start_redis(self) -> None:
        """Start an empty Redis."""
        self.redis.start()
        wait_until(self._redis_answers, seconds=10, what="starting Redis")

    def manage(self, *words: str) -> str:
        """Run a command of the product and return what it printed."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=600)
        with (self.logs / "commands.log").open("a") as log:
            log.write(done.stderr)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stdout[-1000:]}{done.stderr[-1000:]}")
        return done.stdout

    def command(self, name: str, *words: str) -> Process:
        """Prepare a command of the product to run beside the others."""
        return self._process(name, sys.executable, "manage.py", *words)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Read everything the servers have written down."""
        for path in (*sorted(self.logs.iterdir()), self.postgres.log):
            yield path.name, path.read_text(encoding="utf-8", errors="replace")

    def web_answers(self) -> bool:
        """Tell whether the web server takes connections."""
        with suppress(OSError), socket.create_connection((HOST, self.web_port), timeout=1):
            return True
        return False

    def _redis_answers(self) -> bool:
        client = redis.Redis.from_url(self.redis_url, socket_timeout=1)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def _process(self, name: str, *command: str) -> Process:
        return Process(name=name, command=command, environment=self.environment, logs=self.logs)
