"""An empty installation: who may begin it, what each step does, and that nothing is done twice."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from crm.models import AuditEvent, OrganisationSettings, User
from crm.operations.buckets import SharedBuckets
from crm.queries.organisation import settings_at
from crm.rules.roles import Role
from crm.rules.setup_code import setup_code
from funnels.models import Funnel
from leads.models import FirstRun, Source
from leads.views import first_run
from tests.factories.crm import UserFactory
from tests.factories.funnels import make_rules
from tests.factories.leads import judge, make_lead

pytestmark = pytest.mark.django_db

START = "/start/"
PERSON = {"name": "Oscar First", "email": "Oscar@Example.com", "password": "a-long-enough-secret"}
HOURS = {"days": ["1", "2"], "opens": "10:00", "closes": "19:00"}
COMPANY = {
    "organisation_name": "Vector",
    "time_zone": "Asia/Yekaterinburg",
    "currency": "rub",
    "default_region": "ru",
    **HOURS,
}


@pytest.fixture(autouse=True)
def full_bucket(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    settings.REDIS_URL = ""
    monkeypatch.setattr(first_run, "of_codes", SharedBuckets(per_second=1 / 10, burst=10))


def code() -> str:
    return setup_code(key=settings.SECRET_KEY)


def begin(client: Client, **told: str) -> Any:
    return client.post(START, {"code": code(), **PERSON, **told})


@pytest.fixture
def beginner(client: Client) -> Client:
    """The browser in which the first administrator was made."""
    assert begin(client).status_code == HTTPStatus.FOUND
    return client


@pytest.mark.parametrize("path", ["/", "/login/", "/leads/", "/settings/", "/start/company/"])
def test_while_nobody_is_here_every_page_leads_to_the_start(path: str, client: Client) -> None:
    response = client.get(path, follow=True)
    assert response.redirect_chain == [] or response.redirect_chain[-1][0] == START
    assert "Welcome to Razbor" in response.content.decode()


def test_the_first_administrator_is_made_and_signed_in(client: Client) -> None:
    response = begin(client)
    person = User.objects.get()
    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, "/start/company/")
    assert (person.email, person.name, person.role) == ("oscar@example.com", "Oscar First", Role.ADMIN)
    assert client.get("/settings/").status_code == HTTPStatus.OK
    assert person.check_password(PERSON["password"])
    assert AuditEvent.objects.filter(action="start.begin", object_id=str(person.pk)).count() == 1


@pytest.mark.parametrize("told", ["", "wrong", "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF"])
def test_without_the_code_nobody_is_made_and_what_was_typed_stays(told: str, client: Client) -> None:
    response = begin(client, code=told)
    assert response.status_code == HTTPStatus.OK
    assert response.context["form"].errors["code"]
    assert 'value="Oscar First"' in response.content.decode()
    assert PERSON["password"] not in response.content.decode()
    assert not User.objects.exists()
    assert not FirstRun.objects.exists()


def test_the_code_of_the_link_is_not_asked_for_again(client: Client) -> None:
    assert f'type="hidden" name="code" value="{code()}"' in client.get(f"{START}?code={code()}").content.decode()
    assert 'type="hidden" name="code"' not in client.get(START).content.decode()
    assert 'type="hidden" name="code"' not in begin(client, code="wrong").content.decode()
    page = begin(client, password="short").content.decode()
    assert f'type="hidden" name="code" value="{code()}"' in page


def test_guessing_is_slowed_down(client: Client) -> None:
    answers = [begin(client, code=f"wrong-{number}").status_code for number in range(12)]
    assert answers[:10] == [HTTPStatus.OK] * 10
    assert answers[-1] == HTTPStatus.TOO_MANY_REQUESTS
    assert not User.objects.exists()


@pytest.mark.parametrize("told", [{"password": "short"}, {"email": "nobody"}, {"name": ""}, {"password": "1234567890"}])
def test_a_person_who_could_not_sign_in_is_refused(told: dict[str, str], client: Client) -> None:
    assert begin(client, **told).status_code == HTTPStatus.OK
    assert not User.objects.exists()


def test_the_code_opens_nothing_once_somebody_is_here(beginner: Client) -> None:
    stranger = Client()
    response = begin(stranger, email="mallory@example.com")
    assert response["Location"] == f"/login/?next={START}"
    assert stranger.get(f"{START}?code={code()}")["Location"] == f"/login/?next={START}"
    assert "This installation has its people already: sign in." in stranger.get("/login/").content.decode()
    assert User.objects.count() == 1


def test_a_second_click_leads_on(beginner: Client) -> None:
    assert begin(beginner)["Location"] == "/start/company/"
    assert User.objects.count() == 1


def test_the_command_prints_the_link_while_nobody_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("setup_link", url="https://crm.example.com/")
    assert f"https://crm.example.com/start/?code={code()}" in capsys.readouterr().out
    UserFactory()
    call_command("setup_link")
    assert "code=" not in capsys.readouterr().out
    call_command("setup_link", quiet=True)
    assert capsys.readouterr().out == ""


def test_the_company_is_agreed_on_once_however_often_it_is_sent(beginner: Client) -> None:
    for _ in range(2):
        assert beginner.post("/start/company/", COMPANY)["Location"] == "/start/rules/"
    agreed = OrganisationSettings.objects.get()
    assert (agreed.organisation_name, agreed.time_zone) == ("Vector", "Asia/Yekaterinburg")
    assert (agreed.currency, agreed.default_region) == ("RUB", "RU")
    assert agreed.business_hours == {"1": ["10:00", "19:00"], "2": ["10:00", "19:00"]}
    assert 'value="Vector"' in beginner.get("/start/company/").content.decode()


def test_a_day_that_ends_before_it_begins_is_refused(beginner: Client) -> None:
    response = beginner.post("/start/company/", {**COMPANY, "closes": "09:00"})
    assert response.context["form"].errors["closes"]
    assert not OrganisationSettings.objects.exists()


@pytest.mark.parametrize(
    ("asked", "region", "currency"), [("en-GB,en;q=0.8", "GB", "GBP"), ("ru", "RU", "RUB"), ("en", "US", "USD")]
)
def test_the_country_is_guessed_from_the_browser(asked: str, region: str, currency: str, beginner: Client) -> None:
    form = beginner.get("/start/company/", headers={"accept-language": asked}).context["form"]
    assert (form["default_region"].value(), form["currency"].value()) == (region, currency)


@pytest.mark.parametrize(("language", "name"), [("en", "B2B services"), ("ru", "Услуги для бизнеса")])
def test_a_preset_is_installed_once_in_the_language_chosen(language: str, name: str, beginner: Client) -> None:
    page = beginner.get(f"/start/rules/?language={language}").content.decode()
    assert name in page
    for preset in ("b2b-services", "online-school"):
        told = {"code": preset, "language": language}
        assert beginner.post("/start/rules/", told)["Location"] == "/start/people/"
    assert Funnel.objects.get().name == name


def test_no_preset_is_no_answer(beginner: Client) -> None:
    response = beginner.post("/start/rules/", {"language": "en"})
    assert response.status_code == HTTPStatus.OK
    assert "Choose one of them." in response.content.decode()


def colleagues(*rows: tuple[str, str, str]) -> dict[str, str]:
    told = {"form-TOTAL_FORMS": "4", "form-INITIAL_FORMS": "0"}
    for number in range(4):
        name, email, role = rows[number] if number < len(rows) else ("", "", "manager")
        told |= {f"form-{number}-name": name, f"form-{number}-email": email, f"form-{number}-role": role}
    return told


def test_several_colleagues_are_let_in_at_once_and_only_once(beginner: Client) -> None:
    told = colleagues(("Paul", "paul@example.com", "manager"), ("Anna", "anna@example.com", "marketer"))
    for _ in range(2):
        assert beginner.post("/start/people/", told)["Location"] == "/start/source/"
    assert set(User.objects.values_list("email", "role")) == {
        ("oscar@example.com", "admin"),
        ("paul@example.com", "manager"),
        ("anna@example.com", "marketer"),
    }


@pytest.mark.parametrize(("mailer", "said"), [("console", "hand the link over yourself"), ("locmem", "by a letter")])
def test_nobody_is_told_of_a_letter_that_goes_nowhere(
    mailer: str, said: str, beginner: Client, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{mailer}.EmailBackend"
    told = colleagues(("Paul", "paul@example.com", "manager"))
    assert said in beginner.post("/start/people/", told, follow=True).content.decode()


def test_a_row_that_cannot_be_somebody_is_told_and_the_rest_stays_typed(beginner: Client) -> None:
    told = colleagues(("Paul", "", "manager"), ("Anna", "anna@example.com", "marketer"))
    response = beginner.post("/start/people/", told)
    assert response.context["rows"][0].errors["email"]
    assert 'value="anna@example.com"' in response.content.decode()
    assert User.objects.count() == 1


def test_a_refused_colleague_keeps_everybody_out_until_it_is_mended(beginner: Client) -> None:
    told = colleagues(("Anna", "anna@example.com", "marketer"), ("Twin", "oscar@example.com", "manager"))
    response = beginner.post("/start/people/", told)
    assert response.context["rows"][1].errors["email"]
    assert User.objects.count() == 1


def test_steps_are_skipped_and_come_back_on_the_list(beginner: Client) -> None:
    beginner.post("/start/company/", COMPANY)
    beginner.post("/start/rules/", {"code": "b2b-services", "language": "en"})
    assert beginner.post("/start/skip/people/")["Location"] == "/start/source/"
    assert beginner.post("/start/skip/rules/", follow=True).status_code == HTTPStatus.OK
    assert FirstRun.objects.get().skipped == ["people"]
    assert beginner.get(START)["Location"] == "/start/source/"
    assert beginner.post("/start/source/", {"name": "Site"})["Location"] == "/start/lead/"
    assert beginner.post("/start/source/", {"name": "Site"})["Location"] == "/start/lead/"
    assert Source.objects.get(code="Site").is_confirmed
    assert beginner.get(START)["Location"] == "/start/lead/"


def test_the_last_step_waits_for_the_rules(beginner: Client) -> None:
    page = beginner.get("/start/lead/").content.decode()
    assert "Choose the rules" in page
    assert reverse("leads:create") not in page


def test_the_last_step_shows_how_to_judge(beginner: Client) -> None:
    rules = make_rules()
    assert reverse("leads:create") in beginner.get("/start/lead/").content.decode()
    lead = make_lead(rules)
    assert f"{lead.code}/#judging" in beginner.get("/start/lead/").content.decode()
    judge(lead, met=["need"], by=User.objects.get())
    assert "The first lead is judged" in beginner.get("/start/lead/").content.decode()


def test_the_list_stands_on_the_first_page_until_it_is_put_away(beginner: Client) -> None:
    assert "Setting up: 0 of 5 steps" in beginner.get("/").content.decode()
    for _ in range(2):
        beginner.post("/start/dismiss/")
    assert "Setting up" not in beginner.get("/").content.decode()
    assert AuditEvent.objects.filter(action="start.dismiss").count() == 1


def test_nobody_is_led_on_where_the_installation_was_not_begun_from_pages(
    users: dict[Role, User], client_of: Callable[[User], Client]
) -> None:
    assert "Setting up" not in client_of(users[Role.ADMIN]).get("/").content.decode()


def test_only_an_administrator_goes_on(users: dict[Role, User], client_of: Callable[[User], Client]) -> None:
    assert client_of(users[Role.HEAD]).get(START).status_code == HTTPStatus.FORBIDDEN
    assert client_of(users[Role.ADMIN]).get(START).status_code == HTTPStatus.FOUND


def test_settings_of_the_first_run_are_those_of_the_settings_page(beginner: Client, at: Any) -> None:
    beginner.post("/start/company/", COMPANY)
    assert settings_at(OrganisationSettings.objects.get().valid_from_at).organisation_name == "Vector"
