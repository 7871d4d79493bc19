"""Requests through public forms: taken in, suspected, released; and the forms themselves."""

import hashlib
from datetime import timedelta

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from leads.models import Consent, Lead, PublicForm, Quarantine, Source, Submission
from leads.operations import public_forms
from leads.operations.dictionaries import resolve_source
from leads.operations.merges import merge_source_as_alias
from leads.operations.public_forms import Sent
from leads.queries.consistency import differences
from leads.queries.public_forms import spam, undecided, waiting_count
from leads.rules.facts import Channel, SubmissionState
from leads.rules.public_forms import (
    Suspicion,
)
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, make_lead
from tests.factories.public_forms import CONSENT, make_form, send

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(days=3)


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def form(rules: Rules) -> PublicForm:
    return make_form(rules.funnel, campaign="autumn")


def test_a_request_becomes_a_lead_with_its_consent(form: PublicForm) -> None:
    submission = send(form, name="Анна 🙂", phone="8 917 220-14-08", message="Call\nme", page="https://example.com/a")
    lead = Lead.objects.get()
    assert (lead.channel, lead.source.code, lead.funnel) == (Channel.FORM, "site", form.funnel)
    assert lead.campaign is not None
    assert lead.campaign.code == "autumn"
    assert (lead.contact.name, lead.message) == ("Анна 🙂", "Call\nme")
    assert lead.attributes == {"form": "Order a call", "page": "https://example.com/a"}
    assert (submission.state, submission.lead) == (SubmissionState.ACCEPTED, lead)
    consent = Consent.objects.get()
    assert (consent.submission, consent.given_at) == (submission, MONDAY)
    assert (consent.text.version, consent.text.text) == (1, CONSENT)
    assert consent.text.digest == hashlib.sha256(CONSENT.encode()).hexdigest()
    assert differences() == []


def test_the_same_opening_sent_twice_is_one_lead_and_two_submissions(form: PublicForm) -> None:
    first, again = (send(form, number="n1") for _ in range(2))
    assert Lead.objects.count() == 1
    assert (first.state, again.state) == (SubmissionState.ACCEPTED, SubmissionState.RECOGNISED)
    assert Consent.objects.count() == 2


def test_a_known_person_is_linked_not_refused(form: PublicForm, rules: Rules) -> None:
    known = make_lead(rules, phone="+7 917 220-14-08")
    submission = send(form, at=MONDAY + timedelta(hours=1))
    assert submission.lead is not None
    assert submission.lead.duplicate_of == known


def test_what_the_rules_refuse_is_kept_with_its_consent(form: PublicForm) -> None:
    sent = Sent(fields={"phone": "8 917 220-14-08"}, number="n" * 300)
    submission = public_forms.submit(form=form, sent=sent, consent=form.consent, suspicion=None, at=MONDAY)
    assert (submission.state, submission.error_code) == (SubmissionState.FAILED, "external_id_too_long")
    assert submission.payload["fields"] == {"phone": "8 917 220-14-08"}
    assert Submission.objects.count() == Consent.objects.count() == 1
    assert not Lead.objects.exists()


@pytest.mark.parametrize("fields", [{"phone": " "}, {"name": "", "message": "\n"}])
def test_the_number_of_an_opening_tells_of_nobody(form: PublicForm, fields: dict[str, str]) -> None:
    submission = send(form, number="n1", **fields)
    assert (submission.state, submission.error_code) == (SubmissionState.FAILED, "nothing_to_know_by")
    assert not Lead.objects.exists()


def test_requests_follow_their_source_into_another(form: PublicForm) -> None:
    web = resolve_source(name="web", at=MONDAY)
    merge_source_as_alias(source=Source.objects.get(code="site"), into=web, by=None, at=MONDAY)
    send(form)
    assert Lead.objects.get().source == web


@pytest.mark.parametrize("suspicion", Suspicion)
def test_a_suspected_request_waits_and_is_counted(suspicion: Suspicion, form: PublicForm) -> None:
    submission = send(form, suspicion=suspicion, name="Anna")
    assert not Lead.objects.exists()
    assert (submission.state, submission.error_code) == (SubmissionState.QUARANTINED, suspicion)
    assert Submission.objects.filter(state=SubmissionState.QUARANTINED).count() == 1
    assert waiting_count() == 1
    assert [(row.form, [value for _name, value in row.fields]) for row in undecided()] == [("Order a call", ["Anna"])]
    assert Consent.objects.get().submission == submission


def test_a_released_request_is_a_lead_of_the_time_it_came(form: PublicForm, admin: User) -> None:
    submission = send(form, suspicion=Suspicion.TRAP, number="n1", phone="8 917 220-14-08")
    received = public_forms.release(submission=submission, by=admin, at=LATER)
    lead = Lead.objects.get()
    assert (lead.received_at, lead.recorded_at, lead.external_id) == (MONDAY, LATER, "form-n1")
    assert lead.cohort_day == MONDAY.date()
    submission.refresh_from_db()
    assert (submission.state, submission.lead, submission.error_code) == (SubmissionState.ACCEPTED, lead, "")
    assert received.submission == submission
    assert Submission.objects.count() == 1
    decision = Quarantine.objects.get()
    assert (decision.decided_at, decision.decided_by, decision.is_released) == (LATER, admin, True)
    assert waiting_count() == 0
    assert AuditEvent.objects.get(action="submission.release").actor_id == admin.pk
    assert differences() == []


def test_a_request_is_released_once(form: PublicForm) -> None:
    submission = send(form, suspicion=Suspicion.TRAP)
    public_forms.release(submission=submission, by=None, at=LATER)
    with pytest.raises(public_forms.NotToBeReleased):
        public_forms.release(submission=submission, by=None, at=LATER)
    assert Lead.objects.count() == 1


def test_spam_is_kept_without_asking_again_and_may_still_be_released(form: PublicForm, admin: User) -> None:
    submission = send(form, suspicion=Suspicion.TOO_FAST)
    public_forms.keep(submission=submission, by=admin, at=LATER)
    assert (waiting_count(), Lead.objects.count()) == (0, 0)
    submission.refresh_from_db()
    assert submission.state == SubmissionState.QUARANTINED
    assert [row.number for row in spam()] == [submission.public_id]
    with pytest.raises(public_forms.NotToBeReleased):
        public_forms.keep(submission=submission, by=admin, at=LATER)
    public_forms.release(submission=submission, by=admin, at=LATER)
    assert Lead.objects.count() == 1
    assert Quarantine.objects.get().is_released


def test_a_failed_request_is_released_when_its_cause_is_gone(form: PublicForm) -> None:
    submission = public_forms.note_refused(
        form=form, sent=Sent(fields={"phone": "123"}), consent=form.consent, code="form_refused", detail="", at=MONDAY
    )
    assert public_forms.release(submission=submission, by=None, at=LATER).lead.received_at == MONDAY


def test_a_release_that_is_refused_leaves_everything_as_it_was(form: PublicForm) -> None:
    sent = Sent(fields={"phone": "8 917 220-14-08"}, number="n" * 300)
    submission = public_forms.submit(form=form, sent=sent, consent=form.consent, suspicion=Suspicion.STALE, at=MONDAY)
    with pytest.raises(DomainError) as refusal:
        public_forms.release(submission=submission, by=None, at=LATER)
    assert refusal.value.code == "external_id_too_long"
    submission.refresh_from_db()
    assert submission.state == SubmissionState.QUARANTINED
    assert (waiting_count(), Submission.objects.count()) == (1, 1)


def test_what_did_not_come_through_a_form_is_not_released(rules: Rules) -> None:
    make_lead(rules)
    with pytest.raises(Submission.DoesNotExist):
        public_forms.release(submission=Submission.objects.get(), by=None, at=LATER)


def test_without_a_consent_nothing_of_the_person_is_kept(form: PublicForm) -> None:
    sent = Sent(fields={"name": "Anna", "phone": "8 917 220-14-08"}, page="https://example.com/?mail=anna@example.com")
    submission = public_forms.note_refused(
        form=form, sent=sent, consent=None, code="consent_required", detail="consent: required", at=MONDAY
    )
    assert submission.payload == {"form": form.key, "names": ["name", "phone"]}
    assert not Consent.objects.exists()
    with pytest.raises(public_forms.NotToBeReleased):
        public_forms.release(submission=submission, by=None, at=LATER)
