"""A small set of rules, and how its pages are read and sent."""

from http import HTTPStatus

import pytest
from django.urls import reverse

from tests.factories.funnels import make_rules


@pytest.fixture
def rules(db):
    return make_rules(soft=("budget",))


@pytest.fixture
def page():
    def read(client, name, /, *args):
        response = client.get(reverse(f"rules:{name}", args=args))
        assert response.status_code == HTTPStatus.OK
        return response.content.decode()

    return read


@pytest.fixture
def post():
    def send(client, name, /, *args, **data):
        return client.post(reverse(name, args=args), data, follow=True)

    return send
