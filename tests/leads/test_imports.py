"""A spreadsheet comes in through the same operations as every other door."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.intake import failed_rows, mapping, sheet
from leads.models import (
    Assessment,
    AssessmentAnswer,
    Contact,
    ImportBatch,
    Lead,
    OwnerChange,
    Sale,
    Source,
    Submission,
    Touch,
    Transition,
)
from leads.operations.imports import ImportReport, run_import
from leads.rules.facts import AssessmentKind, Channel, SubmissionState, TouchResult
from tests.factories.funnels import Rules, make_rules

pytestmark = pytest.mark.django_db

AT = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
ARRIVED = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)
HEADER = "id;src;name;phone;email;tag;won;created;touched;stage;lost;reason;note;sum;owner"
COLUMNS = {
    "external_id": "id",
    "source": "src",
    "name": "name",
    "phone": "phone",
    "email": "email",
    "tag": "tag",
    "won": "won",
    "created_at": "created",
    "first_touch_at": "touched",
    "stage": "stage",
    "lost_at": "lost",
    "lost_reason": "reason",
    "lost_note": "note",
    "amount": "sum",
    "owner": "owner",
}
TAGS = {
    "dead": {"fails": ["contact_valid"]},
    "poor": {"fails": ["budget", "need"]},
    "good": {"verdict": "target"},
    "stolen": {"verdict": "target", "lost": ["competitor"]},
    "ringing": {"touch": "no_answer"},
    "test": {"test": True},
    "": {},
}
DOCUMENT: dict[str, Any] = {"columns": COLUMNS, "tag_values": TAGS}
Import = Callable[..., ImportReport]


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def bring_in(rules: Rules) -> Import:
    def run(*rows: str, document: dict[str, Any] | None = None, header: str = HEADER, **options: Any) -> ImportReport:
        content = "\n".join([header, *rows]).encode()
        return run_import(
            **{
                "sheet": sheet.read(content),
                "file_name": "leads.csv",
                "sha256": "0" * 64,
                "mapping": mapping.parse(json.dumps(document or DOCUMENT)),
                "funnel": rules.funnel,
                "by": None,
                "arrived_at": ARRIVED,
                "at": AT,
                **options,
            }
        )

    return run


def line(**cells: str) -> str:
    by_column = {COLUMNS[key]: value for key, value in cells.items()}
    return ";".join(by_column.get(name, "") for name in HEADER.split(";"))


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.recognised, report.duplicate, report.failed


def facts() -> list[int]:
    models = (Lead, Contact, Assessment, AssessmentAnswer, Touch, Transition, Sale, OwnerChange, Source)
    return [model._default_manager.count() for model in models]


def test_rows_become_leads_with_what_is_known_of_them(bring_in: Import) -> None:
    report = bring_in(
        line(external_id="1", source="Fair", name="Анна", phone="8 (917) 220-14-08", email="A@Example.com"),
        line(external_id="2", source="Fair", created_at="02.03.2026 10:00"),
    )
    assert counts(report) == (2, 0, 0, 0)
    first, second = Lead.objects.order_by("external_id")
    assert first.source.code == "Fair"
    assert first.contact.name == "Анна"
    assert {point.value for point in first.contact.points.all()} == {"+79172201408", "a@example.com"}
    assert first.received_at == ARRIVED
    assert second.received_at == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert {first.channel, second.channel} == {Channel.IMPORT}
    assert {first.import_batch_id, second.import_batch_id} == {report.batch_id}


def test_a_tag_judges_the_lead_by_criteria(bring_in: Import, rules: Rules) -> None:
    bring_in(
        line(external_id="1", tag="dead"),
        line(external_id="2", tag="Poor"),
        line(external_id="3", tag="good"),
        line(external_id="4"),
        line(external_id="5", tag="ringing"),
    )
    dead, poor, good, silent, ringing = Lead.objects.order_by("external_id")
    assert (dead.verdict, dead.fail_mask) == (Verdict.NON_TARGET, rules.mask("contact_valid"))
    assert (poor.verdict, poor.fail_mask) == (Verdict.NON_TARGET, rules.mask("need", "budget"))
    assert (good.verdict, good.assessed_mask) == (Verdict.TARGET, rules.mask("contact_valid", "need", "budget"))
    assert {silent.verdict, ringing.verdict} == {Verdict.UNDECIDED}
    assert {row.kind for row in Assessment.objects.all()} == {AssessmentKind.IMPORT}
    assert not silent.assessments.exists()
    assert [touch.result for touch in ringing.touches.all()] == [TouchResult.NO_ANSWER]


def test_a_won_lead_that_was_tagged_non_target_is_won_and_stays_non_target(bring_in: Import) -> None:
    bring_in(line(external_id="1", tag="dead", won="1", amount="12 500,50"))
    lead = Lead.objects.get()
    assert (lead.outcome, lead.verdict) == (Outcome.WON, Verdict.NON_TARGET)
    assert lead.sales.get().amount == Decimal("12500.50")


def test_a_row_both_won_and_lost_is_won_and_counted_in_the_report(bring_in: Import) -> None:
    report = bring_in(line(external_id="1", tag="stolen", won="1"), line(external_id="2", tag="stolen", won="0"))
    won, lost = Lead.objects.order_by("external_id")
    assert (won.outcome, lost.outcome) == (Outcome.WON, Outcome.LOST)
    assert report.won_and_lost == 1


def test_stages_and_reasons_may_be_given_by_code_or_name(bring_in: Import) -> None:
    bring_in(
        line(external_id="1", stage="OFFER", lost_at="20.03.2026", lost_reason="Price | competitor"),
        line(external_id="2", stage="won"),
        line(external_id="3", stage="new"),
    )
    lost, won, new = Lead.objects.order_by("external_id")
    assert (lost.stage.code, lost.outcome) == ("offer", Outcome.LOST)
    loss = lost.transitions.get(kind="lose")
    assert sorted(reason.code for reason in loss.reasons.all()) == ["competitor", "price"]
    assert loss.occurred_at == datetime(2026, 3, 19, 21, 0, tzinfo=UTC)
    assert won.outcome == Outcome.WON
    assert (new.stage.code, new.outcome) == ("new", Outcome.OPEN)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"lost_at": "20.03.2026"}, "reason"),
        ({"lost_reason": "no such reason"}, "no such reason"),
        ({"stage": "offer", "lost_reason": "early"}, "early"),
        ({"lost_reason": "other"}, "note"),
        ({"stage": "no such stage"}, "no such stage"),
        ({"tag": "unheard of"}, "add it to tag_values"),
        ({"created_at": "some day"}, "some day"),
    ],
)
def test_d9_a_row_that_breaks_a_rule_fails_alone_and_is_kept(
    bring_in: Import, cells: dict[str, str], said: str
) -> None:
    report = bring_in(line(external_id="1"), line(external_id="2", **cells), line(external_id="3"))
    assert counts(report) == (2, 0, 0, 1)
    (failure,) = report.errors
    assert failure.line == 3
    assert said in failure.message
    assert sorted(Lead.objects.values_list("external_id", flat=True)) == ["1", "3"]
    kept = Submission.objects.get(state=SubmissionState.FAILED)
    assert kept.row_number == 3
    assert kept.payload["id"] == "2"
    assert said in kept.error_detail


def test_d15_broken_rows_are_reported_with_their_lines_and_handed_back(bring_in: Import) -> None:
    good, short, nul = line(external_id="1"), "2;Fair", line(external_id="3", name="a\x00b")
    report = bring_in(good, short, nul)
    assert counts(report) == (1, 0, 0, 2)
    assert [failure.line for failure in report.errors] == [3, 4]
    read = sheet.read("\n".join([HEADER, good, short, nul]).encode())
    lines = failed_rows.write(read, report.failed_rows).decode().splitlines()
    assert lines == [HEADER, short, nul]


def test_the_note_of_a_loss_satisfies_a_reason_that_needs_one(bring_in: Import) -> None:
    assert counts(bring_in(line(external_id="1", lost_reason="other", lost_note="moved away"))) == (1, 0, 0, 0)


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
    rows = [line(source="Fair", tag="dead"), line(source="Fair", tag="dead"), line(source="Fair")]
    assert counts(bring_in(*rows)) == (3, 0, 0, 0)
    assert counts(bring_in(*rows, at=AT + timedelta(hours=1))) == (0, 3, 0, 0)


def test_the_same_phone_within_the_window_is_a_duplicate(bring_in: Import) -> None:
    report = bring_in(
        line(external_id="1", source="Fair", phone="8 917 220-14-08", created_at="01.03.2026"),
        line(external_id="2", source="Site", phone="+79172201408", created_at="05.03.2026"),
    )
    assert counts(report) == (1, 0, 1, 0)


def test_the_touch_of_a_known_time_is_recorded(bring_in: Import) -> None:
    bring_in(line(external_id="1", created_at="02.03.2026 10:00", first_touch_at="02.03.2026 10:20"))
    lead = Lead.objects.get()
    assert lead.first_touch_at == datetime(2026, 3, 2, 7, 20, tzinfo=UTC)


def test_tests_are_marked_and_not_valid(bring_in: Import) -> None:
    bring_in(line(external_id="1", tag="test"))
    assert Lead.objects.get().is_test
    assert not Lead.objects.valid().exists()


def test_the_owner_is_found_by_e_mail(bring_in: Import, manager: User) -> None:
    bring_in(line(external_id="1", owner=manager.email))
    assert Lead.objects.get().owner == manager


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
