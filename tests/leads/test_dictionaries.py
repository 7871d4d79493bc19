"""Names of sources, campaigns and segments: joined only where a person has agreed."""

from datetime import timedelta

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from leads.models import Source, SourceAlias
from leads.operations import dictionaries, merges
from leads.queries.consistency import differences
from tests.factories.funnels import make_rules
from tests.factories.leads import MONDAY, fresh, make_lead

pytestmark = pytest.mark.django_db


def source(name: str) -> Source:
    return dictionaries.resolve_source(name=name, at=MONDAY)


def confirmed(name: str) -> Source:
    return dictionaries.confirm_source(source=source(name), by=None, at=MONDAY)


def test_a_name_seen_for_the_first_time_waits_to_be_confirmed() -> None:
    new = source("  Yandex \n Direct ")
    assert (new.code, new.name, new.is_confirmed, new.looks_like) == ("Yandex Direct", "Yandex Direct", False, None)
    assert source("Yandex Direct") == new


@pytest.mark.parametrize("name", ["", "  ", "undefined"])
def test_a_missing_name_is_a_row_of_its_own(name: str) -> None:
    assert (source(name).code, source(name).is_confirmed) == ("undefined", True)
    assert Source.objects.count() == 1


def test_spellings_are_not_joined_before_a_person_agrees() -> None:
    first = source("Яндекс")
    twin = source("яндекс")
    assert (twin.looks_like, twin.is_confirmed) == (first, False)
    assert twin != first


def test_under_a_confirmed_source_case_is_overlooked() -> None:
    google = confirmed("Google")
    SourceAlias.objects.create(source=google, name="Гугл")
    assert source("GOOGLE") == source("google") == source("Гугл") == source("гугл") == google
    assert Source.objects.count() == 1


def test_the_shown_name_is_a_name_too() -> None:
    vk = confirmed("vk")
    vk.name = "ВКонтакте"
    vk.save()
    assert source("ВКонтакте") == source("вконтакте") == vk


def test_confirming_is_written_down_once(admin: User) -> None:
    twin = source("google")
    dictionaries.confirm_source(source=twin, by=admin, at=MONDAY)
    dictionaries.confirm_source(source=twin, by=admin, at=MONDAY)
    event = AuditEvent.objects.get(action="source.confirm")
    assert (event.actor_id, event.changes) == (admin.pk, {"code": "google"})


def test_a_very_long_name_is_cut() -> None:
    assert source("x" * 300) == source("x" * 200)


def test_joining_moves_leads_campaigns_and_names_in_one_written_act(admin: User) -> None:
    rules = make_rules()
    known = make_lead(rules, source="Google", campaign="spring")
    same_campaign = make_lead(rules, source="goggle", campaign="spring")
    own_campaign = make_lead(rules, source="goggle", campaign="autumn")
    lookalike = source("GOGGLE")
    google, goggle = source("Google"), source("goggle")
    later = MONDAY + timedelta(days=1)

    moved = merges.merge_source_as_alias(source=goggle, into=google, by=admin, at=later)

    assert moved == 2
    assert {fresh(lead).source for lead in (known, same_campaign, own_campaign)} == {google}
    assert fresh(same_campaign).campaign == fresh(known).campaign
    assert fresh(own_campaign).campaign.source == google  # type: ignore[union-attr]
    assert fresh(own_campaign).version == 2
    goggle.refresh_from_db()
    lookalike.refresh_from_db()
    assert (goggle.archived_at, lookalike.looks_like) == (later, google)
    assert source("goggle") == google
    event = AuditEvent.objects.get(action="source.merge")
    assert (event.actor_id, event.changes) == (admin.pk, {"code": "goggle", "into": "Google", "leads": 2, "keys": 0})
    assert differences() == []


def test_joins_that_make_no_sense_are_refused() -> None:
    rules = make_rules()
    make_lead(rules, source="a", external_id="1")
    make_lead(rules, source="b", external_id="1")
    a, b, c = source("a"), source("b"), source("c")
    merges.merge_source_as_alias(source=c, into=a, by=None, at=MONDAY)
    for first, second, code in (
        (a, a, "source_is_itself"),
        (a, b, "external_ids_collide"),
        (c, b, "source_archived"),
        (b, c, "source_archived"),
        (a, source(""), "undefined_source"),
        (source(""), a, "undefined_source"),
    ):
        with pytest.raises(DomainError) as refusal:
            merges.merge_source_as_alias(source=first, into=second, by=None, at=MONDAY)
        assert refusal.value.code == code
    assert AuditEvent.objects.filter(action="source.merge").count() == 1


def test_the_missing_source_is_no_name_to_confirm() -> None:
    with pytest.raises(dictionaries.UndefinedSourceIsNoName):
        confirmed("")


def test_a_campaign_belongs_to_its_source() -> None:
    google, yandex = source("google"), source("yandex")
    spring = dictionaries.resolve_campaign(source=google, name=" spring ", at=MONDAY)
    assert dictionaries.resolve_campaign(source=google, name="spring", at=MONDAY) == spring
    assert dictionaries.resolve_campaign(source=yandex, name="spring", at=MONDAY) != spring
    assert dictionaries.resolve_campaign(source=google, name=" ", at=MONDAY) is None


def test_a_segment_is_found_by_code_name_and_when_confirmed_by_any_case() -> None:
    firms = dictionaries.resolve_segment(name="Firms", at=MONDAY)
    assert firms is not None
    assert dictionaries.resolve_segment(name="firms", at=MONDAY) != firms
    firms.is_confirmed = True
    firms.save()
    assert dictionaries.resolve_segment(name="FIRMS", at=MONDAY) == firms
    assert dictionaries.resolve_segment(name="", at=MONDAY) is None
