"""The page of roles tells what the table of grants says, and nothing else."""

from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import User
from crm.rules.permissions import Permission, Reach, reach
from crm.rules.rights_in_words import PERMISSION_LABELS, REACH_LABELS
from crm.rules.roles import Role


def test_every_right_and_every_reach_has_words() -> None:
    assert set(PERMISSION_LABELS) == set(Permission)
    assert set(REACH_LABELS) == set(Reach)


@pytest.mark.django_db
def test_the_page_says_what_the_rules_answer(admin: User, client_of: Callable[[User], Client]) -> None:
    response = client_of(admin).get("/settings/roles/")
    for right in response.context["rights"]:
        granted = [reach(role, right.permission) for role in Role]
        assert [text for text, _none in right.reaches] == [REACH_LABELS[one] for one in granted]
        assert [is_none for _text, is_none in right.reaches] == [one is Reach.NONE for one in granted]
    assert len(response.context["rights"]) == len(Permission)
    assert "Judge and lose a lead" in response.content.decode()
