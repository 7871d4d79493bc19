"""Every filter of the list, what stands above it as asked for, and who is looked for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.test import Client

from crm.models import User
from crm.rules.roles import Role
from funnels.models import Stage
from leads.models import ImportBatch, Lead
from leads.operations import moves
from leads.queries import inbox
from tests.factories.crm import TeamFactory, UserFactory
from tests.leads_pages.conftest import EXTERNAL_ID, PHONE, TakeIn

ClientOf = Callable[[User], Client]


def codes(client: Client, query: str) -> list[str]:
    response = client.get(f"/leads/?{query}")
    assert response.status_code == HTTPStatus.OK, query
    return [row.code for row in response.context["rows"]]


def test_a_campaign_narrows(client_of: ClientOf, admin: User, lead: Lead, take_in: TakeIn) -> None:
    take_in(name="Other", campaign="spring")
    assert codes(client_of(admin), "campaign=autumn") == [lead.code]


def test_me_is_whoever_asks(client_of: ClientOf, admin: User, manager: User, lead: Lead, take_in: TakeIn) -> None:
    mine = take_in(name="Mine", owner=admin)
    assert codes(client_of(admin), "owner=me") == [mine.code]
    assert codes(client_of(manager), "owner=me") == [lead.code]


def test_leads_are_found_by_who_has_left_or_does_something_else_now(
    client_of: ClientOf, admin: User, head: User, manager: User, marketer: User, lead: Lead
) -> None:
    clients = [client_of(admin), client_of(head)]
    for changed in ({"is_active": False}, {"role": "executive"}):
        User.objects.filter(pk=manager.pk).update(**changed)
        assert [codes(client, f"owner={manager.pk}") for client in clients] == [[lead.code]] * 2
    assert clients[0].get(f"/leads/?owner={marketer.pk}").status_code == HTTPStatus.BAD_REQUEST


def test_a_criterion_not_met_narrows(client_of: ClientOf, admin: User, judged: Lead, take_in: TakeIn) -> None:
    take_in(name="Other")
    assert codes(client_of(admin), "failed=budget") == [judged.code]
    assert codes(client_of(admin), "failed=need") == []


def test_the_reason_is_that_of_the_loss_in_force(
    client_of: ClientOf, admin: User, manager: User, lead: Lead, take_in: TakeIn, now: datetime
) -> None:
    take_in(name="Open")
    reasons = list(lead.stage.loss_reasons.filter(needs_note=False).values_list("code", flat=True))[:2]
    moves.lose(lead=lead, reasons=[reasons[0]], by=manager, at=now - timedelta(minutes=30))
    client = client_of(admin)
    assert codes(client, f"reason={reasons[0]}") == [lead.code]
    moves.reopen(lead=lead, by=manager, at=now - timedelta(minutes=20))
    assert codes(client, f"reason={reasons[0]}") == []
    moves.lose(lead=lead, reasons=[reasons[1]], by=manager, at=now - timedelta(minutes=10))
    assert codes(client, f"reason={reasons[0]}") == []
    assert codes(client, f"reason={reasons[1]}") == [lead.code]


def test_what_went_out_of_use_still_finds_its_leads(
    client_of: ClientOf, admin: User, manager: User, lead: Lead, take_in: TakeIn, now: datetime
) -> None:
    take_in(name="Open")
    moves.advance(lead=lead, to="contacted", by=manager, at=now)
    lead.refresh_from_db()
    moves.lose(lead=lead, reasons=["price"], by=manager, at=now)
    lead.stage.loss_reasons.filter(code="price").update(archived_at=now)
    Stage.objects.filter(pk=lead.stage_id).update(archived_at=now)
    client = client_of(admin)
    assert codes(client, "reason=price") == codes(client, "stage=contacted") == [lead.code]
    form = client.get("/leads/?reason=price").context["form"]
    assert str(form.choices["reason"][-1][1]).endswith("(archived)")
    assert str(form.choices["stage"][-1][1]).endswith("(archived)")
    assert "(archived)" in str(form.chips[0].value)


def test_overdue_leads_are_found(client_of: ClientOf, admin: User, judged: Lead, take_in: TakeIn) -> None:
    late = take_in(name="Late", ago=timedelta(days=60))
    client = client_of(admin)
    assert codes(client, "overdue=verdict") == [late.code]
    assert late.code in codes(client, "overdue=first_touch")


@pytest.mark.parametrize(("period", "expected"), [("today", 1), ("week", 2), ("month", 3), ("year", 4)])
def test_a_period_ends_today(period: str, expected: int, client_of: ClientOf, admin: User, take_in: TakeIn) -> None:
    for days in (0, 5, 20, 200):
        take_in(name=f"Of {days}", ago=timedelta(days=days))
    assert len(codes(client_of(admin), f"period={period}")) == expected


def test_days_are_both_within(client_of: ClientOf, admin: User, take_in: TakeIn) -> None:
    last, first, _before = (take_in(name=f"Of {days}", ago=timedelta(days=days)).cohort_day for days in (1, 3, 5))
    assert len(codes(client_of(admin), f"from={first}&to={last}")) == 2


@pytest.mark.parametrize(
    "query",
    [
        "campaign=nowhere",
        "failed=nothing",
        "reason=none",
        "overdue=yes",
        "batch=77",
        "batch=x",
        "period=decade",
        "from=yesterday",
        "from=2026-02-30",
        "from=2026-03-02&to=2026-03-01",
    ],
)
def test_D15_an_unknown_value_is_refused_and_named(query: str, client_of: ClientOf, admin: User, lead: Lead) -> None:
    response = client_of(admin).get(f"/leads/?{query}")
    assert response.status_code == HTTPStatus.BAD_REQUEST
    page = response.content.decode()
    assert 'role="alert"' in page
    assert lead.code not in page
    assert query.partition("=")[2].partition("&")[0] in page


@pytest.mark.parametrize(("who", "is_told"), [("admin", True), ("head", True), ("manager", False), ("marketer", False)])
def test_the_name_of_a_file_is_told_to_those_who_import(
    who: str, is_told: bool, client_of: ClientOf, lead: Lead, now: datetime, request: pytest.FixtureRequest
) -> None:
    batch = _imported(lead, by=request.getfixturevalue("head"), at=now)
    page = client_of(request.getfixturevalue(who)).get(f"/leads/?batch={batch.pk}")
    assert page.status_code == (HTTPStatus.OK if is_told else HTTPStatus.BAD_REQUEST)
    assert (batch.file_name in page.content.decode()) is is_told


def test_the_file_of_another_team_is_not_told(client_of: ClientOf, head: User, lead: Lead, now: datetime) -> None:
    batch = _imported(lead, by=UserFactory(role=Role.HEAD, team=TeamFactory()), at=now)
    page = client_of(head).get(f"/leads/?batch={batch.pk}")
    assert page.status_code == HTTPStatus.BAD_REQUEST
    assert batch.file_name not in page.content.decode()


def _imported(lead: Lead, *, by: User, at: datetime) -> ImportBatch:
    return ImportBatch.objects.create(
        funnel=lead.funnel, file_name="leads of Maria.csv", sha256="0" * 64, mapping={}, started_at=at, started_by=by
    )


def test_what_is_asked_can_be_taken_away_one_by_one(client_of: ClientOf, admin: User, lead: Lead) -> None:
    form = client_of(admin).get("/leads/?source=google&verdict=undecided").context["form"]
    assert [str(chip.value) for chip in form.chips] == ["google", "Not decided"]
    assert [chip.url for chip in form.chips] == ["verdict=undecided", "source=google"]


def test_leads_are_counted_only_when_asked(
    client_of: ClientOf, admin: User, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        take_in(name=f"Lead {number}")
    client = client_of(admin)
    assert "counted" not in client.get("/leads/").context
    told = client.get("/leads/?count=yes").context
    assert (told["counted"], told["is_more"]) == (4, False)
    monkeypatch.setattr(inbox, "MOST_COUNTED", 3)
    monkeypatch.setattr("leads.views.inbox.MOST_COUNTED", 3)
    told = client.get("/leads/?count=yes").context
    assert (told["counted"], told["is_more"]) == (3, True)


@pytest.mark.parametrize("text", [PHONE, "1408", "Гульнара", EXTERNAL_ID])
def test_another_team_finds_nobody(text: str, client_of: ClientOf, foreign_manager: User, lead: Lead) -> None:
    response = client_of(foreign_manager).get("/leads/", {"q": text})
    assert response.context["rows"] == []
