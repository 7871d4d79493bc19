"""What the organisation agreed on, in versions; the page that changes it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import AuditEvent, OrganisationSettings, User
from crm.operations import settings as operations
from crm.queries.organisation import WORKING_WEEK, holidays_of, settings_at
from crm.rules.permissions import NotAllowed
from tests.factories.crm import OrganisationSettingsFactory

pytestmark = pytest.mark.django_db


def test_the_defaults_hold_until_something_is_said(at: datetime) -> None:
    version = settings_at(at)
    assert version.pk is None
    assert (version.business_hours, version.age_a1_days, version.age_a2_days) == (WORKING_WEEK, 7, 28)


def test_the_version_in_force_is_the_last_one_before(at: datetime) -> None:
    first = OrganisationSettingsFactory(valid_from_at=at, currency="RUB")
    second = OrganisationSettingsFactory(valid_from_at=at + timedelta(days=10), currency="EUR")
    assert settings_at(at + timedelta(days=9)) == first
    assert settings_at(at + timedelta(days=10)) == second
    assert settings_at(at - timedelta(days=1)) == first, "what was said first holds for the time before it"


def test_change_makes_a_version_and_leaves_the_old_one(admin: User, at: datetime) -> None:
    old = operations.change(by=admin, at=at, organisation_name="North Star", holidays=["2026-03-09"])
    new = operations.change(by=admin, at=at + timedelta(days=1), age_a2_days=30)
    old.refresh_from_db()
    assert (old.age_a2_days, new.age_a2_days) == (28, 30)
    assert new.organisation_name == "North Star"
    assert holidays_of(new) == {date(2026, 3, 9)}
    event = AuditEvent.objects.get(object_id=str(new.pk))
    assert (event.action, event.changes) == ("settings.change", {"age_a2_days": [28, 30]})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Europe/Atlantis"),
        ("default_region", "ZZ"),
        ("currency", "roubles"),
        ("week_starts_on", 8),
        ("age_a1_days", 0),
        ("age_a2_days", 3),
        ("duplicate_window_days", -1),
        ("business_hours", {}),
        ("business_hours", {"8": ["09:00", "18:00"]}),
        ("business_hours", {"1": ["18:00", "09:00"]}),
        ("business_hours", {"1": ["9", "18:00"]}),
        ("business_hours", {"1": ["09:00", "25:00"]}),
        ("business_hours", {"1": ["09:00"]}),
        ("holidays", ["9 March"]),
        ("holidays", "2026-03-09"),
        ("organisation_name", "x" * 151),
    ],
)
def test_change_refuses_what_would_break_the_numbers(field: str, value: object, admin: User, at: datetime) -> None:
    with pytest.raises(operations.InvalidSetting) as refusal:
        operations.change(by=admin, at=at, **{field: value})
    assert refusal.value.field == field
    assert not OrganisationSettings.objects.exists()


def test_change_refuses_a_second_version_of_one_instant(admin: User, at: datetime) -> None:
    operations.change(by=admin, at=at, currency="EUR")
    with pytest.raises(operations.InvalidSetting) as refusal:
        operations.change(by=admin, at=at, currency="USD")
    assert refusal.value.code == "settings_changed_meanwhile"


def test_nothing_changed_makes_no_version(admin: User, at: datetime) -> None:
    assert operations.change(by=admin, at=at, currency="RUB").pk is None
    made = operations.change(by=admin, at=at, currency="EUR")
    assert operations.change(by=admin, at=at + timedelta(days=1), currency="EUR", based_on=made.pk) == made
    assert OrganisationSettings.objects.count() == AuditEvent.objects.count() == 1


def test_change_refuses_to_undo_what_was_changed_meanwhile(admin: User, at: datetime) -> None:
    first = operations.change(by=admin, at=at, currency="EUR", based_on=0)
    second = operations.change(by=admin, at=at + timedelta(hours=1), age_a2_days=30, based_on=first.pk)
    for outdated in (0, first.pk):
        with pytest.raises(operations.SettingsChangedMeanwhile) as refusal:
            operations.change(by=admin, at=at + timedelta(hours=2), currency="USD", based_on=outdated)
        assert refusal.value.current == second
    assert OrganisationSettings.objects.count() == 2


def test_a_version_that_was_changed_back_is_not_outdated(admin: User, at: datetime) -> None:
    first = operations.change(by=admin, at=at, currency="EUR")
    operations.change(by=admin, at=at + timedelta(hours=1), currency="USD")
    operations.change(by=admin, at=at + timedelta(hours=2), currency="EUR")
    made = operations.change(by=admin, at=at + timedelta(hours=3), age_a2_days=30, based_on=first.pk)
    assert (made.currency, made.age_a2_days) == ("EUR", 30)


def test_change_refuses_a_field_that_does_not_exist(admin: User, at: datetime) -> None:
    with pytest.raises(TypeError):
        operations.change(by=admin, at=at, valid_from_at=at)


def test_change_is_for_administrators(head: User, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        operations.change(by=head, at=at, currency="EUR")


def _form(client: Client, **changes: object) -> dict[str, object]:
    form = client.get(reverse("crm:settings")).context["form"]
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: value for name, value in {**values, **changes}.items() if value not in (None, False)}


def test_the_page_puts_a_version_in_force(admin: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(admin)
    data = _form(client, currency="eur", hours_6="10:00–14:00", hours_1="", holidays="2026-05-09\n2026-01-01")
    response = client.post(reverse("crm:settings"), data, follow=True)
    version = OrganisationSettings.objects.get()
    assert (version.currency, version.created_by) == ("EUR", admin)
    assert version.business_hours["6"] == ["10:00", "14:00"]
    assert "1" not in version.business_hours
    assert version.holidays == ["2026-01-01", "2026-05-09"]
    assert "The new settings are in force." in response.content.decode()
    ((shown, changes),) = response.context["versions"]
    assert shown == version
    assert [(str(label), before, after) for label, before, after in changes] == [
        ("Currency", "RUB", "EUR"),
        ("Holidays", "—", "2026-01-01, 2026-05-09"),
        ("Monday", "09:00-18:00", "—"),
        ("Saturday", "—", "10:00-14:00"),
    ]
    assert "10:00-14:00" in response.content.decode()


def test_each_version_is_shown_with_what_it_changed(
    admin: User, at: datetime, client_of: Callable[[User], Client]
) -> None:
    for day, ranked in enumerate((40, 50, 60)):
        operations.change(by=admin, at=at + timedelta(days=day), minimum_sample_to_rank=ranked)
    told = client_of(admin).get(reverse("crm:settings")).context["versions"]
    assert [(before, after) for _version, ((_label, before, after),) in told] == [(50, 60), (40, 50), (30, 40)]


def test_a_page_opened_before_another_change_does_not_undo_it(admin: User, client_of: Callable[[User], Client]) -> None:
    client, url = client_of(admin), reverse("crm:settings")
    stale = _form(client, minimum_sample_to_rank=50, holidays="2026-05-09")
    other = _form(client, currency="EUR", hours_6="10:00-14:00", managers_see_team="on", minimum_sample_to_rank=40)
    assert client.post(url, other).status_code == 302

    refused = client.post(url, stale)
    assert OrganisationSettings.objects.count() == 1
    errors = refused.context["form"].errors
    assert errors["currency"] == ["Changed meanwhile: RUB → EUR."]
    assert errors["minimum_sample_to_rank"] == ["Changed meanwhile: 30 → 40."]
    assert errors["hours_6"] == ["Changed meanwhile: — → 10:00-14:00."]
    assert errors["managers_see_team"] == ["Changed meanwhile: no → yes."]
    assert "while you were looking" in errors["__all__"][0]
    again = {field.html_name: field.value() for field in refused.context["form"]}
    assert (again["minimum_sample_to_rank"], again["holidays"]) == ("50", "2026-05-09"), "what was typed is kept"

    assert client.post(url, {name: value for name, value in again.items() if value}).status_code == 302
    made = settings_at(timezone.now())
    assert (made.currency, made.minimum_sample_to_rank, made.managers_see_team) == ("EUR", 50, True)
    assert (made.business_hours["6"], made.holidays) == (["10:00", "14:00"], ["2026-05-09"])


def test_saving_what_is_in_force_makes_no_version(admin: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(admin)
    response = client.post(reverse("crm:settings"), _form(client), follow=True)
    assert "Nothing changed" in response.content.decode()
    assert not OrganisationSettings.objects.exists()


def test_what_does_nothing_yet_is_not_offered(admin: User, client_of: Callable[[User], Client]) -> None:
    assert "week_starts_on" not in client_of(admin).get(reverse("crm:settings")).content.decode()


def test_the_page_says_what_is_wrong_at_the_field(admin: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(admin)
    response = client.post(reverse("crm:settings"), _form(client, default_region="zz"))
    assert response.context["form"].errors["default_region"] == ["There is no such region."]
    hours = client.post(reverse("crm:settings"), _form(client, hours_2="all day"))
    assert "Write hours as 09:00–18:00" in hours.content.decode()
    assert not OrganisationSettings.objects.exists()
