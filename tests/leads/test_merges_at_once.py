"""A source is joined to another one while its leads arrive: none is lost, none is left under the dead name."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection, transaction

from crm.operations.rows import Overtaken, Rows
from leads.models import Lead, Source
from leads.operations import arrivals, dictionaries, merges
from leads.operations.arrivals import Arrival
from leads.operations.desk import Desk
from leads.queries.consistency import differences
from leads.rules.facts import Channel
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, IntakeRow, make_lead, receive

ON_POSTGRESQL = pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"],
    reason="SQLite lets one writer in at a time, so nothing happens at once",
)
ROUNDS = 15


def source(name: str) -> Source:
    return dictionaries.resolve_source(name=name, at=MONDAY)


def in_threads(*acts: Callable[[], object]) -> list[object]:
    def do(act: Callable[[], object]) -> object:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(do, act) for act in acts]]


def prepared(rules: Rules, number: str) -> Arrival:
    """A request whose source was read before the join, as a process that remembers names holds it."""
    row = IntakeRow(source="old", external_id=number, phone=f"+7917220{number:0>4}")
    arrival = Arrival(row=row, funnel=rules.funnel, by=None, at=MONDAY, channel=Channel.API, desk=Desk(gathers=True))
    assert arrival.source_known is not None
    return arrival


@pytest.mark.django_db
def test_a_request_read_before_the_join_is_written_after_it_to_the_other_source() -> None:
    rules = make_rules()
    make_lead(rules, source="old")
    arrival = prepared(rules, "1")
    merges.merge_source_as_alias(source=source("old"), into=source("new"), by=None, at=MONDAY)
    assert arrivals.receive_arrival(arrival).lead.source == source("new")
    assert Lead.objects.get(external_id="1").source == source("new")


@pytest.mark.django_db
def test_news_read_before_the_join_is_refused_by_the_writing_itself() -> None:
    rules = make_rules()
    make_lead(rules, source="old")
    arrival = prepared(rules, "1")
    arrivals.take_in_news(arrival)
    merges.merge_source_as_alias(source=source("old"), into=source("new"), by=None, at=MONDAY)
    with pytest.raises(Overtaken), transaction.atomic():
        arrival.desk.rows.write()
    assert not Lead.objects.filter(external_id="1").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["campaign", "segment"])
def test_a_campaign_or_segment_joined_meanwhile_is_followed_too(kind: str) -> None:
    rules = make_rules()
    lead = make_lead(rules, source="site", campaign="a", segment="a")
    other = make_lead(rules, source="site", campaign="b", segment="b")
    row = IntakeRow(source="site", external_id="1", campaign="a", segment="a")
    arrival = Arrival(row=row, funnel=rules.funnel, by=None, at=MONDAY, channel=Channel.API, desk=Desk(gathers=True))
    assert arrival.campaign_known(source("site")) is not None
    assert arrival.segment_known is not None
    old, new = getattr(lead, kind), getattr(other, kind)
    getattr(merges, f"merge_{kind}")(**{kind: old}, into=new, by=None, at=MONDAY)
    assert getattr(arrivals.receive_arrival(arrival).lead, kind) == new


@pytest.mark.django_db
def test_rows_that_rely_on_nothing_out_of_use_are_written() -> None:
    known, rows = source("site"), Rows()
    rows.rely_on(known, unless="merged_into")
    rows.add(Source(code="x", name="x", created_at=MONDAY))
    rows.write()
    assert Source.objects.filter(code="x").exists()


@ON_POSTGRESQL
@pytest.mark.django_db(transaction=True)
def test_a_join_waits_for_what_is_being_written_and_the_writing_for_a_join() -> None:
    """The writer stands between its insert and its commit while the join begins: the lead moves with the rest."""
    rules = make_rules()
    make_lead(rules, source="old")
    old, new = source("old"), source("new")
    written, asked = threading.Event(), threading.Event()

    def push() -> object:
        with transaction.atomic():
            lead = receive(rules, source="old", external_id="1").lead
            written.set()
            assert asked.wait(timeout=20)
        return lead.pk

    def join() -> object:
        assert written.wait(timeout=20)
        with pytest.raises(merges.LeadsAreArriving):  # the lead is not kept waiting: who joins gives way
            merges.merge_source_as_alias(source=old, into=new, by=None, at=MONDAY)
        asked.set()
        return None

    in_threads(push, join)
    assert merges.merge_source_as_alias(source=old, into=new, by=None, at=MONDAY) == 2
    assert set(Lead.objects.values_list("source__code", flat=True)) == {"new"}


@ON_POSTGRESQL
@pytest.mark.django_db(transaction=True)
def test_pushes_and_a_join_let_go_at_one_moment_lose_nothing() -> None:
    rules = make_rules()
    for turn in range(ROUNDS):
        old, new = source(f"old {turn}"), source(f"new {turn}")
        start = threading.Barrier(5)

        def push(number: int, name: str = old.code, start: threading.Barrier = start) -> object:
            connection.ensure_connection()
            start.wait(timeout=20)
            return receive(rules, source=name, external_id=str(number)).outcome

        def join(old: Source = old, new: Source = new, start: threading.Barrier = start) -> object:
            connection.ensure_connection()
            start.wait(timeout=20)
            while True:
                try:
                    return merges.merge_source_as_alias(source=old, into=new, by=None, at=MONDAY)
                except merges.LeadsAreArriving:
                    continue

        results = in_threads(join, *[lambda number=number, push=push: push(number) for number in range(4)])  # type: ignore[misc]
        assert results[1:] == ["created"] * 4
        assert old.leads.count() == 0
        assert new.leads.count() == 4
    assert differences() == []
