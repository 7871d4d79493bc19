"""What tests of several files about leads set up alike."""

import pytest
from django.conf import LazySettings

from crm.operations import jobs
from leads.operations.imports import parts


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    """Parts of three rows, done by whoever drains."""
    monkeypatch.setattr(parts, "ROWS", 3)
    settings.REDIS_URL = "redis://nobody.invalid:1/0"
    monkeypatch.setattr(jobs, "_hint", lambda: None)
