"""A page of its own for each panel: the same slice and numbers as the board, every number opens, every file too."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from crm.models import User
from crm.rules.roles import Role
from insights.views.pages import PAGES
from tests.factories.crm import OrganisationSettingsFactory, UserFactory
from tests.factories.leads import MONDAY
from tests.insights.opened import Link, links, links_to, listed
from tests.insights.small_company import ASKED, NOW, Company, make_company

LEADS = "/board/leads/"
GROUPED = [(page.code, by.value if by else "") for page in PAGES.values() for by in page.groups]

pytestmark = pytest.mark.django_db
Get = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def get(client_of: Callable[[User], Client]) -> Get:
    def ask(user: User, path: str, query: dict[str, Any] | None = None, language: str = "en") -> HttpResponse:
        response: HttpResponse = client_of(user).get(path, query or {}, headers={"accept-language": language})
        return response

    return ask


def _page(code: str) -> str:
    return f"/board/{code}/"


@pytest.mark.parametrize("code", sorted(PAGES))
def test_a_stranger_is_asked_to_sign_in(code: str) -> None:
    response = Client().get(_page(code))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("crm:login"))


def test_there_is_no_page_of_an_unknown_panel(company: Company, get: Get) -> None:
    assert get(company.people[Role.ADMIN], _page("happiness")).status_code == 404


@pytest.mark.parametrize("code", sorted(PAGES))
def test_before_there_is_a_funnel_a_page_leads_to_the_rules(code: str, get: Get) -> None:
    assert "To the rules" in get(UserFactory(role=Role.ADMIN), _page(code)).content.decode()


@pytest.mark.parametrize(("code", "by"), GROUPED)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_role_opens_a_page_laid_out_by_everything(
    language: str, code: str, by: str, company: Company, get: Get
) -> None:
    for user in company.people.values():
        response = get(user, _page(code), {**ASKED, "group_by": by}, language)
        assert response.status_code == 200
        assert f'<html lang="{language}"' in response.content.decode()


@pytest.mark.parametrize(("code", "by"), GROUPED)
def test_no_page_tells_whose_leads_they_are(code: str, by: str, company: Company, get: Get) -> None:
    shown = get(company.people[Role.EXECUTIVE], _page(code), {**ASKED, "group_by": by}).content.decode()
    assert [secret for secret in company.secrets if secret in shown] == []


@pytest.mark.parametrize(("code", "by"), GROUPED)
def test_every_number_of_a_page_opens_to_as_many_leads(code: str, by: str, company: Company, get: Get) -> None:
    head = company.people[Role.HEAD]
    OrganisationSettingsFactory(valid_from_at=MONDAY, age_a2_days=7)  # so that weeks are ripe on every page
    promised = {(link.href, link.count) for link in links_to(get(head, _page(code), {**ASKED, "group_by": by}), LEADS)}
    assert promised
    for href, count in promised:
        assert listed(get(head, href)) == count, href


def test_every_number_of_the_period_before_opens_too(company: Company, get: Get) -> None:
    """The first of two short periods holds the older leads; both are ripe at two days."""
    head = company.people[Role.HEAD]
    OrganisationSettingsFactory(valid_from_at=MONDAY, minimum_sample_to_show=2, minimum_sample_to_rank=3)
    asked = {"from": "2026-03-09", "to": "2026-03-15", "age": "2"}
    response = get(head, _page("sources"), asked)
    before = [link for link in links_to(response, LEADS) if link.query["from"] == ["2026-03-02"]]
    assert len(before) >= 4
    for link in before:
        assert listed(get(head, link.href)) == link.count, link.href
    assert "What the shift is made of" in response.content.decode()
    assert "= mix" in get(head, "/", asked).content.decode()


def test_a_filter_of_the_board_goes_to_the_page_and_back(company: Company, get: Get) -> None:
    head, asked = company.people[Role.HEAD], {**ASKED, "source": "vk", "age": "3"}
    kept = {"source": ["vk"], "age": ["3"], "from": ["2026-03-02"], "to": ["2026-03-22"]}
    to_pages = [link for link in links(get(head, "/", asked)) if link.path in {_page(code) for code in PAGES}]
    assert {link.path for link in to_pages} == {_page(code) for code in PAGES}
    assert all(_kept(link, kept) for link in to_pages)
    back = links_to(get(head, _page("sources"), asked), "/")
    assert any(_kept(link, kept) for link in back)


def test_changing_the_question_keeps_the_page_and_what_it_is_laid_out_by(company: Company, get: Get) -> None:
    response = get(company.people[Role.HEAD], _page("sources"), {**ASKED, "group_by": "segment"})
    ways = [link for link in links_to(response, _page("sources")) if "group_by" in link.query]
    assert len([link for link in ways if link.query["group_by"] == ["segment"]]) > 5
    assert {link.query["group_by"][0] for link in ways} == {"source", "campaign", "segment", "owner"}
    assert '<input type="hidden" name="group_by" value="segment" />' in response.content.decode()


@pytest.mark.parametrize("by", ["source", "campaign", "segment", "owner"])
def test_the_name_of_a_group_leads_to_what_it_is_non_target_for(by: str, company: Company, get: Get) -> None:
    """From the table of groups and from the split of the change alike, of the same period."""
    head, asked = company.people[Role.HEAD], {"from": "2026-03-09", "to": "2026-03-22", "age": "2"}
    OrganisationSettingsFactory(valid_from_at=MONDAY, minimum_sample_to_show=2, minimum_sample_to_rank=3)
    page = get(head, _page("sources"), {**asked, "group_by": by})
    found = [link for link in links_to(page, _page("criteria")) if by in link.query]
    assert len({link.href for link in found}) >= 2
    assert len(found) > len({link.href for link in found}), "the split names them too"
    for link in found:
        assert _kept(link, {"from": ["2026-03-09"], "to": ["2026-03-22"], "age": ["2"]})
        assert get(head, link.href).status_code == 200


@pytest.mark.parametrize("code", sorted(PAGES))
def test_the_conversion_asked_for_is_kept_by_every_way_of_changing_the_question(
    code: str, company: Company, get: Get
) -> None:
    """On the board, from it to the page, on the page, and back to the board."""
    head, asked = company.people[Role.HEAD], {**ASKED, "conversion": "cumulative", "source": "vk"}
    for path in ("/", _page(code)):
        response = get(head, path, asked)
        ways = [link for link in links(response) if link.path in {"/", *map(_page, PAGES)} and "from" in link.query]
        assert len(ways) > 8
        others = [
            link for link in ways if link.told != "by step" and "In what exactly" not in link.told
        ]  # a name asks anew
        lost = [link.href for link in others if link.query.get("conversion") != ["cumulative"]]
        assert lost == []
        hidden = response.content.decode().count('<input type="hidden" name="conversion" value="cumulative" />')
        assert hidden == 5, "the form of the days, and those of four filters"


def test_the_page_of_losses_has_the_switch_of_the_conversion_and_stays_laid_out(company: Company, get: Get) -> None:
    OrganisationSettingsFactory(valid_from_at=MONDAY, age_a2_days=7)
    head = company.people[Role.HEAD]
    response = get(head, _page("where_lost"), {**ASKED, "group_by": "source"})
    (link,) = [link for link in links(response) if link.told == "from the start"]
    assert link.path == _page("where_lost")
    assert (link.query["conversion"], link.query["group_by"]) == (["cumulative"], ["source"])
    assert "of the step before" in get(head, link.href).context["frame"].panel.chart
    assert get(head, _page("where_lost"), {**ASKED, "conversion": "steps"}).status_code == 400


def test_the_tables_of_losses_are_of_the_ripe_weeks_at_the_second_age(company: Company, get: Get) -> None:
    OrganisationSettingsFactory(valid_from_at=MONDAY, age_a2_days=9)
    tables = get(company.people[Role.HEAD], _page("where_lost"), ASKED).context["tables"]
    scopes = [table.scope.replace("\xa0", " ") for table in tables]
    assert scopes[:3] == ["age 9 days · 2 Mar – 8 Mar"] * 3
    assert scopes[3:] == ["age 7 days · 2 Mar – 22 Mar"] * 2


def _kept(link: Link, kept: dict[str, list[str]]) -> bool:
    return {name: link.query.get(name) for name in kept} == kept


@pytest.mark.parametrize(
    ("query", "named"), [({"group_by": "week"}, "week"), ({"sorce": "vk"}, "sorce"), ({"source": "gogle"}, "gogle")]
)
def test_what_is_not_understood_is_named(query: dict[str, str], named: str, company: Company, get: Get) -> None:
    response = get(company.people[Role.HEAD], _page("sources"), query)
    assert response.status_code == 400
    assert f"“{named}”" in response.content.decode()


def test_which_source_breaks_what_stands_on_the_page_of_sources(company: Company, get: Get) -> None:
    """Few leads stay grey until the organisation agrees on a smaller number."""
    head = company.people[Role.HEAD]
    assert get(head, _page("sources"), ASKED).context["heat"].rows[0].total.shade == "few"
    OrganisationSettingsFactory(valid_from_at=MONDAY, minimum_sample_to_rank=2)
    assert get(head, _page("sources"), ASKED).context["heat"].rows[0].total.shade.startswith("heat-")


@pytest.mark.parametrize("code", sorted(PAGES))
def test_a_page_without_leads_says_so(code: str, company: Company, get: Get) -> None:
    response = get(company.people[Role.HEAD], _page(code), {"from": "2025-01-06", "to": "2025-01-12"})
    assert response.status_code == 200
    assert "No leads" in response.content.decode()
    assert '<svg class="chart' not in response.content.decode()
