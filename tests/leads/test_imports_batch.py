"""A file as a whole: refused, tried, imported again, and what is told of it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.models import ImportBatch, Lead, Submission
from leads.operations.imports import ImportReport
from tests.factories.funnels import Rules, make_rules
from tests.leads.spreadsheet import AT, COLUMNS, DOCUMENT, counts, facts, import_rows, line

pytestmark = pytest.mark.django_db

Import = Callable[..., ImportReport]


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def bring_in(rules: Rules) -> Import:
    return partial(import_rows, rules)


def test_the_same_file_twice_changes_nothing(bring_in: Import) -> None:
    rows = [line(external_id=str(number), source="Fair", tag="dead", won="1") for number in range(5)]
    bring_in(*rows)
    before = facts()
    report = bring_in(*rows, at=AT + timedelta(hours=1))
    assert counts(report) == (0, 5, 0, 0)
    assert facts() == before


def test_a_row_that_says_something_else_now_is_recognised_and_changes_nothing(bring_in: Import) -> None:
    bring_in(line(external_id="1", tag="dead"))
    assert counts(bring_in(line(external_id="1", tag="good", won="1"), at=AT + timedelta(hours=1))) == (0, 1, 0, 0)
    lead = Lead.objects.get()
    assert (lead.verdict, lead.outcome) == (Verdict.NON_TARGET, Outcome.OPEN)


def test_rows_without_an_id_are_recognised_by_what_is_in_them(bring_in: Import) -> None:
    rows = [line(name="Анна", tag="dead"), line(name="Анна", tag="dead"), line(name="Анна")]
    assert counts(bring_in(*rows)) == (3, 0, 0, 0)
    assert counts(bring_in(*rows, at=AT + timedelta(hours=1))) == (0, 3, 0, 0)


def test_a_dry_run_counts_exactly_and_leaves_nothing(bring_in: Import) -> None:
    rows = [line(external_id="1", tag="dead"), line(external_id="1"), line(external_id="2", tag="unheard of")]
    before = facts()
    assert counts(bring_in(*rows, dry_run=True)) == (1, 1, 0, 1)
    assert facts() == before
    assert not ImportBatch.objects.exists()
    assert not Submission.objects.exists()
    assert counts(bring_in(*rows)) == (1, 1, 0, 1)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (DOCUMENT | {"tag_values": {"x": {"fails": ["charm"]}}}, ["charm", "contact_valid, need, budget"]),
        (DOCUMENT | {"tag_values": {"x": {"lost": ["boredom"]}}}, ["boredom", "price"]),
        (DOCUMENT | {"columns": COLUMNS | {"company": "firm"}}, ["columns.company", "firm"]),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_before_the_first_row(
    bring_in: Import, document: dict[str, Any], said: list[str]
) -> None:
    with pytest.raises(DomainError) as caught:
        bring_in(line(external_id="1"), document=document)
    assert all(word in str(caught.value) for word in said)
    assert not ImportBatch.objects.exists()
    assert not Submission.objects.exists()


def test_an_arrival_in_the_future_is_refused(bring_in: Import) -> None:
    with pytest.raises(DomainError, match="future"):
        bring_in(line(external_id="1"), arrived_at=AT + timedelta(days=1))


def test_the_batch_and_the_audit_say_what_came_of_it(bring_in: Import, head: User) -> None:
    report = bring_in(line(external_id="1"), line(external_id="2", tag="unheard of"), by=head)
    batch = ImportBatch.objects.get(pk=report.batch_id)
    assert (batch.created_count, batch.failed_count, batch.started_by) == (1, 1, head)
    assert batch.finished_at is not None
    event = AuditEvent.objects.get(action="import.finished")
    assert (event.actor_id, event.changes["created"]) == (head.pk, 1)


def test_progress_is_told_by_chunks(bring_in: Import) -> None:
    told: list[tuple[int, int]] = []
    rows = [line(external_id=str(number)) for number in range(201)]
    bring_in(*rows, on_progress=lambda done, count: told.append((done, count)))
    assert told == [(200, 201), (201, 201)]
