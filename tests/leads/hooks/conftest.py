"""A company with one funnel, a key that may push, and a way to push by it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from crm.operations import keys
from leads.intake.hook import Hook
from tests.factories.crm import LONG_AGO
from tests.factories.funnels import Rules, make_rules

Push = Callable[..., Any]


@pytest.fixture(autouse=True)
def without_a_broker(settings: LazySettings) -> None:
    settings.REDIS_URL = ""


@pytest.fixture
def rules(db: None) -> Rules:
    return make_rules()


@pytest.fixture
def issued(rules: Rules) -> keys.Issued:
    return keys.issue(name="Site", scopes=["leads:write"], by=None, at=LONG_AGO)


@pytest.fixture
def push(issued: keys.Issued, django_capture_on_commit_callbacks: Callable[..., Any]) -> Push:
    """Send something, and let what follows the commit happen."""

    def send(profile: str, hook: Hook, *, token: str = issued.token, **headers: str) -> Any:
        client = Client(enforce_csrf_checks=True)
        sent = {**hook.headers, **headers}
        with django_capture_on_commit_callbacks(execute=True):
            if hook.method == "GET":
                return client.get(f"/in/{token}/{profile}", dict(hook.query), headers=sent)
            return client.generic(
                hook.method, f"/in/{token}/{profile}", hook.body, content_type=hook.content_type, headers=sent
            )

    return send
