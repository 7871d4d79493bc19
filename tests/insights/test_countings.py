"""Questions about many leads of the past: counted once, in the background, kept, and answered as if counted at once."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from crm.models import OutboxMessage, User
from crm.operations import agreements, housekeeping, jobs
from crm.rules.roles import Role
from insights.models import Counting, KeptAnswer
from insights.operations import countings
from insights.queries.answers import gathered
from insights.queries.catalogue import CATALOGUE
from insights.queries.quality import quality
from insights.queries.restating import is_lengthy
from insights.rules.slice import GroupBy, Slice
from leads.models import Assessment, Lead, Source
from tests.insights import restating
from tests.insights.opened import links_to, listed
from tests.insights.small_company import ASKED, NOW, Company, make_company

pytestmark = pytest.mark.django_db

AS_OF = NOW - timedelta(days=2)
PAST = ASKED | {"as_of": AS_OF.isoformat()}
SLICE = Slice(funnel="sales", from_on=date(2026, 3, 2), to_on=date(2026, 3, 22), age=7, as_of=AS_OF)
Get = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    """Fifteen leads are many, and there is a worker."""
    monkeypatch.setattr("insights.queries.restating.MOST_AT_ONCE", 5)
    settings.REDIS_URL = "redis://elsewhere"


@pytest.fixture
def reader(company: Company, client_of: Callable[[User], Client]) -> Client:
    return client_of(company.people[Role.HEAD])


def _get(reader: Client, path: str = "/", query: dict[str, str] | None = None) -> HttpResponse:
    return reader.get(path, query or PAST, headers={"accept-language": "en"})


def _work(drains: int = 30) -> None:
    """Let the worker drain every few seconds, as beat has it."""
    for turn in range(drains):
        jobs.drain(at=NOW + timedelta(seconds=2 * turn))


def _is_waiting(response: HttpResponse) -> bool:
    return "The board is being counted" in response.content.decode()


def _numbers(response: HttpResponse) -> list[tuple[str, str]]:
    return [(link.href, link.told) for link in links_to(response, "/board/leads/")]


# --- The page -----------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("company")
def test_few_leads_are_counted_at_once(reader: Client) -> None:
    assert not _is_waiting(_get(reader))
    assert not Counting.objects.exists()


@pytest.mark.usefixtures("many")
def test_many_leads_are_counted_once_whoever_asks_and_then_shown(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _is_waiting(_get(reader))
    assert _is_waiting(_get(reader))
    counting = Counting.objects.get()
    assert OutboxMessage.objects.filter(name=countings.JOB).count() == 1
    _work()
    counting.refresh_from_db()
    assert (counting.parts_done, counting.done_at is None) == (counting.parts, False)
    assert OutboxMessage.objects.filter(name=countings.JOB).count() == counting.parts
    shown = _get(reader)
    monkeypatch.setattr("insights.queries.restating.MOST_AT_ONCE", 100)
    KeptAnswer.objects.all().delete()
    assert _numbers(shown) == _numbers(_get(reader)) != []


@pytest.mark.usefixtures("many")
def test_what_was_counted_is_not_read_again(reader: Client) -> None:
    _get(reader)
    _work()
    before = _get(reader).context["numbers"]
    assert before.decided
    Assessment.objects.all().delete()
    assert _get(reader).context["numbers"] == before


@pytest.mark.usefixtures("many")
def test_the_page_of_a_panel_waits_for_what_it_is_laid_out_by(reader: Client) -> None:
    _get(reader)
    _work()
    assert not _is_waiting(_get(reader, "/board/sources/"))
    by_campaign = PAST | {"group_by": "campaign"}
    assert _is_waiting(_get(reader, "/board/sources/", by_campaign))
    _work()
    assert not _is_waiting(_get(reader, "/board/sources/", by_campaign))


@pytest.mark.usefixtures("many")
def test_without_a_worker_each_look_counts_a_part(reader: Client, settings: LazySettings) -> None:
    settings.REDIS_URL = ""
    page = _get(reader).content.decode()
    assert "Keep this page open" in page
    counting = Counting.objects.get()
    path, back = f"/board/counting/{counting.public_id}/", {"back": "/board/criteria/?funnel=sales"}
    for part in range(1, counting.parts):
        told = reader.post(path, back, headers={"hx-request": "true", "accept-language": "en"})
        assert f"{part} of {counting.parts}" in told.content.decode()
    told = reader.post(path, back, headers={"hx-request": "true"})
    assert told["HX-Redirect"] == "/board/criteria/?funnel=sales"
    assert not _is_waiting(_get(reader))


@pytest.mark.usefixtures("many")
def test_a_look_goes_back_nowhere_else(reader: Client) -> None:
    _get(reader)
    path = f"/board/counting/{Counting.objects.get().public_id}/"
    assert reader.post(path, {"back": "https://elsewhere.example/"})["Location"] == "/"
    assert reader.post(path, {"back": "/?funnel=sales"})["Location"] == "/?funnel=sales"
    assert reader.post(f"/board/counting/{uuid4()}/").status_code == 404
    assert Client().post(path).status_code == 302
    assert Client().post(path)["Location"].startswith("/login")


@pytest.mark.usefixtures("many")
def test_a_counting_that_stands_still_says_so(reader: Client) -> None:
    assert "worker may be away" not in _get(reader).content.decode()
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        assert "worker may be away" in _get(reader).content.decode()


# --- Restated -----------------------------------------------------------------------------------------------------
def _redefine(company: Company) -> None:
    restating.put_in_force(company.rules, at=NOW - timedelta(days=3), changes={"reword budget"})


def test_the_switch_stands_only_where_it_makes_a_difference(reader: Client, company: Company) -> None:
    assert "as judged then" not in _get(reader, query=ASKED).content.decode()
    _redefine(company)
    page = _get(reader, query=ASKED).content.decode()
    assert "as judged then" in page
    assert "definition=current" in page


def test_restated_pages_open_every_number_and_say_what_cannot_be_restated(reader: Client, company: Company) -> None:
    _redefine(company)
    for path in ("/", "/board/weeks/", "/board/criteria/", "/board/sources/", "/board/control/"):
        page = _get(reader, path, ASKED | {"definition": "current"})
        assert page.context["numbers"].not_restated
        assert "{#" not in page.content.decode()
        lost = [link for link in links_to(page, "/board/leads/") if "cannot be restated" in link.told]
        assert lost
        of_verdicts = [link for link in links_to(page, "/board/leads/") if path != "/" and "worked=" not in link.href]
        assert all("definition=current" in link.href for link in of_verdicts)
        opened = reader.get(lost[0].href, headers={"accept-language": "en"})
        assert listed(opened) == page.context["numbers"].not_restated


def test_every_restated_number_opens_to_as_many_leads(reader: Client, company: Company) -> None:
    _redefine(company)
    page = _get(reader, "/board/weeks/", ASKED | {"definition": "current"})
    told = {link.href: link.count for link in links_to(page, "/board/leads/") if re.search(r"\d", link.told)}
    assert len(told) > 20
    for href, count in told.items():
        assert listed(reader.get(href, headers={"accept-language": "en"})) == count, href


def test_the_work_of_sales_stays_as_judged(reader: Client, company: Company) -> None:
    _redefine(company)
    then = _get(reader, reverse("insights:panel", args=["work"]), ASKED)
    now = _get(reader, reverse("insights:panel", args=["work"]), ASKED | {"definition": "current"})
    assert now.context["numbers"] == then.context["numbers"]
    assert now.context["asked"].judging is None
    for code in ("quality", "work"):
        answer = _get(reader, f"/board/export/{code}.csv", ASKED | {"definition": "current"})
        assert answer.status_code == (200 if code == "quality" else 400)


@pytest.mark.usefixtures("many")
def test_many_restated_leads_are_counted_as_of_a_moment_ago(reader: Client, company: Company) -> None:
    _redefine(company)
    sent = _get(reader, query=ASKED | {"definition": "current"})
    assert sent.status_code == 302
    assert _is_waiting(reader.get(sent["Location"], headers={"accept-language": "en"}))
    _work()
    shown = reader.get(sent["Location"], headers={"accept-language": "en"})
    assert not _is_waiting(shown)
    assert shown.context["asked"].slice.as_of == datetime(2026, 3, 24, 8, 55, tzinfo=UTC)
    assert shown.context["numbers"].not_restated
    assert shown.context["asked"].now_url
    restated = replace(SLICE, as_of=shown.context["asked"].slice.as_of, restated=True)
    assert shown.context["numbers"] == quality(slice=restated, at=NOW).total


@pytest.mark.usefixtures("many")
def test_many_leads_by_another_visit_are_counted_as_of_a_moment_ago_too(reader: Client, company: Company) -> None:
    Lead.objects.filter(source__code="google").update(first_source=Source.objects.get(code="vk"))
    sent = _get(reader, query=ASKED | {"attribution": "first_touch"})
    assert sent.status_code == 302
    waiting = reader.get(sent["Location"], headers={"accept-language": "en"})
    assert _is_waiting(waiting)
    assert "attribution" not in waiting.context["judged_url"]
    _work()
    shown = reader.get(sent["Location"], headers={"accept-language": "en"})
    assert not _is_waiting(shown)
    asked = replace(SLICE, as_of=shown.context["asked"].slice.as_of)
    assert shown.context["numbers"] == quality(slice=asked, at=NOW).total
    assert shown.context["asked"].attributing.words == "by the first visit"


# --- What is kept -------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_answer_comes_back_as_it_was_kept(code: str) -> None:
    metric = CATALOGUE[code]
    for by in (None, *metric.groups):
        with gathered() as found:
            told = metric.query(slice=SLICE, at=NOW, by=by)
        assert found
        rows = [KeptAnswer(key=key, answer=answer, counted_at=NOW) for key, answer in found.items()]
        KeptAnswer.objects.bulk_create(rows, ignore_conflicts=True)
        assert metric.query(slice=SLICE, at=NOW, by=by) == told
        KeptAnswer.objects.all().delete()  # a metric may read the same whatever it is laid out by


@pytest.mark.usefixtures("company")
def test_an_answer_of_another_shape_is_counted_anew() -> None:
    with gathered() as found:
        told = quality(slice=SLICE, at=NOW)
    rows = [KeptAnswer(key=key, answer='[{"other": 1}]', counted_at=NOW) for key in found]
    KeptAnswer.objects.bulk_create(rows)
    assert quality(slice=SLICE, at=NOW) == told


@pytest.mark.usefixtures("company", "many")
def test_what_rewrites_the_past_has_it_counted_again() -> None:
    first = countings.begin(slice=SLICE, by=None, at=NOW)
    assert countings.begin(slice=SLICE, by=None, at=NOW) == first
    assert countings.begin(slice=SLICE, by=GroupBy.OWNER, at=NOW) != first
    agreements.forget()
    assert countings.begin(slice=SLICE, by=None, at=NOW) != first


@pytest.mark.usefixtures("company", "many")
def test_what_was_counted_a_week_ago_is_forgotten() -> None:
    countings.begin(slice=SLICE, by=None, at=NOW)
    _work()
    housekeeping.tidy(at=NOW + timedelta(days=6))
    assert Counting.objects.exists()
    assert KeptAnswer.objects.exists()
    housekeeping.tidy(at=NOW + timedelta(days=8))
    assert not Counting.objects.exists()
    assert not KeptAnswer.objects.exists()


@pytest.mark.usefixtures("company")
def test_a_question_of_today_is_never_lengthy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("insights.queries.restating.MOST_AT_ONCE", 1)
    today = replace(SLICE, as_of=None)
    assert not is_lengthy(slice=today)
    assert is_lengthy(slice=replace(today, restated=True))
    assert is_lengthy(slice=SLICE)
