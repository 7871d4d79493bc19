"""A spreadsheet comes in through the same operations as every other door."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import pytest

from crm.models import User
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.intake import failed_rows, sheet
from leads.models import Assessment, Lead, Submission
from leads.operations.imports import ImportReport
from leads.rules.facts import AssessmentKind, Channel, SubmissionState, TouchResult
from tests.factories.funnels import Rules, make_rules
from tests.leads.spreadsheet import ARRIVED, HEADER, counts, import_rows, line

pytestmark = pytest.mark.django_db

Import = Callable[..., ImportReport]


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def bring_in(rules: Rules) -> Import:
    return partial(import_rows, rules)


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
        ({"stage": "offer", "lost_reason": "early"}, "“Early” is no reason of loss at the stage “Offer”"),
        ({"lost_reason": "other"}, "note"),
        ({"stage": "no such stage"}, "no such stage"),
        ({"tag": "unheard of"}, "add it to tag_values"),
        ({"created_at": "some day"}, "some day"),
    ],
)
def test_D9_a_row_that_breaks_a_rule_fails_alone_and_is_kept(
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


def test_D15_broken_rows_are_reported_with_their_lines_and_handed_back(bring_in: Import) -> None:
    good, short, nul = line(external_id="1"), "2;Fair", line(external_id="3", name="a\x00b")
    report = bring_in(good, short, nul)
    assert counts(report) == (1, 0, 0, 2)
    assert [failure.line for failure in report.errors] == [3, 4]
    read = sheet.read("\n".join([HEADER, good, short, nul]).encode())
    lines = failed_rows.write(read, report.failed_rows).decode().splitlines()
    assert lines == [HEADER, short, nul]


def test_the_note_of_a_loss_satisfies_a_reason_that_needs_one(bring_in: Import) -> None:
    assert counts(bring_in(line(external_id="1", lost_reason="other", lost_note="moved away"))) == (1, 0, 0, 0)


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
