"""Public forms, as they are made and changed."""

from datetime import timedelta
from typing import Any

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from leads.models import Consent, ConsentText, PublicForm
from leads.operations import form_settings, public_forms
from leads.queries.public_forms import forms_shown
from leads.rules.public_forms import (
    FormField,
    Suspicion,
)
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY
from tests.factories.public_forms import CONSENT, content_of, make_form, send

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(days=3)


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def form(rules: Rules) -> PublicForm:
    return make_form(rules.funnel, campaign="autumn")


def test_a_form_is_made_with_a_key_nobody_guesses(rules: Rules, admin: User) -> None:
    content = content_of(rules.funnel, allowed_sites=["example.com"])
    forms = [form_settings.create_form(content=content, by=admin, at=MONDAY) for _ in range(3)]
    assert len({form.key for form in forms}) == 3
    assert all(len(form.key) == 16 for form in forms)
    assert forms[0].asked == [(FormField.NAME, False), (FormField.PHONE, True), (FormField.MESSAGE, False)]
    assert forms[0].allowed_sites == ["https://example.com"]
    event = AuditEvent.objects.filter(action="form.create").first()
    assert event is not None
    assert (event.actor_id, event.changes["consent_version"]) == (admin.pk, 1)


def test_a_changed_consent_is_a_new_version_and_the_old_one_stays(form: PublicForm, rules: Rules) -> None:
    send(form)
    for text in ("New text", "New text"):
        form_settings.change_form(form=form, content=content_of(rules.funnel, consent_text=text), by=None, at=LATER)
    assert list(ConsentText.objects.values_list("version", "text")) == [(1, CONSENT), (2, "New text")]
    assert Consent.objects.get().text.version == 1
    assert form.consent.version == 2


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"fields": {FormField.NAME: True}}, "form_reaches_nobody"),
        ({"fields": {}}, "form_reaches_nobody"),
        ({"title": "  "}, "words_required"),
        ({"consent_text": "\n"}, "words_required"),
        ({"thanks_url": "http://example.com"}, "thanks_page_not_safe"),
        ({"thanks_url": "javascript:alert(1)"}, "thanks_page_not_safe"),
        ({"thanks_url": "https://"}, "thanks_page_not_safe"),
        ({"thanks_url": "https://a.com; script-src *"}, "thanks_page_not_safe"),
        ({"allowed_sites": ["example.com", "'none'"]}, "not_a_site"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(told: dict[str, Any], code: str, form: PublicForm, rules: Rules) -> None:
    content = content_of(rules.funnel, **told)
    with pytest.raises(DomainError) as refusal:
        form_settings.create_form(content=content, by=None, at=MONDAY)
    assert refusal.value.code == code
    with pytest.raises(DomainError):
        form_settings.change_form(form=form, content=content, by=None, at=MONDAY)
    assert PublicForm.objects.count() == ConsentText.objects.count() == 1


def test_an_archived_form_is_changed_no_more(form: PublicForm, rules: Rules) -> None:
    for _ in range(2):
        form_settings.archive_form(form=form, by=None, at=LATER)
    form.refresh_from_db()
    assert (form.archived_at, form.is_open) == (LATER, False)
    assert AuditEvent.objects.filter(action="form.archive").count() == 1
    with pytest.raises(form_settings.FormIsArchived):
        form_settings.change_form(form=form, content=content_of(rules.funnel), by=None, at=LATER)
    assert forms_shown() == []


def test_forms_are_listed_with_what_came_through_each(form: PublicForm, rules: Rules) -> None:
    other = make_form(rules.funnel, title="Zzz")
    for number in range(3):
        send(form, phone=f"8 917 220-14-0{number}")
    send(form, suspicion=Suspicion.TRAP)
    kept = send(form, suspicion=Suspicion.TRAP)
    public_forms.keep(submission=kept, by=None, at=LATER)
    assert [(row.form, row.taken, row.waiting) for row in forms_shown()] == [(form, 3, 1), (other, 0, 0)]
