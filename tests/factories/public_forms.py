"""Public forms for tests, made by the same operations as real ones."""

from datetime import datetime
from typing import Any

from funnels.models import Funnel
from leads.models import PublicForm, Submission
from leads.operations.dictionaries import resolve_source
from leads.operations.form_settings import FormContent, create_form
from leads.operations.public_forms import Sent, submit
from leads.rules.public_forms import FormField, Suspicion
from tests.factories.leads import MONDAY

CONSENT = "I agree that my data is processed: https://example.com/policy"


def content_of(funnel: Funnel, *, at: datetime = MONDAY, source: str = "site", **told: Any) -> FormContent:
    """Say everything about a form; it asks for a name, requires a phone and takes a message."""
    asked = {FormField.NAME: False, FormField.PHONE: True, FormField.MESSAGE: False}
    found = resolve_source(name=source, at=at)
    return FormContent(
        **{"title": "Order a call", "fields": asked, "consent_text": CONSENT, "funnel": funnel, "source": found} | told
    )


def make_form(funnel: Funnel, *, at: datetime = MONDAY, **told: Any) -> PublicForm:
    """Make a form."""
    return create_form(content=content_of(funnel, at=at, **told), by=None, at=at)


def send(form: PublicForm, *, at: datetime = MONDAY, suspicion: Suspicion | None = None, **fields: str) -> Submission:
    """Send a form that was filled in with these fields."""
    others = {name: fields.pop(name) for name in ("number", "page", "referrer") if name in fields}
    sent = Sent(fields=fields or {"phone": "8 917 220-14-08"}, **others)  # type: ignore[arg-type]
    return submit(form=form, sent=sent, consent=form.consent, suspicion=suspicion, at=at)
