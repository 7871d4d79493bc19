"""Which layers know the database, the web and the clock. Import contracts cannot see parts of Django; this can."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("crm", "funnels", "leads", "insights", "reviews")
WEB = ("django.http", "django.shortcuts", "django.urls", "django.views", "django.template", "rest_framework")
DATABASE = ("django.db", "django.contrib", "django.core.cache", "django.apps", "celery", "redis", "psycopg")
CLOCK = {"now", "localdate", "localtime", "utcnow", "today"}


def modules(*layers: str) -> list[Path]:
    found = []
    for app in APPS:
        for layer in layers:
            found += [path for path in [ROOT / app / f"{layer}.py"] if path.exists()]
            found += (ROOT / app / layer).rglob("*.py")
    return sorted(found)


def imported(path: Path) -> Iterator[str]:
    """List the full names a module imports, wherever in it it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def clock_reads(path: Path) -> Iterator[str]:
    """List calls such as `timezone.now()` and `date.today()`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK:
            yield f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node.func)}()"


def managers_used(path: Path) -> Iterator[str]:
    """List where a module asks the database by itself: `Lead.objects`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager"):
            yield f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}"


def imports_of(paths: list[Path], banned: tuple[str, ...]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in imported(path)
        if any(name == bad or name.startswith(f"{bad}.") for bad in banned)
    ]


@pytest.mark.parametrize("layer", ["rules", "intake", "charts"])
def test_pure_layers_know_neither_the_web_nor_the_database(layer: str) -> None:
    assert imports_of(modules(layer), WEB + DATABASE) == []


@pytest.mark.parametrize("layer", ["models", "queries", "operations"])
def test_layers_that_read_and_write_do_not_know_the_web(layer: str) -> None:
    assert imports_of(modules(layer), WEB) == []


@pytest.mark.parametrize("layer", ["rules", "intake", "charts", "models", "queries", "operations", "exports", "forms"])
def test_the_clock_is_read_only_at_the_door(layer: str) -> None:
    assert [call for path in modules(layer) for call in clock_reads(path)] == []


def test_views_leave_reading_to_queries() -> None:
    assert [used for path in modules("views") for used in managers_used(path)] == []


def test_nothing_is_wired_by_signals() -> None:
    everything = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    assert imports_of(everything, ("django.dispatch", "django.db.models.signals")) == []
