"""Requests come in: kept raw, recognised, told apart from repeats, put at the start."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from funnels.models import Funnel
from funnels.rules.criteria import JudgedBy, Result
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.intake.row import IntakeRow
from leads.models import Contact, ContactPoint, Lead, LeadLink, OwnerChange, Submission, Transition
from leads.operations import arrivals, owners
from leads.queries.consistency import differences
from leads.rules.facts import Channel, Evidence, LinkKind, SubmissionState, TransitionKind
from tests.factories.crm import OrganisationSettingsFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, fresh, make_lead, receive

pytestmark = pytest.mark.django_db

PHONE = "8 917 220-14-08"
E164 = "+79172201408"


@pytest.fixture
def rules() -> Rules:
    return make_rules()


def test_a_request_becomes_a_lead_at_the_first_stage(rules: Rules) -> None:
    received = receive(
        rules, name="Анна Ёлкина", phone=PHONE, email="Anna@Example.com", campaign="spring", segment="firms"
    )
    lead = received.lead
    assert received.outcome == "created"
    assert (lead.stage, lead.outcome, lead.verdict) == (rules.stages["new"], Outcome.OPEN, Verdict.UNDECIDED)
    assert (lead.source.code, lead.campaign.code, lead.segment.code) == ("google", "spring", "firms")  # type: ignore[union-attr]
    assert lead.contact.search_key == "анна елкина +79172201408 anna@example.com"
    arrival = lead.transitions.get()
    assert (arrival.kind, arrival.effective_at) == (TransitionKind.ARRIVE, lead.received_at)
    assert differences() == []


def test_the_raw_request_is_kept_as_it_came(rules: Rules) -> None:
    row = IntakeRow(source="google", name="Anna", received_at=MONDAY)
    raw = {"Phone": "zzz", "extra": [1, 2]}
    received = arrivals.receive(row=row, funnel=rules.funnel, by=None, at=MONDAY, channel=Channel.API, raw=raw)
    submission = Submission.objects.get()
    assert (submission.payload, submission.state, submission.lead) == (raw, SubmissionState.ACCEPTED, received.lead)


def test_a_request_of_our_own_form_is_kept_as_told(rules: Rules) -> None:
    receive(rules, name="Anna", received_at=MONDAY, channel=Channel.PAGE)
    assert Submission.objects.get().payload["name"] == "Anna"
    assert Submission.objects.get().payload["received_at"].startswith("2026-03-02")


def test_it_is_written_down_who_took_the_request_in(rules: Rules, manager: User) -> None:
    lead = make_lead(rules, by=manager)
    event = AuditEvent.objects.get(action="lead.receive")
    assert (event.actor_id, event.object_id) == (manager.pk, str(lead.pk))
    assert event.changes == {"outcome": "created", "channel": "api", "source": "google"}


def test_the_same_external_id_of_a_source_changes_nothing(rules: Rules) -> None:
    first = make_lead(rules, external_id="7", name="Anna", phone=PHONE)
    again = receive(rules, external_id="7", name="Bella", phone="8 917 220-14-09", at=MONDAY + timedelta(hours=1))
    assert (again.outcome, again.lead) == ("existing", first)
    assert [row.state for row in Submission.objects.order_by("id")] == ["accepted", "recognised"]
    assert Submission.objects.filter(lead=first).count() == 2
    assert Contact.objects.get().name == "Anna"
    assert Transition.objects.count() == 1
    assert AuditEvent.objects.filter(action="lead.receive").count() == 1


def test_the_same_external_id_of_another_source_is_another_lead(rules: Rules) -> None:
    make_lead(rules, external_id="7")
    assert receive(rules, external_id="7", source="partners").outcome == "created"


def test_requests_without_an_external_id_are_each_their_own(rules: Rules) -> None:
    assert [receive(rules, external_id="", name="Anna").outcome for _ in range(2)] == ["created", "created"]
    assert set(Lead.objects.values_list("external_id", flat=True)) == {None}


@pytest.mark.parametrize("told", [{"phone": "+7 (917) 220 14 08"}, {"email": "ANNA@example.com"}])
def test_the_same_phone_or_e_mail_within_the_window_is_a_duplicate(rules: Rules, told: dict[str, str]) -> None:
    master = make_lead(rules, phone=PHONE, email="anna@example.com")
    received = receive(rules, **told, at=MONDAY + timedelta(days=30), source="partners")
    assert received.outcome == "duplicate"
    lead = fresh(received.lead)
    assert (lead.duplicate_of, lead.is_valid, lead.contact) == (master, False, master.contact)
    assert LeadLink.objects.get().kind == LinkKind.DUPLICATE
    assert differences() == []


def test_a_repeat_enquiry_from_a_known_e_mail_is_accepted(rules: Rules) -> None:
    first = make_lead(rules, email="anna@example.com")
    received = receive(rules, email="anna@example.com", at=MONDAY + timedelta(days=31))
    assert received.outcome == "repeat"
    lead = fresh(received.lead)
    assert (lead.repeat_of, lead.duplicate_of, lead.is_valid) == (first, None, True)
    assert differences() == []


def test_duplicates_never_form_a_chain_and_do_not_stretch_the_window(rules: Rules) -> None:
    master = make_lead(rules, phone=PHONE)
    second = make_lead(rules, phone=PHONE, at=MONDAY + timedelta(days=20))
    third = make_lead(rules, phone=PHONE, at=MONDAY + timedelta(days=25))
    late = make_lead(rules, phone=PHONE, at=MONDAY + timedelta(days=40))
    assert [lead.duplicate_of for lead in map(fresh, (second, third))] == [master, master]
    assert (fresh(late).duplicate_of, fresh(late).repeat_of) == (None, master)


def test_an_older_request_that_comes_later_is_a_duplicate_of_the_lead_known(rules: Rules) -> None:
    known = make_lead(rules, phone=PHONE)
    older = make_lead(rules, phone=PHONE, received_at=MONDAY - timedelta(days=5))
    assert fresh(older).duplicate_of == known


def test_the_window_is_that_of_the_settings_in_force_at_arrival(rules: Rules) -> None:
    OrganisationSettingsFactory(duplicate_window_days=2)
    make_lead(rules, phone=PHONE)
    assert receive(rules, phone=PHONE, at=MONDAY + timedelta(days=3)).outcome == "repeat"


def test_the_same_person_in_another_funnel_is_no_duplicate(rules: Rules) -> None:
    make_lead(rules, phone=PHONE)
    other = make_rules(code="second")
    received = receive(other, phone=PHONE)
    assert received.outcome == "created"
    assert Contact.objects.count() == 1


def test_a_technical_test_is_neither_a_master_nor_a_duplicate(rules: Rules) -> None:
    test = receive(rules, phone=PHONE, is_test=True)
    real = receive(rules, phone=PHONE)
    another = receive(rules, phone=PHONE, is_test=True)
    assert [received.outcome for received in (test, real, another)] == ["created"] * 3
    assert list(Lead.objects.valid()) == [real.lead]  # type: ignore[attr-defined]


def test_a_request_that_joins_two_contacts_is_a_duplicate_by_either(rules: Rules) -> None:
    make_lead(rules, phone=PHONE, at=MONDAY - timedelta(days=90))
    by_email = make_lead(rules, email="anna@example.com")
    received = receive(rules, phone=PHONE, email="anna@example.com")
    assert fresh(received.lead).duplicate_of == by_email
    assert [(point.value, point.contact_id) for point in ContactPoint.objects.order_by("id")] == [
        (E164, ContactPoint.objects.get(value=E164).contact_id),
        ("anna@example.com", by_email.contact_id),
    ]


def test_a_known_contact_learns_what_was_not_known_and_forgets_nothing(rules: Rules) -> None:
    first = make_lead(rules, phone=PHONE)
    make_lead(rules, phone=PHONE, email="anna@example.com", name="Anna", company="Umbrella")
    make_lead(rules, phone=PHONE, name="Bella")
    contact = Contact.objects.get(pk=first.contact_id)
    assert (contact.name, contact.company) == ("Anna", "Umbrella")
    assert contact.search_key == "anna umbrella +79172201408 anna@example.com"


def test_what_is_no_phone_finds_nobody(rules: Rules) -> None:
    assert [receive(rules, phone="123").outcome for _ in range(2)] == ["created", "created"]
    assert not ContactPoint.objects.exists()


def test_the_cohort_day_is_the_organisations(rules: Rules) -> None:
    OrganisationSettingsFactory(time_zone="Asia/Vladivostok")
    lead = make_lead(rules, received_at=datetime(2026, 3, 1, 15, 0, tzinfo=UTC))
    assert lead.cohort_day == date(2026, 3, 2)
    assert differences() == []


def test_deadlines_are_counted_in_business_time(rules: Rules) -> None:
    friday_night = datetime(2026, 3, 6, 20, 50, tzinfo=UTC)
    lead = make_lead(rules, received_at=friday_night, at=friday_night)
    assert lead.first_touch_due_at == datetime(2026, 3, 9, 7, 0, tzinfo=UTC)
    assert lead.verdict_due_at == datetime(2026, 3, 13, 15, 0, tzinfo=UTC)


def test_the_owner_is_found_by_e_mail_and_written_as_a_fact(rules: Rules, manager: User) -> None:
    lead = make_lead(rules, owner=manager.email.upper())
    assert lead.owner == manager
    assert OwnerChange.objects.get().owner == manager
    assert differences() == []


def test_an_unknown_owner_is_refused_and_the_request_is_kept(rules: Rules) -> None:
    with pytest.raises(owners.UnknownOwner, match=r"nobody@example\.com"):
        make_lead(rules, owner="nobody@example.com", phone=PHONE, source="new one")
    assert not Lead.objects.exists()
    assert not Contact.objects.exists()
    submission = Submission.objects.get()
    assert (submission.state, submission.error_code, submission.lead) == ("failed", "unknown_owner", None)
    assert submission.payload["phone"] == PHONE


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"received_at": MONDAY + timedelta(hours=1)}, "happens_in_the_future"),
        ({"external_id": "7" * 201}, "external_id_too_long"),
    ],
)
def test_what_cannot_be_true_is_refused(rules: Rules, told: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        make_lead(rules, **told)
    assert refusal.value.code == code
    assert Submission.objects.get().error_code == code


def test_a_clock_a_little_ahead_is_not_a_reason_to_lose_a_lead(rules: Rules) -> None:
    assert make_lead(rules, received_at=MONDAY + timedelta(seconds=90)).received_at == MONDAY


def test_a_request_is_taken_in_before_anybody_agreed_on_a_definition(rules: Rules) -> None:
    rules.definition.published_at = None
    rules.definition.save()
    assert make_lead(rules, phone="123").verdict == Verdict.UNDECIDED


def test_a_funnel_without_stages_takes_nothing_in(rules: Rules) -> None:
    empty = Funnel.objects.create(code="empty", name="Empty", created_at=MONDAY)
    with pytest.raises(DomainError) as refusal:
        arrivals.receive(row=IntakeRow(name="Anna"), funnel=empty, by=None, at=MONDAY, channel=Channel.API)
    assert refusal.value.code == "funnel_has_no_stage"


RULES = {
    "contact_valid": {"judged_by": JudgedBy.RULE, "rule": {"kind": "phone_valid"}},
    "region": {"judged_by": JudgedBy.RULE, "rule": {"kind": "region_in_list", "values": ["Moscow"]}},
}


@pytest.fixture
def ruled() -> Rules:
    return make_rules(code="ruled", criteria=("contact_valid", "region", "need"), contents=RULES)


def test_rules_judge_a_lead_as_it_arrives(ruled: Rules) -> None:
    lead = fresh(make_lead(ruled, phone="12345", attributes={"region": "moscow"}))
    act = lead.assessments.get()
    assert (act.kind, act.channel, act.by, act.effective_at) == ("assess", "rule", None, lead.received_at)
    assert (lead.verdict, lead.fail_mask) == (Verdict.NON_TARGET, ruled.mask("contact_valid"))
    assert {answer.result for answer in act.answers.all()} == {Result.MET, Result.FAILED}
    assert act.answers.get(criterion_version=ruled.versions["region"]).observed_value == "moscow"
    assert act.answers.get(criterion_version=ruled.versions["contact_valid"]).evidence == Evidence.NONE
    assert differences() == []


def test_what_was_not_told_fails_no_rule(ruled: Rules) -> None:
    lead = make_lead(ruled)
    assert not lead.assessments.exists()
    partly = fresh(make_lead(ruled, phone=PHONE))
    assert (partly.verdict, partly.assessed_mask) == (Verdict.UNDECIDED, ruled.mask("contact_valid"))


def test_rules_leave_files_alone(ruled: Rules) -> None:
    assert not make_lead(ruled, phone="12345", channel=Channel.IMPORT).assessments.exists()
