"""Make and change public forms. Used texts of consent are never edited: a change is a new version."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.rules.errors import DomainError
from funnels.models import Funnel
from leads.models import ConsentText, PublicForm, Source
from leads.rules.public_forms import FormField, new_key, read_page, read_sites


class FormReachesNobody(DomainError):
    """A form by which nobody could be called back."""

    def __init__(self) -> None:
        super().__init__("form_reaches_nobody", _("Ask for a phone or an e-mail: else nobody can be called back."))


class FormNeedsWords(DomainError):
    """A form without a title or a text of consent."""

    def __init__(self, *, field: str) -> None:
        super().__init__("words_required", _("Say something here."), field)


class FormIsArchived(DomainError):
    """Changing a form that is out of use."""

    def __init__(self) -> None:
        super().__init__("form_archived", _("This form is archived."))


@dataclass(frozen=True, slots=True, kw_only=True)
class FormContent:
    """Everything an administrator says of a form."""

    title: str
    funnel: Funnel
    source: Source
    fields: Mapping[str, bool]
    consent_text: str
    campaign: str = ""
    thanks_text: str = ""
    thanks_url: str = ""
    allowed_sites: Sequence[str] = ()
    is_active: bool = True


@transaction.atomic
def create_form(*, content: FormContent, by: User | None, at: datetime) -> PublicForm:
    """Make a form with a key of its own."""
    form = PublicForm(key=new_key(), created_at=at, created_by=by)
    _write(form, content, by=by, at=at)
    audit.record(action="form.create", obj=form, by=by, at=at, changes=_told(form))
    return form


@transaction.atomic
def change_form(*, form: PublicForm, content: FormContent, by: User | None, at: datetime) -> PublicForm:
    """Change what a form asks and says; its address stays."""
    form = PublicForm.objects.select_for_update().get(pk=form.pk)
    if form.archived_at is not None:
        raise FormIsArchived
    _write(form, content, by=by, at=at)
    audit.record(action="form.change", obj=form, by=by, at=at, changes=_told(form))
    return form


@transaction.atomic
def archive_form(*, form: PublicForm, by: User | None, at: datetime) -> PublicForm:
    """Take a form out of use for good; what came through it stays."""
    form = PublicForm.objects.select_for_update().get(pk=form.pk)
    if form.archived_at is None:
        form.archived_at = at
        form.save(update_fields=["archived_at"])
        audit.record(action="form.archive", obj=form, by=by, at=at)
    return form


def _write(form: PublicForm, content: FormContent, *, by: User | None, at: datetime) -> None:
    asked = {field: bool(content.fields[field]) for field in FormField if field in content.fields}
    if not {FormField.PHONE, FormField.EMAIL} & set(asked):
        raise FormReachesNobody
    words = {"title": " ".join(content.title.split()), "consent_text": content.consent_text.strip()}
    for name, text in words.items():
        if not text:
            raise FormNeedsWords(field=name)
    form.title, form.fields = words["title"], {field.value: required for field, required in asked.items()}
    form.funnel, form.source, form.campaign = content.funnel, content.source, content.campaign.strip()
    form.thanks_text, form.thanks_url = content.thanks_text.strip(), read_page(told=content.thanks_url)
    form.allowed_sites = read_sites(told=content.allowed_sites)
    form.is_active = content.is_active
    form.save()
    _put_consent_in_force(form, words["consent_text"], by=by, at=at)


def _put_consent_in_force(form: PublicForm, text: str, *, by: User | None, at: datetime) -> None:
    newest = form.consent_texts.order_by("-version").first()
    if newest is not None and newest.text == text:
        return
    ConsentText.objects.create(
        form=form,
        version=newest.version + 1 if newest else 1,
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        created_at=at,
        created_by=by,
    )


def _told(form: PublicForm) -> dict[str, object]:
    return {
        "key": form.key,
        "source": form.source.code,
        "fields": form.fields,
        "sites": form.allowed_sites,
        "is_active": form.is_active,
        "consent_version": form.consent.version,
    }
