"""Hand out the leads that arrive without an owner, whatever door they come by."""

from datetime import datetime

from django.db import connection

from crm.operations import audit
from crm.queries.organisation import settings_history
from leads.models import AssignmentRule, Lead, OwnerChange
from leads.operations.desk import Desk
from leads.operations.states import Held
from leads.queries.assignment import loads, request, request_of, rule_book
from leads.rules.assignment import Choice, Method, choose, in_turn, least_busy
from leads.rules.facts import Channel


def hand_out(*, held: Held, desk: Desk, at: datetime) -> OwnerChange | None:
    """Give a lead that has just arrived to whom the rules name; nobody else holds it.

    A duplicate goes to whoever works on the request it repeats: two people calling one client is what rules are to
    prevent. Rows of a file and technical tests are handed out by nobody: a file tells what has long been worked on.
    """
    lead = held.lead
    if lead.owner_id is not None or lead.is_test or lead.channel == Channel.IMPORT:
        return None
    if lead.duplicate_of_id is not None:
        return _give(held, _owner_of_master(lead.duplicate_of_id), {"master": lead.duplicate_of_id}, at=at)
    choice = _choice(lead, desk, at=at)
    if choice is None or choice.rule.method is Method.NOBODY:
        return None
    return _give(held, _next(choice), {"rule": choice.rule.number}, at=at)


def needs_care(*, funnel: int, source: int, segment: int | None, desk: Desk, at: datetime) -> bool:
    """Tell whether who gets a lead depends on what others get at this moment, so that they have to wait for it."""
    rules = desk.once(rule_book).rules
    if not any(rule.method is Method.LEAST_BUSY for rule in rules):
        return False
    asked = request(
        funnel=funnel, source=source, segment=segment, organisation=desk.once(settings_history).at(at), at=at
    )
    choice = choose(rules=rules, request=asked)
    return choice is not None and choice.rule.method is Method.LEAST_BUSY


def _choice(lead: Lead, desk: Desk, *, at: datetime) -> Choice | None:
    rules = desk.once(rule_book).rules
    if not rules:
        return None
    organisation = desk.once(settings_history).at(at)
    return choose(rules=rules, request=request_of(lead=lead, organisation=organisation, at=at))


def _next(choice: Choice) -> int:
    """Pick one of those who are here; whoever counts open leads has waited for the one before by drawing a turn."""
    turn = _draw_turn(choice.rule.number)
    if choice.rule.method is Method.ROUND_ROBIN:
        return in_turn(people=choice.people, turn=turn)
    return least_busy(loads=loads(people=choice.people))


def _draw_turn(rule: int) -> int:
    """Take the next number of a rule: two who ask at one moment are given two, whatever transaction they are in.

    By hand, since the ORM cannot return what it has updated: reading first would give both the same.
    """
    table = AssignmentRule._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET turn = turn + 1 WHERE id = %s RETURNING turn", [rule])  # noqa: S608
        return int(cursor.fetchone()[0])


def _owner_of_master(master: int) -> int | None:
    return Lead.objects.filter(pk=master, owner__is_active=True).values_list("owner", flat=True).first()


def _give(held: Held, person: int | None, why: dict[str, object], *, at: datetime) -> OwnerChange | None:
    if person is None:
        return None
    recorded_at = held.written_at(OwnerChange, at=at)
    change = OwnerChange(
        lead=held.lead, owner_id=person, by=None, occurred_at=held.lead.received_at, recorded_at=recorded_at
    )
    held.write(change)
    held.settle(OwnerChange)
    changes = {"owner": [None, person], **why}
    audit.record(action="lead.assign", obj=held.lead, by=None, at=at, changes=changes, rows=held.rows)
    return change
