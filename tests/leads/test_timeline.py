"""The history of a lead: every fact once, the newest first, page by page."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.models import User
from funnels.rules.criteria import Result
from leads.models import Lead
from leads.operations import details, moves, next_steps, owners, retractions, touches
from leads.operations.details import Amendment
from leads.queries.history import Entry, history
from leads.queries.timeline import PAGE, Asked
from leads.rules.facts import AssessmentKind, TouchChannel, TouchResult
from leads.rules.timeline import Place, Show
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, judge, make_lead

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def lead(rules: Rules, manager: User) -> Lead:
    return make_lead(rules, owner=manager.email)


def pages(lead: Lead, show: Show | None = None) -> list[list[Entry]]:
    found = []
    before = None
    assert lead.owner is not None
    while True:
        page = history(lead=lead, asked=Asked(show, before), actor=lead.owner, with_notes=True)
        found.append(list(page.entries))
        if not page.older:
            return found
        before = Place.read(page.older)


def call(lead: Lead, by: User, hours: float = 1) -> None:
    at = MONDAY + hours * HOUR
    touches.log(lead=lead, channel=TouchChannel.CALL, result=TouchResult.BUSY, by=by, at=at)


def test_every_kind_of_fact_is_told_and_may_be_asked_for_alone(lead: Lead, manager: User, head: User) -> None:
    call(lead, manager)
    judge(lead, met=["need"], by=manager, at=MONDAY + 2 * HOUR)
    details.amend(lead=lead, to=Amendment(name="Anna"), by=manager, at=MONDAY + 3 * HOUR)
    due_at = MONDAY + 9 * HOUR
    step = next_steps.plan(lead=lead, what="Send it", due_at=due_at, for_person=None, by=manager, at=MONDAY + 4 * HOUR)
    next_steps.finish(step=step, by=manager, at=MONDAY + 5 * HOUR)
    owners.assign(lead=lead, owner=head, by=head, at=MONDAY + 6 * HOUR)
    moves.lose(lead=lead, reasons=["price"], by=manager, at=MONDAY + 7 * HOUR, note="Too dear")
    ((*told,),) = pages(lead)
    facts = ["transition", "owner", "step", "step", "edit", "assessment", "touch", "owner", "transition"]
    assert [entry.fact for entry in told] == facts
    assert (told[0].note, told[4].by, str(told[4].details[0][1])) == ("Too dear", manager.name, "Name")
    alone = [entry.fact for show in Show for page in pages(lead, show) for entry in page]
    assert sorted(alone) == sorted(facts)


def test_a_long_history_is_paged_and_no_fact_is_lost_or_told_twice(
    lead: Lead, manager: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(PAGE * 2):
        call(lead, manager, hours=1 + number % 3)
    found = pages(lead)
    told = [(entry.fact, entry.pk) for page in found for entry in page]
    assert [len(page) for page in found] == [PAGE, PAGE, 2]
    assert len(set(told)) == PAGE * 2 + 2
    with django_assert_max_num_queries(4):
        history(lead=lead, asked=Asked(), actor=manager, with_notes=True)


def test_a_judgement_tells_what_it_changed_and_an_undone_one_is_marked(lead: Lead, manager: User) -> None:
    judge(lead, met=["need"], by=manager, at=MONDAY + HOUR)
    wrong = judge(lead, failed=["budget"], kind=AssessmentKind.CHANGE, by=manager, at=MONDAY + 2 * HOUR)
    retractions.take_back(act=wrong, by=manager, at=MONDAY + 2 * HOUR + timedelta(minutes=1))
    ((back, undone, first),) = pages(lead, Show.JUDGEMENTS)
    labels = [
        [(change.name, str(change.before), str(change.after)) for change in entry.changes]
        for entry in (back, undone, first)
    ]
    assert labels == [
        [("budget", "Not met", "Not asked")],
        [("budget", "Not asked", "Not met")],
        [("need", "Not asked", "Met")],
    ]
    assert [entry.is_undone for entry in (back, undone, first)] == [False, True, False]
    assert Result.MET in {answer.result for answer in wrong.answers.all()}


def test_who_may_not_know_the_person_reads_no_note_and_no_promise(lead: Lead, manager: User) -> None:
    at = MONDAY + HOUR
    next_steps.plan(lead=lead, what="Call Anna", due_at=at + HOUR, for_person=None, by=manager, at=at)
    assert "Anna" not in str(history(lead=lead, asked=Asked(), actor=manager, with_notes=False))


@pytest.mark.parametrize(
    "text", ["x", "1-2", "1-2-3-4", "-1-2-3", "99999999999999999999-1-1", "9223372036854775806-1-1"]
)
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Place.read(text)


def test_a_place_is_read_as_it_was_written() -> None:
    place = Place(MONDAY + timedelta(microseconds=7), 3, 42)
    assert Place.read(str(place)) == place
