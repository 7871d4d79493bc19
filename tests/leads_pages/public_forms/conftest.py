"""A public form, somebody who fills it in, and limits that begin anew with each test."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from crm.models import User
from crm.operations.buckets import SharedBuckets
from leads.models import PublicForm
from leads.rules.public_forms import new_stamp
from leads.views import public_forms as views
from tests.factories.funnels import Rules
from tests.factories.public_forms import make_form

ClientOf = Callable[[User], Client]
PHONE = "8 917 220-14-08"
SITE = "https://example.com"


@pytest.fixture(autouse=True)
def limits(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of this test alone."""
    settings.REDIS_URL = ""
    monkeypatch.setattr(views, "of_an_address", SharedBuckets(per_second=1 / 30, burst=20))
    monkeypatch.setattr(views, "of_a_form", SharedBuckets(per_second=2, burst=200))


@pytest.fixture
def form(rules: Rules) -> PublicForm:
    return make_form(rules.funnel, allowed_sites=[SITE])


@pytest.fixture
def browser() -> Iterator[Client]:
    """A browser of somebody else's site: no cookies, and nothing of ours that would let a forged form pass."""
    return Client(enforce_csrf_checks=True)  # type: ignore[return-value]


def filled(form: PublicForm, *, seconds: float = 30, **told: str) -> dict[str, str]:
    """Fill the form in as a person does who has opened it some seconds ago."""
    stamp = new_stamp(form_key=form.key, at=timezone.now() - timedelta(seconds=seconds))
    return {"name": "Anna", "phone": PHONE, "message": "", "consent": "on", "rz_consent": "1", "rz_stamp": stamp} | told


def post(browser: Client, form: PublicForm, data: dict[str, str] | None = None, **extra: Any) -> Any:
    return browser.post(f"/forms/{form.key}", filled(form) if data is None else data, **extra)


def hidden(page: str) -> dict[str, str]:
    inputs = re.findall(r"<input[^>]+>", page)
    found = ((re.search(r'name="(\w+)"', one), re.search(r'value="([^"]*)"', one)) for one in inputs)
    return {name[1]: value[1] if value else "" for name, value in found if name}
