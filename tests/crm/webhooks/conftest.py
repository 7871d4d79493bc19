"""A receiver inside, which only tests and some installations may send to."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.conf import LazySettings
from django.utils import timezone

from crm.models import User, WebhookEndpoint
from crm.operations import webhooks
from tests.crm.webhooks.receivers import Receiver, receiving


@pytest.fixture
def receivers_are_inside(settings: LazySettings) -> None:
    settings.WEBHOOKS_MAY_REACH_PRIVATE = True
    settings.ALLOW_PLAIN_HTTP = True


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def now() -> datetime:
    return timezone.now()  # receivers refuse what is signed at another time


@pytest.fixture
def endpoint(receiver: Receiver, admin: User, now: datetime) -> WebhookEndpoint:
    return webhooks.subscribe(url=receiver.url, by=admin, at=now)
