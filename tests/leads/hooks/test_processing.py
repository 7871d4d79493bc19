"""What happens to a submission after it was kept: once, whole or not at all, and again after a correction."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crm.models import OutboxMessage
from crm.operations import keys
from leads.intake.hook import Hook
from leads.models import Lead, Submission
from leads.operations import hook_work, hooks, moves
from leads.operations.hook_profiles import configure
from leads.rules.facts import SubmissionState
from tests.factories.crm import LONG_AGO
from tests.factories.funnels import Rules, make_rules
from tests.leads.hooks import payloads
from tests.leads.hooks.payloads import document, form

pytestmark = pytest.mark.django_db

Push = Callable[..., Any]


def test_a_notice_waits_until_its_lead_is_fetched(push: Push) -> None:
    push("facebook", document(payloads.FACEBOOK_NOTICE))
    notice = Submission.objects.get()
    assert (notice.state, notice.error_code, notice.lead) == (SubmissionState.PENDING, "must_be_fetched", None)
    assert "600700" in notice.error_detail
    push("facebook", document(payloads.FACEBOOK_LEAD))
    notice.refresh_from_db()
    assert (notice.state, notice.lead, notice.error_code) == (SubmissionState.RECOGNISED, Lead.objects.get(), "")
    push("facebook", document(payloads.FACEBOOK_NOTICE))
    assert Submission.objects.latest("id").state == SubmissionState.RECOGNISED


def test_several_deals_at_once_are_in_together_or_not_at_all(push: Push) -> None:
    people = [{"id": n, "name": "A", "phone": f"7900000001{n}"} for n in range(3)]
    push("generic", document(people))
    assert Lead.objects.count() == Submission.objects.count() == 3
    assert set(Submission.objects.values_list("profile", flat=True)) == {"generic"}
    push("generic", document([{"id": 8, "name": "B"}, {"id": 9, "name": "B", "received_at": "2099-01-01"}]))
    assert Lead.objects.count() == 3
    assert Submission.objects.latest("id").error_code == "happens_in_the_future"


def test_amocrm_wins_a_lead_and_asks_why_one_is_lost(push: Push, rules: Rules) -> None:
    push("amocrm", form(payloads.AMOCRM))
    push("amocrm", form(payloads.amocrm_status("143")))  # without UTM, and yet of the same source
    lost = Submission.objects.latest("id")
    assert (lost.state, lost.error_code, Lead.objects.get().outcome) == ("failed", "lost_needs_reason", "OPEN")
    push("amocrm", form(payloads.amocrm_status("142")))
    lead = Lead.objects.get()
    assert (lead.outcome, lead.sales.get().amount) == ("WON", 15000)
    assert hooks.replay(submission=lost, by=None, at=lead.recorded_at).state == SubmissionState.RECOGNISED


def test_a_lost_deal_is_settled_once_its_reason_is_said(push: Push) -> None:
    push("amocrm", form(payloads.amocrm_status("143")))
    lost, lead = Submission.objects.get(), Lead.objects.get()
    moves.lose(lead=lead, reasons=["price"], by=None, at=lead.recorded_at)
    assert hooks.replay(submission=lost, by=None, at=lead.recorded_at).state == SubmissionState.RECOGNISED


def test_the_same_words_are_one_request_today_and_another_next_month(push: Push) -> None:
    hook = document({"name": "A", "phone": "79000000017"})
    push("generic", hook)
    first = Lead.objects.get()
    assert (first.external_id or "").startswith("digest:")
    push("generic", hook)
    assert Lead.objects.count() == 1
    Submission.objects.update(received_at=first.received_at - timedelta(days=40))
    kept = Submission.objects.latest("id")
    Submission.objects.filter(pk=kept.pk).update(state="failed", lead=None)
    hooks.replay(submission=kept, by=None, at=first.recorded_at)
    assert Lead.objects.count() == 2


def test_what_came_is_kept_even_when_processing_breaks(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(**told: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(hook_work, "translate", breaks)
    assert push("tilda", form(payloads.TILDA)).content == b"ok"
    assert Submission.objects.get().state == SubmissionState.PENDING
    waiting = OutboxMessage.objects.get(name=hooks.JOB)
    assert (waiting.attempts, waiting.done_at) == (1, None)
    monkeypatch.undo()
    hooks.process(at=waiting.due_at, submission=Submission.objects.get().pk)
    hooks.process(at=waiting.due_at, submission=Submission.objects.get().pk)
    assert (Lead.objects.count(), Submission.objects.get().attempts) == (1, 1)


def test_a_funnel_has_to_be_known(push: Push, issued: keys.Issued, rules: Rules) -> None:
    other = make_rules(code="other")
    push("generic", document({"name": "A"}))
    kept = Submission.objects.get()
    assert kept.error_code == "funnel_not_named"
    configure(key=issued.key, profile="generic", funnel=other.funnel, by=None, at=LONG_AGO)
    hooks.replay(submission=kept, by=None, at=kept.received_at)
    assert Lead.objects.get().funnel == other.funnel


def test_a_payload_of_nested_junk_is_stored_as_it_is(push: Push) -> None:
    body = json.dumps({"name": "A\x00\ud800", "x": {"y": ["\x00"]}}).encode()
    push("generic", Hook(body=body, content_type="application/json"))
    assert Lead.objects.get().contact.name == "A"


def test_two_accounts_that_count_alike_bring_two_leads(push: Push) -> None:
    other = keys.issue(name="Second account", scopes=["leads:write"], sources=["second"], by=None, at=LONG_AGO)
    push("amocrm", form(payloads.AMOCRM))
    push("amocrm", form(payloads.AMOCRM), token=other.token)
    assert Lead.objects.count() == 2
    assert set(Lead.objects.values_list("source__code", flat=True)) == {"google", "second"}


def test_a_key_that_replaces_another_knows_what_that_one_brought(push: Push, issued: keys.Issued) -> None:
    push("amocrm", form(payloads.AMOCRM))
    fresh = keys.rotate(key=issued.key, by=None, at=LONG_AGO)
    push("amocrm", form(payloads.amocrm_status("9")), token=fresh.token)
    assert Lead.objects.count() == 1
