"""The pages people wait for, in turns with an answer that does nothing but pass the middlewares."""

import time
from collections.abc import Callable, Mapping, Sequence

ROUNDS = 15
FLOOR = "/livez"
PAGES = (
    "/",
    "/api/v1/metrics/quality",
    "/api/v1/metrics/quality?group_by=week",
    "/api/v1/metrics/criteria",
    "/api/v1/metrics/sources",
    "/leads/",
)


def measure(*, get: Callable[[str], float], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Ask every page in turn, round after round."""
    times: dict[str, list[float]] = {page: [] for page in (FLOOR, *PAGES)}
    for page in times:
        get(page)  # the first answer also compiles templates and fills caches
    for _ in range(rounds):
        for page, taken in times.items():
            taken.append(get(page))
    return times


def pages(*, rounds: int = ROUNDS) -> Mapping[str, Sequence[float]]:
    """Measure the pages as the executive of the demonstration sees them."""
    from django.test import Client

    from crm.models import User
    from crm.rules.roles import Role

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.filter(role=Role.EXECUTIVE).first(), backend="crm.authentication.EmailBackend")

    def get(page: str) -> float:
        start = time.perf_counter()
        response = client.get(page)
        taken = time.perf_counter() - start
        if response.status_code != 200:
            raise SystemExit(f"{page} answered {response.status_code}")
        return taken

    return measure(get=get, rounds=rounds)
