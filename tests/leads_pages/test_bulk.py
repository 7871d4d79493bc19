"""One act upon many leads: seen before, done each by itself, told after, and never twice."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from crm.rules.roles import Role
from funnels.models import LossReason
from funnels.rules.criteria import Result
from funnels.rules.moves import Outcome
from leads.models import Assessment, BulkRun, Lead, OwnerChange, Transition
from leads.operations import bulk, moves
from leads.operations.bulk import Bulk, BulkAct
from leads.rules.answers import Answer
from tests.factories.funnels import Rules
from tests.leads_pages.conftest import TakeIn

ClientOf = Callable[[User], Client]


@pytest.fixture
def leads(take_in: TakeIn, manager: User) -> list[Lead]:
    return [take_in(owner=manager, name=f"Lead {number}") for number in range(3)]


@pytest.fixture
def reason(leads: list[Lead]) -> str:
    return str(leads[0].stage.loss_reasons.filter(needs_note=False).values_list("code", flat=True)[0])


def codes(leads: list[Lead]) -> list[str]:
    return [lead.code for lead in leads]


def send(client: Client, leads: list[Lead], step: str = "choose", /, **told: Any) -> Any:
    return client.post("/leads/bulk/", {"codes": " ".join(codes(leads)), "step": step, **told})


def test_every_lead_is_lost_for_the_reason(leads: list[Lead], reason: str, manager: User, now: datetime) -> None:
    what = Bulk(act=BulkAct.LOSE, reasons=[reason])
    made = bulk.run(codes=codes(leads), bulk=what, by=manager, at=now, request_id=uuid4())
    assert made.results == [[lead.code, ""] for lead in leads]
    assert Lead.objects.filter(outcome=Outcome.LOST).count() == 3
    assert AuditEvent.objects.filter(action="lead.lose").count() == 3
    (whole,) = AuditEvent.objects.filter(action="lead.bulk")
    assert whole.changes == {"act": "lose", "done": 3, "refused": 0}


def test_D9_many_are_not_lost_without_a_reason(leads: list[Lead], manager: User, now: datetime) -> None:
    what = Bulk(act=BulkAct.LOSE, reasons=[])
    made = bulk.run(codes=codes(leads), bulk=what, by=manager, at=now, request_id=uuid4())
    assert all(refusal for _code, refusal in made.results)
    assert not Lead.objects.filter(outcome=Outcome.LOST).exists()


def test_a_reason_of_another_stage_is_refused_there_only(leads: list[Lead], manager: User, now: datetime) -> None:
    here = set(leads[0].stage.loss_reasons.values_list("code", flat=True))
    moves.advance(lead=leads[1], to="contacted", by=manager, at=now)
    leads[1].refresh_from_db()
    elsewhere = set(leads[1].stage.loss_reasons.values_list("code", flat=True))
    only_here = next(iter(here - elsewhere), None)
    assert only_here, "both stages list the same reasons: there is nothing to tell apart"
    what = Bulk(act=BulkAct.LOSE, reasons=[only_here], note="why")
    results = bulk.preview(codes=codes(leads), bulk=what, by=manager, at=now)
    assert [bool(result.refusal) for result in results] == [False, True, False]


def test_one_refusal_leaves_the_others(leads: list[Lead], reason: str, manager: User, now: datetime) -> None:
    moves.win(lead=leads[1], by=manager, at=now)
    what = Bulk(act=BulkAct.LOSE, reasons=[reason])
    made = bulk.run(codes=codes(leads), bulk=what, by=manager, at=now, request_id=uuid4())
    assert [bool(refusal) for _code, refusal in made.results] == [False, True, False]
    assert Transition.objects.filter(kind="lose").count() == 2


def test_what_leads_share_is_read_once_for_all(leads: list[Lead], reason: str, manager: User, now: datetime) -> None:
    what = Bulk(act=BulkAct.LOSE, reasons=[reason])
    with CaptureQueriesContext(connection) as asked:
        bulk.run(codes=codes(leads), bulk=what, by=manager, at=now, request_id=uuid4())
    assert sum('FROM "funnels_lossreason"' in one["sql"] for one in asked) == 1


def test_a_preview_changes_nothing(leads: list[Lead], reason: str, manager: User, now: datetime) -> None:
    before = (AuditEvent.objects.count(), Transition.objects.count())
    results = bulk.preview(codes=codes(leads), bulk=Bulk(act=BulkAct.LOSE, reasons=[reason]), by=manager, at=now)
    assert [result.refusal for result in results] == ["", "", ""]
    assert (AuditEvent.objects.count(), Transition.objects.count()) == before
    assert not BulkRun.objects.exists()
    assert not Lead.objects.exclude(version=leads[0].version).exists()


def test_the_same_request_twice_is_one(leads: list[Lead], manager: User, admin: User, now: datetime) -> None:
    number, what = uuid4(), Bulk(act=BulkAct.ASSIGN, owner=admin)
    told = {"codes": codes(leads), "bulk": what, "by": admin, "at": now, "request_id": number}
    first, second = bulk.run(**told), bulk.run(**told)
    assert first.pk == second.pk
    assert second.results == [[lead.code, ""] for lead in leads]
    assert OwnerChange.objects.filter(by=admin).count() == 3


def test_a_request_of_somebody_else_is_refused(leads: list[Lead], manager: User, admin: User, now: datetime) -> None:
    number, what = uuid4(), Bulk(act=BulkAct.ASSIGN, owner=admin)
    bulk.run(codes=codes(leads), bulk=what, by=admin, at=now, request_id=number)
    with pytest.raises(bulk.RunOfSomebodyElse):
        bulk.run(codes=codes(leads), bulk=what, by=manager, at=now, request_id=number)


def test_many_are_judged(leads: list[Lead], manager: User, now: datetime) -> None:
    what = Bulk(act=BulkAct.JUDGE, answers={"budget": Answer(Result.FAILED)})
    bulk.run(codes=codes(leads), bulk=what, by=manager, at=now, request_id=uuid4())
    assert Lead.objects.filter(verdict="NON_TARGET").count() == 3
    assert Assessment.objects.filter(by=manager).count() == 3
    again = bulk.preview(codes=codes(leads), bulk=what, by=manager, at=now)
    assert all(result.refusal for result in again)


def test_many_are_moved(leads: list[Lead], manager: User, now: datetime) -> None:
    bulk.run(codes=codes(leads), bulk=Bulk(act=BulkAct.MOVE, to="contacted"), by=manager, at=now, request_id=uuid4())
    assert set(Lead.objects.values_list("stage__code", flat=True)) == {"contacted"}


@pytest.mark.parametrize("code", ["ld_00000000000000000000000000000000", "nonsense", "ld_x"])
def test_a_code_of_nothing_is_told_as_such(code: str, leads: list[Lead], manager: User, now: datetime) -> None:
    what = Bulk(act=BulkAct.MOVE, to="contacted")
    results = bulk.preview(codes=[code, *codes(leads)], bulk=what, by=manager, at=now)
    assert [str(result.refusal) for result in results] == ["There is no such lead.", "", "", ""]


def test_P13_foreign_leads_look_as_if_they_were_not_there(
    leads: list[Lead], foreign: Lead, manager: User, now: datetime, client_of: ClientOf
) -> None:
    what = Bulk(act=BulkAct.MOVE, to="contacted")
    (result,) = bulk.preview(codes=[foreign.code], bulk=what, by=manager, at=now)
    assert result.refusal == "There is no such lead."
    page = send(client_of(manager), [foreign], "preview", act="move", to="contacted").content.decode()
    assert "Чужой" not in page


def test_a_manager_changes_two_hundred_at_most(leads: list[Lead], manager: User, admin: User, now: datetime) -> None:
    many = [f"ld_{number:032x}" for number in range(201)]
    with pytest.raises(bulk.TooMany):
        bulk.preview(codes=many, bulk=Bulk(act=BulkAct.MOVE, to="contacted"), by=manager, at=now)
    assert len(bulk.preview(codes=many, bulk=Bulk(act=BulkAct.MOVE, to="contacted"), by=admin, at=now)) == 201


def test_nothing_chosen_is_refused(manager: User, now: datetime) -> None:
    with pytest.raises(bulk.NoneChosen):
        bulk.preview(codes=[], bulk=Bulk(act=BulkAct.MOVE), by=manager, at=now)


def test_those_without_the_right_are_refused(marketer: User, now: datetime) -> None:
    with pytest.raises(DomainError):
        bulk.most_of(by=marketer)


def test_the_pages_lead_from_choice_to_result(
    leads: list[Lead], reason: str, manager: User, client_of: ClientOf
) -> None:
    client = client_of(manager)
    chosen = client.post("/leads/bulk/", {"lead": codes(leads), "act": "lose"})
    assert chosen.status_code == HTTPStatus.OK
    number = chosen.context["form"].number
    told = {"act": "lose", "reasons": [reason], "request_id": number}
    seen = send(client, leads, "preview", **told)
    assert (seen.context["done"], seen.context["refused"]) == (3, 0)
    assert seen.context["form"].number == number
    assert not Lead.objects.filter(outcome=Outcome.LOST).exists()
    done = send(client, leads, "do", **told)
    again = send(client, leads, "do", **told)
    assert done.headers["Location"] == again.headers["Location"]
    assert BulkRun.objects.count() == 1
    assert Transition.objects.filter(kind="lose").count() == 3
    page = client.get(done.headers["Location"])
    assert (page.context["done"], page.context["refused"]) == (3, 0)


def test_a_result_is_its_makers_own(leads: list[Lead], admin: User, manager: User, client_of: ClientOf) -> None:
    url = send(client_of(manager), leads, "do", act="move", to="contacted", request_id=uuid4()).headers["Location"]
    assert client_of(manager).get(url).status_code == HTTPStatus.OK
    assert client_of(admin).get(url).status_code == HTTPStatus.NOT_FOUND


def test_the_page_sent_again_with_something_else_in_it_does_that_too(
    leads: list[Lead], manager: User, client_of: ClientOf
) -> None:
    client, number = client_of(manager), uuid4()
    first = send(client, leads, "do", act="move", to="contacted", request_id=number).headers["Location"]
    second = send(client, leads, "do", act="move", to="qualified", request_id=number).headers["Location"]
    third = send(client, leads[:1], "do", act="move", to="offer", request_id=number).headers["Location"]
    assert len({first, second, third}) == 3
    stages = dict(Lead.objects.values_list("pk", "stage__code"))
    assert [stages[lead.pk] for lead in leads] == ["offer", "qualified", "qualified"]


def test_reasons_ticked_at_one_stage_are_told_of_no_other(
    leads: list[Lead], rules: Rules, manager: User, client_of: ClientOf, now: datetime
) -> None:
    for lead in leads[1:]:
        moves.advance(lead=lead, to="qualified", by=manager, at=now)
    here, there = rules.stages["new"].pk, rules.stages["qualified"].pk
    told = {"act": "lose", "request_id": uuid4(), "note": "As said"}
    asked = send(client_of(manager), leads, "preview", **told, reasons=[f"{here}:price", f"{there}:competitor"])
    ticked = {
        value for _stage, _count, ticks in asked.context["form"].losses for value, _reason, is_on in ticks if is_on
    }
    assert ticked == {f"{here}:price", f"{there}:competitor"}
    send(client_of(manager), leads, "do", **told, reasons=[f"{here}:price", f"{there}:competitor"])
    found = Transition.objects.filter(kind="lose")
    assert {move.lead_id: [reason.code for reason in move.reasons.all()] for move in found} == {
        leads[0].pk: ["price"],
        leads[1].pk: ["competitor"],
        leads[2].pk: ["competitor"],
    }


def test_D9_a_stage_without_a_ticked_reason_loses_nothing(
    leads: list[Lead], rules: Rules, manager: User, client_of: ClientOf, now: datetime
) -> None:
    moves.advance(lead=leads[2], to="qualified", by=manager, at=now)
    told = {"act": "lose", "request_id": uuid4(), "reasons": [f"{rules.stages['new'].pk}:price"]}
    send(client_of(manager), leads, "do", **told)
    assert set(Lead.objects.filter(outcome=Outcome.LOST)) == set(leads[:2])
    made = BulkRun.objects.get()
    assert [bool(refusal) for _code, refusal in made.results] == [False, False, True]
    assert "choose at least one reason" in made.results[2][1]


def test_a_refusal_calls_a_reason_by_its_name(
    leads: list[Lead], rules: Rules, manager: User, client_of: ClientOf
) -> None:
    told = {"act": "lose", "request_id": uuid4(), "reasons": [f"{rules.stages['new'].pk}:other"]}
    page = send(client_of(manager), leads, "preview", **told).content.decode()
    assert f"The reason “{LossReason.objects.get(code='other').name}” needs a note." in page


def test_one_goes_back_to_the_list_one_came_from(leads: list[Lead], manager: User, client_of: ClientOf) -> None:
    client = client_of(manager)
    told = {"act": "move", "to": "contacted", "request_id": uuid4(), "query": "q=Lead&outcome=open"}
    done = send(client, leads, "do", **told)
    assert 'href="/leads/?q=Lead&amp;outcome=open"' in client.get(done.headers["Location"]).content.decode()


def test_everything_found_is_what_the_list_holds(
    leads: list[Lead], take_in: TakeIn, manager: User, client_of: ClientOf
) -> None:
    take_in(owner=manager, name="Other", source="yandex")
    told = {"everything": "on", "query": "source=google", "act": "move", "step": "choose"}
    response = client_of(manager).post("/leads/bulk/", told)
    assert sorted(response.context["codes"]) == sorted(codes(leads))


def test_everything_of_a_list_that_is_not_understood_is_refused(
    leads: list[Lead], manager: User, client_of: ClientOf
) -> None:
    told = {"everything": "on", "query": "source=nowhere", "act": "move"}
    response = client_of(manager).post("/leads/bulk/", told)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "nowhere" in response.content.decode()
    assert "No lead is chosen" not in response.content.decode()


def test_everything_of_a_long_list_is_refused_before_anything_is_asked(
    leads: list[Lead], manager: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_OF_OWN", 2)
    response = client_of(manager).post("/leads/bulk/", {"everything": "on", "query": "outcome=open", "act": "move"})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    page = response.content.decode()
    assert "2 leads at most. Narrow the list." in page
    assert 'href="/leads/?outcome=open"' in page


def test_what_was_typed_is_kept_when_refused(leads: list[Lead], manager: User, client_of: ClientOf) -> None:
    response = send(client_of(manager), leads, "preview", act="move", to="nowhere", note="Kept", request_id=uuid4())
    page = response.content.decode()
    assert "Kept" in page
    assert response.context["refusals"]


@pytest.mark.parametrize("role", [Role.MARKETER, Role.EXECUTIVE])
def test_masked_roles_change_nothing(
    role: Role, leads: list[Lead], users: dict[Role, User], client_of: ClientOf
) -> None:
    assert send(client_of(users[role]), leads, act="move").status_code == HTTPStatus.FORBIDDEN
