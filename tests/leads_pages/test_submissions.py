"""What came to hooks, the API and forms can be looked at: by whom, why it failed, what to do about it."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from crm.models import ApiKey, User
from crm.operations import keys
from crm.rules.roles import Role
from leads.intake.hook import Hook
from leads.models import Lead, PublicForm, Submission
from leads.operations import hooks, public_forms
from leads.operations.public_forms import Sent
from leads.operations.submissions import MOST_KEPT, keep_refused
from leads.queries.submissions import LONGEST_SHOWN, raw_of, replayable
from leads.rules.facts import Channel, SubmissionState
from leads.rules.public_forms import HANDED_BACK, WITHOUT_CONSENT, Suspicion
from tests.factories.crm import LONG_AGO
from tests.factories.funnels import Rules
from tests.factories.leads import receive
from tests.factories.public_forms import make_form, send

pytestmark = pytest.mark.django_db

LIST = "/settings/submissions/"
AGAIN = "Process again"


@pytest.fixture(autouse=True)
def without_a_broker(settings: LazySettings) -> None:
    settings.REDIS_URL = ""


@pytest.fixture
def key(rules: Rules) -> ApiKey:
    return keys.issue(name="Shop", scopes=["leads:write"], by=None, at=LONG_AGO).key


@pytest.fixture
def form(rules: Rules) -> PublicForm:
    return make_form(rules.funnel)


@pytest.fixture
def browser(admin: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(admin)


def refused(key: ApiKey | None, at: datetime, body: bytes = b'{"phone": 12}') -> Submission:
    return keep_refused(body=body, code="invalid", detail="/phone: Not a text.", key=key, at=at)


def failed_hook(key: ApiKey, at: datetime) -> Submission:
    kept = hooks.take(key=key, profile="generic", hook=Hook(body=b'{"who": "A"}'), at=at).submission
    hooks.process(at=at, submission=kept.pk)
    kept.refresh_from_db()
    assert kept.state == SubmissionState.FAILED
    return kept


def handed_back(form: PublicForm, at: datetime, **fields: str) -> Submission:
    """Keep an attempt whose visitor was shown what is wrong."""
    sent, consent = Sent(fields=fields or {"name": "Анна"}), form.consent
    return public_forms.note_refused(
        form=form, sent=sent, consent=consent, code=HANDED_BACK, detail="phone: required", at=at
    )


def thanked(form: PublicForm, at: datetime) -> Submission:
    """Keep a request that was taken with thanks, and of which no lead could be made."""
    kept = send(form, at=at, phone="8 917 220-14-08", number="n" * 300)
    assert kept.state == SubmissionState.FAILED
    return kept


def listed(browser: Client, query: str = "") -> list[Submission]:
    return [line.submission for line in browser.get(f"{LIST}{query}").context["rows"]]


def shown(browser: Client, kept: Submission) -> str:
    response = browser.get(f"{LIST}{kept.public_id}/")
    assert response.status_code == 200
    return response.content.decode()


def test_everything_that_failed_is_listed_whatever_door_it_came_to(
    browser: Client, key: ApiKey, form: PublicForm, at: datetime, rules: Rules
) -> None:
    hook, api, back = failed_hook(key, at), refused(key, at), handed_back(form, at)
    receive(rules, channel=Channel.PAGE)
    assert listed(browser) == listed(browser, "?state=failed") == [back, api, hook]
    page = browser.get(LIST).content.decode()
    assert all(said in page for said in ("/phone: Not a text.", "phone: required", "Order a call", "Shop", "generic"))


@pytest.mark.parametrize("channel", ["hook", "api", "form"])
def test_the_list_is_narrowed_to_one_door(
    channel: str, browser: Client, key: ApiKey, form: PublicForm, at: datetime
) -> None:
    kept = {"hook": failed_hook(key, at), "api": refused(key, at), "form": handed_back(form, at)}
    assert listed(browser, f"?channel={channel}&state=failed") == [kept[channel]]


@pytest.mark.parametrize("channel", ["import", "page", "hok"])
def test_a_door_the_list_does_not_show_is_refused(channel: str, browser: Client) -> None:
    assert browser.get(f"{LIST}?channel={channel}").status_code == 400


def test_a_refused_body_is_shown_and_its_sender_has_to_send_again(browser: Client, key: ApiKey, at: datetime) -> None:
    page = shown(browser, refused(key, at, '{"name": "Ёлкина <b>", "phone": 12}'.encode()))
    assert "Ёлкина &lt;b&gt;" in page
    assert "/phone: Not a text." in page
    assert "has to send the request again" in page
    assert AGAIN not in page
    assert "Not a text." in shown(browser, refused(None, at))


def test_a_body_that_was_accepted_is_shown_as_it_was_read(browser: Client, rules: Rules) -> None:
    kept = receive(rules, name="Ёлкина", channel=Channel.API)
    page = shown(browser, kept.submission)
    assert "Ёлкина" in page
    assert kept.lead.code in page
    assert "has to send the request again" not in page


def test_a_long_body_says_that_it_is_only_the_beginning(key: ApiKey, at: datetime, form: PublicForm) -> None:
    long = raw_of(submission=refused(key, at, b"x" * (MOST_KEPT + 1)))
    assert (len(long.body), long.size, long.is_cut) == (LONGEST_SHOWN, MOST_KEPT, True)
    told = raw_of(submission=handed_back(form, at, message="я" * LONGEST_SHOWN))
    assert (len(told.read), told.is_cut) == (LONGEST_SHOWN, True)
    assert not raw_of(submission=refused(key, at)).is_cut


def test_an_attempt_handed_back_is_shown_and_not_processed_again(
    browser: Client, form: PublicForm, at: datetime
) -> None:
    page = shown(browser, handed_back(form, at))
    assert "Анна" in page
    assert "phone: required" in page
    assert "Order a call" in page
    assert "The visitor was told what is wrong" in page
    assert AGAIN not in page
    assert "/settings/forms/quarantine/" not in page


def test_without_a_consent_only_the_names_of_fields_are_there(browser: Client, form: PublicForm, at: datetime) -> None:
    kept = public_forms.note_refused(
        form=form, sent=Sent(fields={"name": "Анна"}), consent=None, code=WITHOUT_CONSENT, detail="", at=at
    )
    page = shown(browser, kept)
    assert "Анна" not in page
    assert json.dumps(["name"]).strip("[]").replace('"', "&quot;") in page


def test_a_request_that_waits_for_a_decision_leads_to_where_it_is_released(
    browser: Client, form: PublicForm, at: datetime
) -> None:
    spam = send(form, at=at, suspicion=Suspicion.TRAP)
    for kept in (thanked(form, at), spam):
        page = shown(browser, kept)
        assert "/settings/forms/quarantine/" in page
        assert "The visitor was told what is wrong" not in page
    assert "a field that people do not see" in shown(browser, spam)
    public_forms.keep(submission=spam, by=None, at=at)
    assert "/settings/forms/quarantine/" not in shown(browser, spam)


def test_only_hooks_are_processed_again(browser: Client, key: ApiKey, form: PublicForm, at: datetime) -> None:
    hook, others = failed_hook(key, at), (refused(key, at), handed_back(form, at), thanked(form, at))
    assert AGAIN in shown(browser, hook)
    for other in others:
        assert browser.post(f"{LIST}{other.public_id}/replay/").status_code == 404
    browser.post(f"{LIST}replay/", {"profile": ""})
    assert set(Submission.objects.filter(state=SubmissionState.FAILED)) == set(others)
    assert not replayable().exists()
    assert not Lead.objects.exists()


def test_all_that_failed_is_offered_only_where_there_are_hooks(
    browser: Client, key: ApiKey, form: PublicForm, at: datetime
) -> None:
    refused(key, at)
    offer = "Process all failed webhooks again"
    assert offer not in browser.get(f"{LIST}?state=failed").content.decode()
    failed_hook(key, at)
    assert offer in browser.get(f"{LIST}?state=failed").content.decode()
    assert offer not in browser.get(f"{LIST}?state=failed&channel=api").content.decode()
    assert offer not in browser.get(f"{LIST}?state=failed&profile=tilda").content.decode()


def test_the_list_asks_the_same_however_much_there_is(
    browser: Client,
    key: ApiKey,
    form: PublicForm,
    at: datetime,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    for _number in range(5):
        failed_hook(key, at)
        refused(key, at)
        handed_back(form, at)
    with django_assert_max_num_queries(13):
        assert len(listed(browser, "?state=failed")) == 15


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_nobody_but_an_administrator_sees_any_of_it(
    role: Role,
    users: dict[Role, User],
    client_of: Callable[[User], Client],
    key: ApiKey,
    form: PublicForm,
    at: datetime,
) -> None:
    browser = client_of(users[role])
    for kept in (refused(key, at), handed_back(form, at)):
        assert browser.get(f"{LIST}{kept.public_id}/").status_code == 403
        assert browser.get(f"{LIST}?channel={kept.channel}").status_code == 403
