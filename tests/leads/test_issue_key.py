"""Keys from the command line."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from crm.models import ApiKey, AuditEvent, User
from crm.queries.agreements import memory
from crm.queries.keys import key_of
from leads.models import Source
from leads.operations.dictionaries import confirm_source, resolve_source
from leads.operations.merges import merge_source_as_alias
from tests.factories.leads import MONDAY

pytestmark = pytest.mark.django_db


def issue(*arguments: str, scopes: str = "leads:write,leads:read") -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("issue_key", "Site", "--scopes", scopes, *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def site() -> Source:
    return confirm_source(source=resolve_source(name="site", at=MONDAY), by=None, at=MONDAY)


def test_it_prints_a_working_token_alone_and_says_it_is_not_shown_again() -> None:
    out, err = issue()
    key = key_of(token=out.strip(), at=timezone.now(), memory=memory())
    assert key is not None
    assert (key.name, key.scopes, key.sources) == ("Site", ["leads:read", "leads:write"], [])
    assert "not shown again" in err
    assert out.strip() not in err


def test_a_source_is_found_by_code_name_and_alias(site: Source) -> None:
    old = resolve_source(name="old site", at=MONDAY)
    Source.objects.filter(pk=site.pk).update(name="Our site")
    merge_source_as_alias(source=old, into=site, by=None, at=MONDAY)
    for told in ("site", "Our  site", "old site"):
        token = issue("--source", told)[0].strip()
        key = key_of(token=token, at=timezone.now(), memory=memory())
        assert key is not None
        assert key.sources == ["site"]


def test_several_sources_are_bound_each_once(site: Source) -> None:
    resolve_source(name="ads", at=MONDAY)
    issue("--source", "site", "--source", "ads", "--source", "site")
    assert ApiKey.objects.get().sources == ["ads", "site"]


def test_an_unknown_source_is_refused_with_the_known_ones_named(site: Source) -> None:
    with pytest.raises(CommandError, match=r"“sight”.*site"):
        issue("--source", "sight")
    assert not ApiKey.objects.exists()


def test_a_key_may_expire() -> None:
    _out, err = issue("--expires", "2099-01-31")
    assert ApiKey.objects.get().expires_at == datetime(2099, 1, 30, 21, 0, tzinfo=UTC)
    assert "opens until" in err


@pytest.mark.parametrize("told", ["2001-01-01", "some day"])
def test_an_expiry_that_is_past_or_unreadable_is_refused(told: str) -> None:
    with pytest.raises(CommandError):
        issue("--expires", told)
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("scopes", ["leads:destroy", "", "leads:read,nothing"])
def test_an_unknown_scope_is_refused_with_the_known_ones_named(scopes: str) -> None:
    with pytest.raises(CommandError, match="leads:qualify"):
        issue(scopes=scopes)


def test_it_says_who_made_it_and_only_an_administrator_may(admin: User, manager: User) -> None:
    issue("--by", admin.email)
    assert ApiKey.objects.get().created_by == admin
    assert AuditEvent.objects.get(action="key.issue").actor_id == admin.pk
    for email in (manager.email, "nobody@example.com"):
        with pytest.raises(CommandError):
            issue("--by", email)


def test_a_bound_key_follows_its_source_into_another(site: Source) -> None:
    token = issue("--source", "site")[0].strip()
    other = resolve_source(name="web", at=MONDAY)
    merge_source_as_alias(source=site, into=other, by=None, at=MONDAY)
    key = key_of(token=token, at=timezone.now(), memory=memory())
    assert key is not None
    assert key.sources == ["web"]


def test_a_key_of_both_sources_keeps_one(site: Source) -> None:
    other = resolve_source(name="web", at=MONDAY)
    issue("--source", "site", "--source", "web")
    merge_source_as_alias(source=site, into=other, by=None, at=MONDAY)
    assert ApiKey.objects.get().sources == ["web"]
