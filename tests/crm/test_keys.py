"""Keys of integrations: issued, replaced, taken back, and nowhere to be read."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from crm.models import ApiKey, AuditEvent, User
from crm.operations import keys
from crm.queries.agreements import memory
from crm.queries.keys import key_of
from crm.rules import tokens
from crm.rules.errors import DomainError
from crm.rules.roles import Role

pytestmark = pytest.mark.django_db


def issue(at: datetime, by: User | None = None, **options: Any) -> keys.Issued:
    return keys.issue(**{"name": "Site", "scopes": ["leads:read"], "by": by, "at": at} | options)


def test_a_key_is_issued_with_its_scopes_in_order_and_its_sources_once(at: datetime, admin: User) -> None:
    issued = issue(at, admin, name="  Our   site ", scopes=["pii:read", "leads:read"], sources=["b", "a", "b"])
    key = ApiKey.objects.get()
    assert (key.name, key.scopes, key.sources) == ("Our site", ["leads:read", "pii:read"], ["a", "b"])
    assert (key.created_by, key.created_at) == (admin, at)
    assert key_of(token=issued.token, at=at, memory=memory()) == key
    event = AuditEvent.objects.get(action="key.issue")
    assert (event.actor_id, event.object_id) == (admin.pk, str(key.pk))
    assert event.changes["token_id"] == key.token_id


def test_tokens_do_not_repeat_and_are_long_enough(at: datetime) -> None:
    issued = [issue(at) for _ in range(50)]
    assert len({key.token for key in issued}) == 50
    assert all(tokens.token_id_of(token=key.token) == key.key.token_id for key in issued)
    assert len(issued[0].token.split("_", 2)[2]) * 6 >= 256 or tokens.SECRET_BYTES == 32


def test_a_token_of_a_known_id_with_another_secret_opens_nothing(at: datetime) -> None:
    issued = issue(at)
    forged = f"rz_{issued.key.token_id}_{secrets.token_urlsafe(32)}"
    for token in (forged, issued.token[:-1], issued.token + "A", issued.token.upper(), "", "rz_", "x" * 10_000):
        assert key_of(token=token, at=at, memory=memory()) is None


def test_a_key_replaced_leaves_both_open_for_the_overlap(at: datetime, admin: User) -> None:
    old = issue(at, scopes=["leads:write"], sources=["site"])
    later = at + timedelta(days=1)
    new = keys.rotate(key=old.key, by=admin, at=later)
    assert (new.key.scopes, new.key.sources, new.key.replaces) == (["leads:write"], ["site"], old.key)
    just_before, then = later + keys.OVERLAP - timedelta(seconds=1), later + keys.OVERLAP
    assert key_of(token=old.token, at=just_before, memory=memory()) == old.key
    assert key_of(token=old.token, at=then, memory=memory()) is None
    assert key_of(token=new.token, at=then, memory=memory()) == new.key
    assert AuditEvent.objects.filter(action="key.issue", actor_id=admin.pk).count() == 1


def test_an_overlap_never_makes_a_key_live_longer(at: datetime) -> None:
    ends = at + timedelta(hours=1)
    old = issue(at, expires_at=ends)
    new = keys.rotate(key=old.key, by=None, at=at)
    old.key.refresh_from_db()
    assert old.key.expires_at == new.key.expires_at == ends


@pytest.mark.parametrize("how", ["revoked", "expired"])
def test_a_key_that_opens_nothing_is_not_replaced(how: str, at: datetime) -> None:
    old = issue(at, expires_at=at + timedelta(hours=1))
    if how == "revoked":
        keys.revoke(key=old.key, by=None, at=at)
    with pytest.raises(keys.KeyIsNotInForce):
        keys.rotate(key=old.key, by=None, at=at + timedelta(hours=1))
    assert ApiKey.objects.count() == 1


def test_a_revoked_key_fails_on_the_next_request(at: datetime, admin: User, client: Client) -> None:
    issued = issue(at, scopes=["metrics:read"])
    headers = {"authorization": f"Bearer {issued.token}"}
    url = "/api/v1/metrics/quality"
    assert client.get(url, headers=headers).status_code != 401
    keys.revoke(key=issued.key, by=admin, at=at)
    assert client.get(url, headers=headers).status_code == 401


def test_revoking_twice_is_one_act(at: datetime, admin: User) -> None:
    issued = issue(at)
    keys.revoke(key=issued.key, by=admin, at=at)
    keys.revoke(key=issued.key, by=admin, at=at + timedelta(days=1))
    issued.key.refresh_from_db()
    assert (issued.key.revoked_at, issued.key.revoked_by) == (at, admin)
    assert AuditEvent.objects.filter(action="key.revoke").count() == 1


def test_a_key_expires_to_the_second(at: datetime) -> None:
    ends = at + timedelta(days=1)
    issued = issue(at, expires_at=ends)
    assert key_of(token=issued.token, at=ends - timedelta(seconds=1), memory=memory()) is not None
    assert key_of(token=issued.token, at=ends, memory=memory()) is None


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"name": "  "}, "name_required"),
        ({"name": "x" * 101}, "name_required"),
        ({"scopes": []}, "unknown_scope"),
        ({"scopes": ["leads:read", "leads:destroy"]}, "unknown_scope"),
        ({"expires_at": "now"}, "expires_in_the_past"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(options: dict[str, Any], code: str, at: datetime) -> None:
    if options.get("expires_at"):
        options = {"expires_at": at}
    with pytest.raises(DomainError) as refusal:
        issue(at, **options)
    assert refusal.value.code == code
    assert not ApiKey.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_administrator_makes_replaces_and_revokes(role: Role, at: datetime, users: dict[Role, User]) -> None:
    issued = issue(at)
    person = users[role]
    acts = (
        lambda: issue(at, person),
        lambda: keys.rotate(key=issued.key, by=person, at=at),
        lambda: keys.revoke(key=issued.key, by=person, at=at),
    )
    for act in acts:
        with pytest.raises(DomainError) as refusal:
            act()
        assert refusal.value.code == "not_allowed"
    assert ApiKey.objects.get().is_in_force(at=at)


def _everything_stored() -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        for row in model._default_manager.values_list():
            yield from (str(bytes(value) if isinstance(value, memoryview) else value) for value in row)


def test_a_dump_of_every_table_holds_no_token_that_opens_anything(at: datetime, admin: User) -> None:
    issued = issue(at, admin)
    rotated = keys.rotate(key=issued.key, by=admin, at=at)
    dump = "\n".join(_everything_stored())
    for made in (issued, rotated):
        assert made.key.digest in dump
        assert made.token not in dump
        assert made.token.split("_", 2)[2] not in dump
        assert key_of(token=made.key.digest, at=at, memory=memory()) is None
        assert key_of(token=f"rz_{made.key.token_id}_{made.key.digest[:43]}", at=at, memory=memory()) is None


def test_tokens_are_compared_in_constant_time(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    issued = issue(at)
    compared = []
    real = secrets.compare_digest

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr(tokens.secrets, "compare_digest", compare)
    assert key_of(token=issued.token, at=at, memory=memory()) is not None
    assert compared == [(issued.key.digest, issued.key.digest)]


def test_use_is_written_at_most_once_a_minute(at: datetime) -> None:
    key = issue(at).key
    times = []
    for seconds in (0, 30, 60, 61, 125):
        keys.note_use(key=key, at=at + timedelta(seconds=seconds))
        key.refresh_from_db()
        assert key.last_used_at is not None
        times.append((key.last_used_at - at).total_seconds())
    assert times == [0, 0, 0, 61, 125]


def test_bound_keys_follow_a_source_and_others_are_left_alone(at: datetime) -> None:
    bound = [issue(at, sources=sources).key for sources in (["a", "b"], ["a"], ["c"], [])]
    assert keys.follow_source(old="a", new="b") == 2
    for key, sources in zip(bound, (["b"], ["b"], ["c"], []), strict=True):
        key.refresh_from_db()
        assert key.sources == sources
