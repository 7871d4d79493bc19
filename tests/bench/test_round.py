"""One tiny round of everything that asks over HTTP, on PostgreSQL; it times nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from bench import bulk, servers
from bench.figures import Report
from bench.fill import fill
from bench.floor import table
from bench.load import Work, batches, floor_pushes, judgements, pushes, run
from bench.prepared import judgement_told, make_tokens, undecided_codes
from bench.writes import FLOOR, JUDGE, PUSH, in_turns, one_by_one
from crm.rules.roles import Role
from leads.models import Assessment, Lead, Source
from leads.queries.consistency import differences
from tests.factories.crm import UserFactory
from tests.factories.funnels import make_rules

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the floors are PostgreSQL's"),
]
LEADS = 60


@pytest.fixture
def url() -> Iterator[str]:
    """The test's own database, filled as for a measurement."""
    at, known = datetime.now(UTC), connection.settings_dict
    make_rules(at=datetime(2020, 1, 1, tzinfo=UTC))
    UserFactory(role=Role.MANAGER)
    for code in ("site", "vk"):
        Source.objects.create(code=code, name=code, is_confirmed=True, created_at=at)
    where = f"postgres://{quote(known['USER'])}:{quote(known['PASSWORD'])}@{known['HOST']}:{known['PORT'] or 5432}"
    url = f"{where}/{known['NAME']}"
    fill(url=url, leads=LEADS, at=at)
    table.make(url)
    yield url
    table.drop(url)


def test_what_is_filled_agrees_with_its_facts(url: str) -> None:
    assert Lead.objects.count() == LEADS
    assert list(differences(leads=Lead.objects.all())) == []


def test_a_round_of_each_kind_of_work(url: str, tmp_path: Path) -> None:
    tokens = make_tokens(at=datetime.now(UTC), keys=4)
    judging = judgements(tokens, iter(undecided_codes()), judgement_told(at=datetime.now(UTC)))
    before = Assessment.objects.count()
    with (
        servers.product(database_url=url, redis_url="", place=tmp_path) as product,
        servers.floor(database_url=url, place=tmp_path) as floor,
    ):
        works = {
            FLOOR: Work(floor, floor_pushes, callers=2, most=1),
            PUSH: Work(product, pushes(tokens), callers=2, most=1),
            JUDGE: Work(product, judging, callers=2, most=1),
        }
        taken = in_turns(works, rounds=1, seconds=30)
        run(Work(product, batches(tokens, 3), callers=1, expected=200), name="batch", seconds=30, most=1)
    report = Report(date="", machine={}, of={})
    one_by_one(report, taken)
    assert [ratio.name for ratio in report.ratios] == ["push_ratio", "push_cpu_ratio", "judge_cpu_ratio"]
    assert Lead.objects.count() == LEADS + 4 + 3
    assert Assessment.objects.count() == before + 4
    assert bulk.copied(url=url, name="copied", at=datetime.now(UTC), count=5).done == 5
    assert bulk.imported(name="imported", count=5, place=tmp_path).done == 5
