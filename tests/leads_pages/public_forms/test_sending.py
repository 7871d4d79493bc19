"""What visitors send through a public form, and programs."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Consent, Contact, Lead, PublicForm, Quarantine, Submission
from leads.operations import form_settings
from leads.rules.facts import SubmissionState
from leads.rules.public_forms import FormField, Suspicion
from tests.factories.funnels import Rules
from tests.factories.public_forms import CONSENT, content_of, make_form
from tests.leads_pages.public_forms.conftest import PHONE, filled, hidden, post


def test_a_known_person_and_a_new_one_read_the_same(browser: Client, form: PublicForm) -> None:
    answers = [post(browser, form, filled(form, phone=PHONE)) for _ in range(3)]
    answers.append(post(browser, form, filled(form, phone="8 917 220-99-99")))
    assert len({answer.content for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {HTTPStatus.OK}
    of_the_moment = {"X-Request-Id", "Expires"}
    headers = [{name: value for name, value in answer.items() if name not in of_the_moment} for answer in answers]
    assert all(one == headers[0] for one in headers)
    assert Contact.objects.count() == 2


def test_a_suspected_request_reads_the_same_too(browser: Client, form: PublicForm) -> None:
    honest, caught = post(browser, form), post(browser, form, filled(form, rz_topic="casino"))
    assert honest.content == caught.content


def test_a_double_click_is_one_lead(browser: Client, form: PublicForm) -> None:
    data = filled(form)
    for _ in range(2):
        assert post(browser, form, data).status_code == HTTPStatus.OK
    post(browser, form, data | {"message": "And one thing more"})
    assert Lead.objects.count() == 2
    assert Submission.objects.count() == 3


@pytest.mark.parametrize(
    ("told", "suspicion"),
    [
        ({"rz_topic": "http://casino.example"}, Suspicion.TRAP),
        ({"seconds": 1}, Suspicion.TOO_FAST),
        ({"seconds": 3600 * 72}, Suspicion.STALE),
        ({"rz_stamp": ""}, Suspicion.NO_STAMP),
        ({"rz_stamp": "forged:stamp"}, Suspicion.NO_STAMP),
    ],
)
def test_what_looks_like_spam_waits_for_a_person(
    told: dict[str, Any], suspicion: Suspicion, browser: Client, form: PublicForm
) -> None:
    response = post(browser, form, filled(form, **told))
    assert response.status_code == HTTPStatus.OK
    assert not Lead.objects.exists()
    assert Quarantine.objects.get().suspicion == suspicion
    submission = Submission.objects.get()
    assert submission.state == SubmissionState.QUARANTINED
    assert submission.payload["fields"] == {"name": "Anna", "phone": PHONE}


def test_a_stamp_of_another_form_does_not_count(browser: Client, form: PublicForm, rules: Rules) -> None:
    other = make_form(rules.funnel)
    post(browser, form, filled(other))
    assert Quarantine.objects.get().suspicion == Suspicion.NO_STAMP


def test_without_a_consent_the_form_comes_back_as_it_was_typed(browser: Client, form: PublicForm) -> None:
    data = filled(form, message="A long story", consent="")
    response = post(browser, form, data)
    page = response.content.decode()
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Without your consent" in page
    for typed in ("Anna", PHONE, "A long story", data["rz_stamp"]):
        assert typed in page
    submission = Submission.objects.get()
    assert (submission.state, submission.error_code) == (SubmissionState.FAILED, "consent_required")
    assert "Anna" not in str(submission.payload)
    assert not Lead.objects.exists()
    assert not Consent.objects.exists()


def test_the_form_mended_at_once_is_no_spam(browser: Client, form: PublicForm) -> None:
    page = post(browser, form, filled(form, consent="")).content.decode()
    post(browser, form, hidden(page) | {"name": "Anna", "phone": PHONE, "consent": "on"})
    assert Lead.objects.count() == 1


def test_the_version_the_visitor_has_read_is_the_one_that_is_kept(
    browser: Client, form: PublicForm, rules: Rules
) -> None:
    data = filled(form)
    form_settings.change_form(
        form=form, content=content_of(rules.funnel, consent_text="Newer"), by=None, at=timezone.now()
    )
    post(browser, form, data)
    post(browser, form, filled(form, phone="8 917 220-99-99", rz_consent="2"))
    post(browser, form, filled(form, phone="8 917 220-99-98", rz_consent="٣"))
    assert list(Consent.objects.values_list("text__version", flat=True)) == [1, 2, 2]
    assert Consent.objects.earliest("id").text.text == CONSENT


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"phone": ""}, "phone"),
        ({"phone": "1" * 65}, "phone"),
        ({"name": "x" * 201}, "name"),
        ({"message": "x" * 5001}, "message"),
    ],
)
def test_what_is_wrong_is_said_beside_what_was_typed_and_the_attempt_is_kept(
    told: dict[str, str], field: str, browser: Client, form: PublicForm
) -> None:
    response = post(browser, form, filled(form) | told)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert field in response.context["typed"].errors
    assert "Anna" in response.content.decode() or field == "name"
    submission = Submission.objects.get()
    assert (submission.state, submission.error_code) == (SubmissionState.FAILED, "form_refused")
    assert f"{field}: " in submission.error_detail
    assert Consent.objects.get().submission == submission


def test_one_way_to_answer_has_to_be_left_where_none_is_required(browser: Client, rules: Rules) -> None:
    form = make_form(rules.funnel, fields={FormField.PHONE: False, FormField.EMAIL: False})
    assert post(browser, form, filled(form, phone="")).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert post(browser, form, filled(form, phone="", email="nonsense")).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert post(browser, form, filled(form, phone="", email="anna@example.com")).status_code == HTTPStatus.OK
    assert Lead.objects.count() == 1


def test_a_field_nobody_asked_for_changes_no_lead_and_is_kept(browser: Client, form: PublicForm) -> None:
    post(browser, form, filled(form, email="anna@example.com", owner="boss@example.com", colour="red", source="ads"))
    lead = Lead.objects.get()
    assert (lead.source.code, lead.owner) == ("site", None)
    assert [point.kind for point in lead.contact.points.all()] == ["phone"]
    others = Submission.objects.get().payload["others"]
    assert others["colour"] == "red"
    assert "owner" in others


@pytest.mark.parametrize(
    "text", ["Анна 🙂👩‍👩‍👧", "a\x00b", "\x00", "\ud800", "<script>alert(1)</script>", "' OR 1=1 --"]
)
def test_any_letters_are_taken(text: str, browser: Client, form: PublicForm) -> None:
    body = "&".join(f"{name}={value}" for name, value in filled(form, name="@").items()).replace(":", "%3A")
    encoded = "".join(f"%{byte:02x}" for byte in text.encode(errors="surrogatepass"))
    response = browser.post(
        f"/forms/{form.key}",
        body.replace("name=@", f"name={encoded}"),
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == HTTPStatus.OK
    name = Lead.objects.get().contact.name
    assert "\x00" not in name
    if text.isprintable() and "\ud800" not in text:
        assert name == text


def test_more_than_a_form_takes_is_refused_and_counted(browser: Client, form: PublicForm) -> None:
    response = post(browser, form, filled(form, message="x" * 70_000))
    assert response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    submission = Submission.objects.get()
    assert (submission.state, submission.error_code) == (SubmissionState.FAILED, "too_large")
    assert not Lead.objects.exists()


def test_more_fields_than_any_form_has_are_refused(browser: Client, form: PublicForm) -> None:
    body = "&".join(f"f{number}=" for number in range(1200))
    response = browser.post(f"/forms/{form.key}", body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert Submission.objects.get().error_code == "unreadable"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "application/json"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b"phone=1", "application/x-www-form-urlencoded; charset=nonsense"),
    ],
)
def test_what_cannot_be_read_is_refused_and_kept(body: bytes, kind: str, browser: Client, form: PublicForm) -> None:
    response = browser.generic("POST", f"/forms/{form.key}", body, content_type=kind)
    assert HTTPStatus.BAD_REQUEST <= response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    assert Submission.objects.get().state == SubmissionState.FAILED
    assert not Lead.objects.exists()
