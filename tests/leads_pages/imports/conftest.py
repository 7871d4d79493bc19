"""People before the pages of an import."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client

from crm.models import User
from tests.factories.funnels import Rules
from tests.leads_pages.imports.walk import Walk


@pytest.fixture(autouse=True)
def no_worker(settings: LazySettings) -> None:
    """Whoever looks on does the work."""
    settings.REDIS_URL = ""


@pytest.fixture
def walk(head: User, client_of: Callable[[User], Client], rules: Rules) -> Walk:
    return Walk(client_of(head))
