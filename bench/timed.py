"""Pages that have to be quick whatever is there: their server time with a million leads, beside what it should be.

To measure another page, add a row to TIMED: a name that ends with the size, the goal, who looks, and its address.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench import database
from bench.figures import Goal, Report

ROUNDS = 15
MEDIAN = Goal(20, is_at_least=False)
BY_PHONE, BY_NAME = Goal(15, is_at_least=False), Goal(60, is_at_least=False)
KANBAN, QUEUE = Goal(80, is_at_least=False), Goal(30, is_at_least=False)


@dataclass(frozen=True, slots=True)
class Timed:
    """One page; `path` is asked with a lead from the middle of the list."""

    name: str
    goal: Goal
    role: str
    path: Callable[[Any], str]


def _before(lead: Any) -> str:
    from leads.queries.inbox import Place

    return f"/leads/?before={Place.of(lead)}"


def _of_its_source(lead: Any) -> str:
    return f"/leads/?source={lead.source.code}&owner={lead.owner_id}&verdict=non_target"


def _by_phone(lead: Any) -> str:
    return f"/leads/?q={lead.contact.points.get(kind='phone').value.removeprefix('+')}"


def _by_name(lead: Any) -> str:
    return f"/leads/?q={lead.contact.name.partition('-')[0]}"


TIMED: tuple[Timed, ...] = (
    Timed("list_ms_1m", MEDIAN, "admin", lambda lead: "/leads/"),
    Timed("list_filtered_ms_1m", MEDIAN, "admin", _of_its_source),
    Timed("list_deep_ms_1m", MEDIAN, "admin", _before),
    Timed("search_phone_ms_1m", BY_PHONE, "admin", _by_phone),
    Timed("search_name_ms_1m", BY_NAME, "admin", _by_name),
    Timed("kanban_ms_1m", KANBAN, "admin", lambda lead: "/kanban/"),
    Timed("queue_ms_1m", QUEUE, "admin", lambda lead: "/queue/"),
)


def timed(report: Report, *, url: str, rounds: int = ROUNDS) -> None:
    """Ask every page in turn, round after round, within this process."""
    from django.test import Client

    from crm.models import User
    from leads.models import Lead

    with looking_at(url):
        leads = Lead.objects.filter(external_id__startswith="fill-", duplicate_of=None).order_by("-received_at")
        lead = leads[leads.count() // 2]
        clients: dict[str, Client] = {}
        for role in {page.role for page in TIMED}:
            clients[role] = Client(headers={"host": "localhost"})
            clients[role].force_login(User.objects.filter(role=role).first(), backend="crm.authentication.EmailBackend")
        asked: Mapping[Timed, str] = {page: page.path(lead) for page in TIMED}
        taken: dict[Timed, list[float]] = {page: [] for page in TIMED}
        for number in range(rounds + 1):  # the first answer also compiles templates and fills PostgreSQL's cache
            for page, path in asked.items():
                start = time.perf_counter()
                response = clients[page.role].get(path, follow=True)  # the queue leads on to its lead
                spent = (time.perf_counter() - start) * 1000
                if response.status_code != 200:
                    raise SystemExit(f"{path} answered {response.status_code}")
                if number:
                    taken[page].append(spent)
    for page, times in taken.items():
        report.time(page.name, times, goal=page.goal)


@contextmanager
def looking_at(url: str) -> Iterator[None]:
    """Let Django of this process look into another database of ours."""
    from django.db import connections

    default = connections["default"]
    before = default.settings_dict["NAME"]
    _leave(default)
    default.settings_dict["NAME"] = database.name_of(url)
    try:
        yield
    finally:
        _leave(default)
        default.settings_dict["NAME"] = before


def _leave(connection: Any) -> None:
    connection.close()
    connection.close_pool()
