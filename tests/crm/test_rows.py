"""Rows gathered and written together arrive whole, in every type of column, or not at all."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.models import ApiKey, AuditEvent
from crm.operations import audit
from crm.operations.rows import Overtaken, Rows, by_one_statement
from leads.models import Contact, ContactPoint, Lead, Submission
from leads.rules.facts import Channel, PointKind, SubmissionState
from tests.factories.funnels import make_rules
from tests.factories.leads import make_lead

AT = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
AWKWARD = 'ё "кавычки" \\ $1 %s {} \n\t € 𝄞'

pytestmark = pytest.mark.django_db


def contact(name: str = "Анна") -> Contact:
    return Contact(name=name, search_key=name, created_at=AT)


def test_every_type_of_column_comes_back_as_it_went_in() -> None:
    rows = Rows()
    told = rows.name(
        Submission(
            channel=Channel.HOOK,
            payload={"text": AWKWARD, "deep": [{"n": 1, "none": None}], "no": False},
            body=b"\x00\xff\\x41 raw",
            received_at=AT,
            state=SubmissionState.FAILED,
            error_detail=AWKWARD,
            row_number=7,
        )
    )
    rows.write()
    read = Submission.objects.get(pk=told.pk)
    assert (read.payload, bytes(read.body or b"")) == (told.payload, told.body)
    assert (read.received_at, read.error_detail, read.row_number) == (AT, AWKWARD, 7)
    assert isinstance(read.public_id, UUID)
    assert read.public_id == told.public_id
    assert (read.api_key_id, read.lead_id, read.state) == (None, None, "failed")


def test_a_row_may_refer_to_one_that_waits_beside_it() -> None:
    rows = Rows()
    made = rows.name(contact())
    rows.add(ContactPoint(contact=made, kind=PointKind.PHONE, value="+79172201408", created_at=AT))
    assert rows.is_waiting(made)
    assert not Contact.objects.exists()
    rows.write()
    assert not rows.is_waiting(made)
    assert made.points.get().value == "+79172201408"


def test_ids_are_never_drawn_twice_also_beside_rows_saved_by_themselves() -> None:
    rows = Rows()
    named = [rows.name(contact(str(number))) for number in range(150)]
    alone = contact("alone")
    alone.save()
    rows.write()
    named += [rows.name(contact(str(number))) for number in range(150)]
    rows.write()
    assert len({one.pk for one in [*named, alone]}) == 301 == Contact.objects.count()


def test_a_conflict_lets_nothing_of_it_in() -> None:
    ContactPoint.objects.create(contact=Contact.objects.create(created_at=AT), kind="phone", value="1", created_at=AT)
    rows = Rows()
    rows.add(ContactPoint(contact=rows.name(contact()), kind=PointKind.PHONE, value="1", created_at=AT))
    audit.record(action="test", obj=("a", "1"), by=None, at=AT, rows=rows)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.write()
    assert Contact.objects.count() == 1
    assert not AuditEvent.objects.exists()


def test_what_is_refused_half_way_is_taken_back_and_the_rest_stays() -> None:
    rows = Rows()
    kept = rows.name(contact("kept"))
    dropped = contact("dropped")

    def refused() -> None:
        with rows.all_or_none():
            rows.name(dropped)
            raise ValueError

    with pytest.raises(ValueError):
        refused()
    assert rows.is_waiting(kept)
    assert not rows.is_waiting(dropped)
    rows.write()
    assert [one.name for one in Contact.objects.all()] == ["kept"]


def test_what_is_to_follow_happens_once_and_only_when_something_was_written() -> None:
    told: list[int] = []
    rows = Rows()
    rows.after_writing(lambda number: told.append(number), number=1)
    rows.write()
    assert told == []
    note = told.append
    rows.after_writing(lambda: note(2))
    rows.add(contact())
    rows.write()
    rows.write()
    assert told == [2]


def changed(lead: Lead, message: str) -> Rows:
    """Change a lead as somebody who has just looked at it, and write down that it was done."""
    rows = Rows()
    lead.message, lead.version = message, lead.version + 1
    rows.change(lead, ("message", "version"))
    audit.record(action="test", obj=lead, by=None, at=AT, rows=rows)
    return rows


def test_a_row_is_changed_together_with_what_is_written() -> None:
    rules = make_rules()
    seen, other = make_lead(rules), make_lead(rules)
    changed(seen, AWKWARD).write()
    read = Lead.objects.get(pk=seen.pk)
    assert (read.message, read.version) == (AWKWARD, seen.version)
    assert AuditEvent.objects.filter(action="test", object_id=str(seen.pk)).count() == 1
    assert Lead.objects.get(pk=other.pk).message != AWKWARD


def test_whoever_looked_at_an_older_version_writes_nothing() -> None:
    first = make_lead(make_rules())
    second = Lead.objects.get(pk=first.pk)
    changed(first, "first").write()
    with pytest.raises(Overtaken), transaction.atomic():
        changed(second, "second").write()
    assert Lead.objects.get(pk=first.pk).message == "first"
    assert AuditEvent.objects.filter(action="test").count() == 1


def test_two_rows_are_not_changed_at_once() -> None:
    rules = make_rules()
    rows = changed(make_lead(rules), "one")
    with pytest.raises(ValueError, match="not two"):
        rows.change(make_lead(rules), ("message", "version"))


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite writes kind by kind")
@pytest.mark.django_db(transaction=True)
def test_postgresql_is_told_everything_in_one_statement_and_needs_no_transaction() -> None:
    ApiKey.objects.count()
    rows = Rows()
    with (
        by_one_statement(),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        made = [rows.name(contact(str(number))) for number in range(3)]
        for one in made:
            rows.add(ContactPoint(contact=one, kind=PointKind.PHONE, value=one.name, created_at=AT))
            audit.record(action="test", obj=one, by=None, at=AT, rows=rows)
        rows.write()
    written = [query["sql"] for query in asked if "INSERT" in query["sql"]]
    assert len(written) == 1
    assert not any(query["sql"] in ("BEGIN", "COMMIT") for query in asked)
    assert (Contact.objects.count(), ContactPoint.objects.count(), AuditEvent.objects.count()) == (3, 3, 3)
