"""An import can be taken back as a whole, until people have worked with it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from crm.models import AuditEvent
from funnels.rules.criteria import Result
from leads.intake import mapping, sheet
from leads.models import (
    Assessment,
    Campaign,
    Contact,
    ContactPoint,
    ImportBatch,
    Lead,
    Segment,
    Source,
    Submission,
    Transition,
)
from leads.operations import assessments
from leads.operations.assessments import Answer
from leads.operations.imports import (
    BatchAlreadyUndone,
    BatchHasBeenWorkedOn,
    batch_to_undo,
    run_import,
    undo_import,
)
from leads.rules.facts import AssessmentKind, SubmissionState
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import receive

pytestmark = pytest.mark.django_db

AT = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=2)
DOCUMENT = {
    "columns": {
        "external_id": "id",
        "source": "source",
        "campaign": "campaign",
        "segment": "segment",
        "phone": "phone",
        "email": "email",
        "tag": "tag",
    },
    "tag_values": {"dead": {"fails": ["contact_valid"]}, "lost": {"lost": ["price"]}, "": {}},
}


@pytest.fixture
def rules() -> Rules:
    return make_rules()


def bring_in(rules: Rules, *rows: str, at: datetime = AT) -> ImportBatch:
    content = "\n".join(["id,source,campaign,segment,phone,email,tag", *rows]).encode()
    report = run_import(
        sheet=sheet.read(content),
        file_name="leads.csv",
        sha256="0" * 64,
        mapping=mapping.parse(json.dumps(DOCUMENT)),
        funnel=rules.funnel,
        by=None,
        arrived_at=datetime(2026, 3, 1, tzinfo=UTC),
        at=at,
    )
    return ImportBatch.objects.get(pk=report.batch_id)


def test_undo_leaves_nothing_but_the_raw_rows(rules: Rules) -> None:
    sources = set(Source.objects.values_list("code", flat=True))
    batch = bring_in(
        rules,
        "1,Fair,spring,firms,+79172201408,,dead",
        "2,Fair,spring,firms,+79172201408,,lost",
        "3,,,,,a@example.com,",
    )
    assert undo_import(batch=batch, by=None, at=LATER) == 3
    for model in (Lead, Assessment, Transition, Contact, ContactPoint, Campaign, Segment):
        assert not model._default_manager.exists(), model
    assert set(Source.objects.values_list("code", flat=True)) - sources <= {"undefined"}
    assert Submission.objects.filter(state=SubmissionState.UNDONE).count() == 3
    batch.refresh_from_db()
    assert batch.undone_at == LATER
    assert AuditEvent.objects.get(action="import.undone").changes == {"leads": 3}


def test_the_file_can_come_in_again_after_undo(rules: Rules) -> None:
    undo_import(batch=bring_in(rules, "1,Fair,,,,,dead"), by=None, at=LATER)
    assert bring_in(rules, "1,Fair,,,,,dead", at=LATER).created_count == 1


def test_undo_keeps_what_others_brought(rules: Rules) -> None:
    bring_in(rules, "1,Fair,spring,firms,+79172201408,,")
    batch = bring_in(rules, "2,Fair,spring,firms,+79172201408,,", "3,Site,,,,,", at=LATER)
    undo_import(batch=batch, by=None, at=LATER)
    assert [lead.external_id for lead in Lead.objects.all()] == ["1"]
    assert ContactPoint.objects.get().value == "+79172201408"
    assert Campaign.objects.get().code == "spring"
    assert not Source.objects.filter(code="Site").exists()


def test_undo_keeps_a_source_a_person_has_confirmed(rules: Rules) -> None:
    batch = bring_in(rules, "1,Fair,,,,,")
    Source.objects.filter(code="Fair").update(is_confirmed=True)
    undo_import(batch=batch, by=None, at=LATER)
    assert Source.objects.filter(code="Fair").exists()


def test_undo_is_refused_when_people_have_worked_on_a_lead_since(rules: Rules) -> None:
    batch = bring_in(rules, "1,Fair,,,,,", "2,Fair,,,,,")
    assessments.judge(
        lead=Lead.objects.get(external_id="1"),
        answers={"need": Answer(result=Result.FAILED)},
        kind=AssessmentKind.ASSESS,
        by=None,
        occurred_at=LATER,
        at=LATER,
    )
    with pytest.raises(BatchHasBeenWorkedOn, match="1 of its leads"):
        undo_import(batch=batch, by=None, at=LATER)
    assert Lead.objects.count() == 2


def test_undo_is_refused_when_a_later_lead_hangs_on_one_of_the_batch(rules: Rules) -> None:
    batch = bring_in(rules, "1,Fair,,,+79172201408,,")
    bring_in(rules, "2,Site,,,+79172201408,,", at=LATER)
    with pytest.raises(BatchHasBeenWorkedOn):
        undo_import(batch=batch, by=None, at=LATER)


def test_undo_twice_is_refused_and_last_means_the_last_not_undone(rules: Rules) -> None:
    first = bring_in(rules, "1,Fair,,,,,")
    second = bring_in(rules, "2,Fair,,,,,", at=LATER)
    assert batch_to_undo(pk=None) == second
    undo_import(batch=second, by=None, at=LATER)
    assert batch_to_undo(pk=None) == first
    with pytest.raises(BatchAlreadyUndone):
        undo_import(batch=second, by=None, at=LATER)


def test_undo_is_refused_when_a_program_was_told_that_the_lead_is_there(rules: Rules) -> None:
    batch = bring_in(rules, "1,Fair,,,,,", "2,Fair,,,,,")
    assert receive(rules, source="Fair", external_id="1", at=LATER).outcome == "existing"
    with pytest.raises(BatchHasBeenWorkedOn):
        undo_import(batch=batch, by=None, at=LATER)
    assert Lead.objects.count() == 2
