"""Pages about what senders push: addresses, the field map, what failed and why, another try; and the command for it."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from crm.models import ApiKey, AuditEvent, User
from crm.operations import keys
from crm.rules.errors import DomainError
from leads.intake.hook import Hook
from leads.models import HookProfile, Lead, Submission
from leads.operations import hooks
from leads.operations.hook_profiles import configure
from leads.queries.submissions import hook_profile_of, raw_of
from leads.rules.facts import Channel, SubmissionState
from tests.factories.crm import LONG_AGO
from tests.factories.funnels import Rules, make_rules
from tests.leads.hooks import payloads
from tests.leads.hooks.payloads import document

pytestmark = pytest.mark.django_db

UNREAD = {"who": "Пробный Клиент", "where": payloads.PHONE}


@pytest.fixture(autouse=True)
def rules(settings: LazySettings) -> Rules:
    settings.REDIS_URL = ""
    return make_rules()


@pytest.fixture
def key() -> ApiKey:
    return keys.issue(name="Site", scopes=["leads:write"], by=None, at=LONG_AGO).key


@pytest.fixture
def browser(admin: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(admin)


def push(key: ApiKey, hook: Hook, profile: str = "generic") -> Submission:
    """Keep a hook and process it at once."""
    kept = hooks.take(key=key, profile=profile, hook=hook, at=timezone.now()).submission
    hooks.process(at=timezone.now(), submission=kept.pk)
    kept.refresh_from_db()
    return kept


def test_a_submission_that_failed_is_a_lead_after_its_map_was_corrected(browser: Client, key: ApiKey) -> None:
    kept = push(key, document(UNREAD))
    assert kept.error_code == "nobody_asks"
    page = browser.get("/settings/submissions/?state=failed").content.decode()
    assert "who, where" in page
    page = browser.get(f"/settings/submissions/{kept.public_id}/").content.decode()
    assert "Пробный Клиент" in page
    saved = browser.post(
        f"/settings/inbound/{key.pk}/generic/",
        {"field_map": "name: who\r\n\r\nphone : where\nsource: =site", "funnel": ""},
    )
    assert saved.status_code == 302
    browser.post(f"/settings/submissions/{kept.public_id}/replay/")
    lead = Lead.objects.get()
    assert (lead.contact.name, lead.source.code) == ("Пробный Клиент", "site")
    kept.refresh_from_db()
    assert (kept.state, kept.lead, kept.error_code, kept.attempts) == (SubmissionState.ACCEPTED, lead, "", 2)
    assert AuditEvent.objects.filter(action="submission.replay").count() == 1


def test_replaying_what_is_in_already_is_refused(browser: Client, key: ApiKey) -> None:
    kept = push(key, document({"name": "A"}))
    page = browser.post(f"/settings/submissions/{kept.public_id}/replay/", follow=True)
    assert "Only what failed or waits" in page.content.decode()
    assert Lead.objects.count() == 1


def test_everything_that_failed_is_tried_again(
    browser: Client, key: ApiKey, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    for number in range(3):
        push(key, document(UNREAD | {"where": f"7900000001{number}"}))
    push(key, document({"Nobody": ""}), "tilda")
    configure(key=key, profile="generic", field_map={"name": "who", "phone": "where"}, by=None, at=LONG_AGO)
    with django_capture_on_commit_callbacks(execute=True):
        page = browser.post("/settings/submissions/replay/", {"profile": "generic"}, follow=True)
    assert "3 submissions are processed again." in page.content.decode()
    assert Lead.objects.count() == 3
    assert Submission.objects.get(state=SubmissionState.FAILED).profile == "tilda"


def test_the_address_to_paste_is_shown_without_the_secret(browser: Client, key: ApiKey) -> None:
    page = browser.get(f"/settings/inbound/{key.pk}/tilda/").content.decode()
    assert f"http://testserver/in/rz_{key.token_id}_…/tilda" in page
    assert browser.get("/settings/inbound/0/tilda/").status_code == 404
    assert browser.get(f"/settings/inbound/{key.pk}/nowhere/").status_code == 404


def test_a_secret_is_kept_replaced_removed_and_never_shown(browser: Client, key: ApiKey) -> None:
    url = f"/settings/inbound/{key.pk}/vk/"
    told = {"field_map": "", "funnel": "", "secret_secret": "first-secret", "secret_confirmation": "a1b2c3"}
    browser.post(url, told)
    assert HookProfile.objects.get().secrets == {"secret": "first-secret", "confirmation": "a1b2c3"}
    page = browser.get(url).content.decode()
    assert "first-secret" not in page
    assert "Kept." in page
    browser.post(url, {"field_map": "", "funnel": "", "secret_secret": "second-secret", "forget_confirmation": "on"})
    assert HookProfile.objects.get().secrets == {"secret": "second-secret"}
    assert "secret'" not in str([event.changes for event in AuditEvent.objects.all()]).replace("'secret'", "")
    push(key, document(payloads.VK | {"secret": "second-secret"}), "vk")
    shown = browser.get(f"/settings/submissions/{Submission.objects.get().public_id}/").content.decode()
    assert "lead_forms_new" in shown
    assert "second-secret" not in shown


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("phne: a", "is not a field of ours"),
        ("phone a", "Line 1"),
        ("name: a\nname: b", "Line 2"),
        ("name: =", "Say after"),
    ],
)
def test_a_slip_in_the_map_is_told(written: str, said: str, browser: Client, key: ApiKey) -> None:
    page = browser.post(f"/settings/inbound/{key.pk}/generic/", {"field_map": written, "funnel": ""})
    assert said in page.content.decode()
    assert not HookProfile.objects.exists()


def test_a_key_that_replaces_another_keeps_what_was_said(key: ApiKey) -> None:
    configure(key=key, profile="generic", field_map={"name": "who"}, by=None, at=LONG_AGO)
    fresh = keys.rotate(key=key, by=None, at=LONG_AGO).key
    assert hook_profile_of(key=fresh, profile="generic") == HookProfile.objects.get()
    assert push(fresh, document(UNREAD)).state == SubmissionState.ACCEPTED


def test_a_key_that_may_not_push_has_no_address(key: ApiKey, manager: User) -> None:
    reader = keys.issue(name="Reader", scopes=["leads:read"], by=None, at=LONG_AGO).key
    for options in (
        {"key": reader, "profile": "tilda", "by": None},
        {"key": key, "profile": "nowhere", "by": None},
        {"key": key, "profile": "tilda", "by": None, "secrets": {"x": "y"}},
        {"key": key, "profile": "vk", "by": None, "secrets": {"secret": "y" * 501}},
        {"key": key, "profile": "tilda", "by": manager},
    ):
        with pytest.raises(DomainError):
            configure(at=LONG_AGO, **options)


def test_the_list_of_addresses_counts_what_came(
    browser: Client, key: ApiKey, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    push(key, document({"name": "A"}))
    push(key, document(UNREAD))
    push(key, document(payloads.FACEBOOK_NOTICE), "facebook")
    browser.get("/settings/inbound/")
    with django_assert_max_num_queries(10):
        rows = {row.profile: row for row in browser.get("/settings/inbound/").context["rows"]}
    assert [(rows[code].accepted, rows[code].failed, rows[code].waiting) for code in ("generic", "facebook")] == [
        (1, 1, 0),
        (0, 0, 1),
    ]
    assert browser.get("/settings/inbound/").context["form"].fields["key"].choices[0][0] == str(key.pk)
    chosen = browser.post("/settings/inbound/", {"key": str(key.pk), "profile": "vk"})
    assert chosen.headers["Location"] == f"/settings/inbound/{key.pk}/vk/"


def test_the_list_is_narrowed_and_turned_page_by_page(
    browser: Client, key: ApiKey, django_assert_max_num_queries: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from leads.queries import submissions

    monkeypatch.setattr(submissions, "PAGE", 2)
    made = [push(key, document({"name": "A", "id": number})) for number in range(5)]
    first = browser.get("/settings/submissions/?profile=generic")
    assert [line.submission.pk for line in first.context["rows"]] == [made[4].pk, made[3].pk]
    with django_assert_max_num_queries(8):
        second = browser.get(f"/settings/submissions/{first.context['older_url']}")
    assert [line.submission.pk for line in second.context["rows"]] == [made[2].pk, made[1].pk]
    assert list(browser.get("/settings/submissions/?state=failed").context["rows"]) == []
    assert browser.get("/settings/submissions/?state=faild").status_code == 400


def test_bytes_that_are_no_text_are_shown_all_the_same(browser: Client, key: ApiKey) -> None:
    kept = push(key, Hook(body=b"name=\xff<script>", content_type="text/plain"))
    assert raw_of(submission=kept).body == "name=\\xff<script>"
    assert b"&lt;script&gt;" in browser.get(f"/settings/submissions/{kept.public_id}/").content


def test_a_page_of_what_came_by_another_door_does_not_exist(browser: Client, rules: Rules) -> None:
    from tests.factories.leads import receive

    other = receive(rules, channel=Channel.PAGE).submission
    assert browser.get(f"/settings/submissions/{other.public_id}/").status_code == 404


def replay(**options: Any) -> str:
    """Run the command."""
    out = StringIO()
    call_command("replay_submissions", stdout=out, **options)
    return out.getvalue().strip()


def test_the_command_tries_again_what_failed(key: ApiKey) -> None:
    old, new = push(key, document(UNREAD)), push(key, document(UNREAD | {"x": 1}))
    Submission.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=9))
    assert replay() == "failed: 2"
    configure(key=key, profile="generic", field_map={"name": "who"}, by=None, at=LONG_AGO)
    assert replay(profile="tilda") == "0"
    assert replay(since=(timezone.now() - timedelta(days=2)).date().isoformat()) == "accepted: 1"
    new.refresh_from_db()
    assert new.state == SubmissionState.ACCEPTED
    assert replay(profile="generic") == "accepted: 1"
    assert (replay(), Lead.objects.count()) == ("0", 2)


def test_the_command_does_not_guess_a_date() -> None:
    with pytest.raises(CommandError, match="is not a time"):
        replay(since="yesterday")
