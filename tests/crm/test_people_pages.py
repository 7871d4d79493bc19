"""The pages of people, invitations and the audit log."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import AuditEvent, Team, User
from crm.operations import audit, invitations
from crm.queries.audit_log import PAGE
from crm.rules.roles import Role
from tests.factories.crm import UserFactory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
PEOPLE, AUDIT = "/settings/people/", "/settings/audit/"
PASSWORD = "four-words-to-keep"


@pytest.fixture
def browser(client_of: ClientOf, admin: User) -> Client:
    return client_of(admin)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_an_invitation_goes_from_the_form_to_the_first_sign_in(browser: Client, team: Team) -> None:
    told = {"name": "Anna", "email": "Anna@Example.com", "role": "manager", "team": str(team.pk)}
    page = browser.post(f"{PEOPLE}invite/", told, follow=True)
    anna = User.objects.get(email="anna@example.com")
    assert page.redirect_chain[-1][0] == f"{PEOPLE}{anna.pk}/"
    link = page.context["link"]
    assert link in text(page)
    stranger = Client()
    assert "anna@example.com" in text(stranger.get(link))
    weak = stranger.post(link, {"new_password1": "123", "new_password2": "123"})
    assert weak.status_code == 200
    stranger.post(link, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert stranger.get(link).status_code == 410
    signed_in = stranger.post("/login/", {"username": "anna@example.com", "password": PASSWORD})
    assert signed_in.status_code == 302
    assert "signs in" in text(browser.get(PEOPLE))


def test_a_refusal_keeps_what_was_typed(browser: Client, manager: User) -> None:
    page = browser.post(f"{PEOPLE}invite/", {"name": "Anna", "email": manager.email, "role": "head"})
    assert "Somebody signs in with this e-mail already." in text(page)
    assert 'value="Anna"' in text(page)


def test_a_person_is_changed_switched_off_and_on(
    browser: Client, client_of: ClientOf, manager: User, admin: User
) -> None:
    theirs = client_of(manager)
    told = {"name": "Boris", "email": manager.email, "role": "head", "team": ""}
    browser.post(f"{PEOPLE}{manager.pk}/", told)
    manager.refresh_from_db()
    assert (manager.name, manager.role, manager.team) == ("Boris", Role.HEAD, None)
    browser.post(f"{PEOPLE}{manager.pk}/off/")
    assert theirs.get("/profile/").status_code == 302
    assert "switched off" in text(browser.get(PEOPLE))
    browser.post(f"{PEOPLE}{manager.pk}/on/")
    manager.refresh_from_db()
    assert manager.is_active
    refused = browser.post(f"{PEOPLE}{admin.pk}/off/", follow=True)
    assert "You cannot switch yourself off" in text(refused)


def test_an_administrator_who_gives_the_role_up_is_not_left_before_a_closed_door(browser: Client, admin: User) -> None:
    told = {"name": admin.name, "email": admin.email, "role": "head", "team": ""}
    refused = browser.post(f"{PEOPLE}{admin.pk}/", told)
    assert "This is the last administrator" in text(refused)
    UserFactory(role=Role.ADMIN)
    page = browser.post(f"{PEOPLE}{admin.pk}/", told, follow=True)
    assert page.redirect_chain == [("/profile/", 302)]
    assert browser.get(PEOPLE).status_code == 403


def test_a_manager_without_a_team_is_pointed_out(browser: Client, manager: User, marketer: User) -> None:
    words = "without a team no head sees their leads"
    assert words not in text(browser.get(PEOPLE))
    User.objects.filter(pk=manager.pk).update(team=None)
    assert text(browser.get(PEOPLE)).count(words) == 1
    assert "Choose a team." in text(browser.get(f"{PEOPLE}{manager.pk}/"))
    assert "Choose a team." not in text(browser.get(f"{PEOPLE}{marketer.pk}/"))


def test_the_page_of_whoever_is_switched_off_leads_to_their_leads(browser: Client, manager: User) -> None:
    address = f"/leads/?owner={manager.pk}&amp;outcome=open"
    assert address not in text(browser.get(f"{PEOPLE}{manager.pk}/"))
    assert address in text(browser.post(f"{PEOPLE}{manager.pk}/off/", follow=True))


def test_the_link_of_somebody_who_has_come_is_not_shown_and_not_sent(browser: Client, manager: User) -> None:
    assert browser.get(f"{PEOPLE}{manager.pk}/").context["link"] == ""
    assert "signs in already" in text(browser.post(f"{PEOPLE}{manager.pk}/invite/", follow=True))


def test_teams_are_made_renamed_and_put_out_of_use(browser: Client, team: Team, manager: User) -> None:
    browser.post("/settings/teams/new/", {"name": "South"})
    south = Team.objects.get(name="South")
    assert "There is a team of this name." in text(browser.post("/settings/teams/new/", {"name": "South"}))
    browser.post(f"/settings/teams/{south.pk}/", {"name": "West"})
    browser.post(f"/settings/teams/{south.pk}/archive/")
    south.refresh_from_db()
    assert (south.name, south.archived_at is None) == ("West", False)
    assert browser.get(f"/settings/teams/{south.pk}/").status_code == 404
    assert "is out of use: restore it" in text(browser.post("/settings/teams/new/", {"name": "West"}))
    for _twice in range(2):
        page = browser.post(f"/settings/teams/{south.pk}/restore/", follow=True)
    assert "The team is in use again." in text(page)
    south.refresh_from_db()
    assert south.archived_at is None
    assert "still in this team" in text(browser.post(f"/settings/teams/{manager.team_id}/archive/", follow=True))


def test_the_list_of_people_asks_the_same_for_many_as_for_few(browser: Client, admin: User) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(PEOPLE)
        return len(queries)

    asked()
    few = asked()
    for number in range(10):
        invitations.invite(
            email=f"p{number}@example.com", name=f"P{number}", role="manager", team=None, by=admin, at=timezone.now()
        )
    assert asked() == few


def test_the_audit_log_tells_who_did_what_and_goes_on(browser: Client, admin: User, manager: User) -> None:
    now = timezone.now()
    AuditEvent.objects.all().delete()
    for number in range(PAGE + 5):
        audit.record(action="lead.move", obj=("leads.lead", str(number)), by=manager, at=now)
    audit.record(action="settings.change", obj=("crm.settings", "1"), by=admin, at=now, changes={"age_a1_days": [7, 9]})
    audit.record(
        action="loss_reason.create", obj=("funnels.reason", "1"), by=admin, at=now, changes={"stages": ["new", "offer"]}
    )
    page = browser.get(AUDIT)
    assert "7 → 9" in text(page)
    assert "new, offer" in text(page)
    assert page.context["page"].lines[1].action == "settings.change"
    older = browser.get(f"{AUDIT}{page.context['older_url']}").context["page"]
    assert [line.object_id for line in older.lines] == [str(number) for number in range(6, -1, -1)]
    assert older.older is None


@pytest.mark.parametrize(
    ("query", "count"),
    [("area=settings", 1), ("area=lead", 2), ("object_id=7", 1), ("person={manager}", 2), ("until=2020-01-01", 0)],
)
def test_the_audit_log_is_narrowed(query: str, count: int, browser: Client, admin: User, manager: User) -> None:
    now = timezone.now()
    AuditEvent.objects.all().delete()
    audit.record(action="lead.move", obj=("leads.lead", "7"), by=manager, at=now)
    audit.record(action="lead.judge", obj=("leads.lead", "8"), by=manager, at=now - timedelta(days=2))
    audit.record(action="settings.change", obj=("crm.settings", "1"), by=None, at=now)
    page = browser.get(f"{AUDIT}?{query.format(manager=manager.pk)}").context["page"]
    assert len(page.lines) == count


def test_an_address_the_log_does_not_understand_is_refused(browser: Client) -> None:
    assert browser.get(f"{AUDIT}?since=yesterday").status_code == 400
