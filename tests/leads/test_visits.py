"""The first and the last visit before a request: told once by its sender, kept beside the source, never changed."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from leads.intake.guess import guess_columns
from leads.intake.mapping import parse
from leads.intake.row import IntakeRow
from leads.intake.translate import translate
from leads.models import Lead, Source, SourceAlias
from leads.operations import arrivals, dictionaries, merges
from leads.operations.arrivals import Arrival
from leads.operations.desk import Desk
from leads.queries.consistency import differences
from leads.rules.facts import Channel
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, fresh, make_lead, receive
from tests.leads.hooks.payloads import document
from tests.leads.hooks.telling import row as hook_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def rules() -> Rules:
    return make_rules()


def source(name: str) -> Source:
    return dictionaries.resolve_source(name=name, at=MONDAY)


def visits(lead: Lead) -> tuple[str | None, str, str | None]:
    lead = fresh(lead)
    first, last = lead.first_source, lead.last_source
    return first and first.code, lead.source.code, last and last.code


def test_a_request_that_tells_of_no_visits_is_from_its_source_alone(rules: Rules) -> None:
    assert visits(make_lead(rules, first_source=" ")) == (None, "google", None)
    assert list(Source.objects.values_list("code", flat=True)) == ["google"]


def test_visits_are_written_beside_the_source(rules: Rules) -> None:
    assert visits(make_lead(rules, first_source="vk", last_source="direct")) == ("vk", "google", "direct")
    assert visits(make_lead(rules, first_source="google")) == ("google", "google", None)


def test_their_names_mean_what_people_have_agreed_on(rules: Rules) -> None:
    vk = dictionaries.confirm_source(source=source("vk"), by=None, at=MONDAY)
    SourceAlias.objects.create(source=vk, name="ВКонтакте")
    assert visits(make_lead(rules, first_source="ВКонтакте", last_source="VK")) == ("vk", "google", "vk")


def test_what_was_told_first_stays(rules: Rules) -> None:
    lead = make_lead(rules, external_id="1", first_source="vk")
    again = receive(rules, external_id="1", first_source="seo", last_source="direct", at=MONDAY + timedelta(days=1))
    assert again.outcome == "existing"
    assert visits(lead) == ("vk", "google", None)


def test_visits_move_along_when_two_sources_are_joined(rules: Rules) -> None:
    told = make_lead(rules, first_source="vk ads", last_source="vk ads")
    own = make_lead(rules, source="vk ads")
    other = make_lead(rules, first_source="seo")
    version = told.version
    assert merges.merge_source_as_alias(source=source("vk ads"), into=source("vk"), by=None, at=MONDAY) == 1
    assert (visits(told), visits(own)) == (("vk", "google", "vk"), (None, "vk", None))
    assert visits(other) == ("seo", "google", None)
    assert fresh(told).version > version
    assert fresh(other).version == other.version
    assert differences() == []


def test_a_visit_read_before_the_join_is_written_after_it_to_the_other_source(rules: Rules) -> None:
    make_lead(rules, source="old")
    row = IntakeRow(source="google", first_source="old", external_id="1", phone="+79172201408")
    arrival = Arrival(row=row, funnel=rules.funnel, by=None, at=MONDAY, channel=Channel.API, desk=Desk(gathers=True))
    assert arrival.visits_known
    merges.merge_source_as_alias(source=source("old"), into=source("new"), by=None, at=MONDAY)
    assert visits(arrivals.receive_arrival(arrival).lead) == ("new", "google", None)


def test_a_file_may_have_columns_of_them() -> None:
    columns = ["Source", "First source", "Последний источник"]
    guessed = guess_columns(columns, {})
    assert guessed == {"Source": "source", "First source": "first_source", "Последний источник": "last_source"}
    mapping = parse(json.dumps({"columns": {key: name for name, key in guessed.items()}}))
    told = translate(dict(zip(columns, ["Google", "VK", "Direct"], strict=True)), mapping, zone=ZoneInfo("UTC"))
    assert isinstance(told, IntakeRow)
    assert (told.source, told.first_source, told.last_source) == ("Google", "VK", "Direct")
    refused = translate(dict.fromkeys(columns, "x" * 101), mapping, zone=ZoneInfo("UTC"))
    assert isinstance(refused, list)
    assert [error.column for error in refused] == columns


def test_a_form_may_tell_of_them_by_name_or_by_mark() -> None:
    person = {"name": "Anna", "utm_source": "google"}
    by_name = hook_row("generic", document(person | {"first_source": "vk", "last_source": "direct"}))
    by_mark = hook_row("generic", document(person | {"first_utm_source": "vk", "last_utm_source": "direct"}))
    for told in (by_name, by_mark):
        assert (told.first_source, told.source, told.last_source) == ("vk", "google", "direct")
        assert not told.attributes
