"""Make, order and archive the rules by which leads are handed out; say who is away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import Team, User
from crm.operations import agreements
from crm.operations.rights import require, require_administrator
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from funnels.models import Funnel
from leads.models import Absence, AssignmentRule, Segment, Source
from leads.queries.assignment import people_of, sellers
from leads.rules.assignment import Method

Direction = Literal["up", "down"]


class RuleNamesNobody(DomainError):
    """A rule that hands out leads among nobody."""

    def __init__(self) -> None:
        super().__init__("rule_names_nobody", _("Say among whom: a team, or at least one person."), "people")


class NotASeller(DomainError):
    """Naming somebody who works on no leads, or no longer works here."""

    def __init__(self, *, field: str) -> None:
        super().__init__("not_a_seller", _("This person works on no leads."), field)


class AbsenceEndsBeforeItBegins(DomainError):
    """An absence of no days."""

    def __init__(self) -> None:
        super().__init__("absence_ends_early", _("The last day must not be before the first."), "until_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleContent:
    """Everything an administrator says of a rule; what is None is for any lead."""

    method: Method
    funnel: Funnel | None = None
    source: Source | None = None
    segment: Segment | None = None
    team: Team | None = None
    people: Sequence[User] = ()
    only_working_hours: bool = False


@transaction.atomic
def create_rule(*, content: RuleContent, by: User | None, at: datetime) -> AssignmentRule:
    """Add a rule; it is asked after those that are there."""
    require_administrator(by=by)
    named = [] if content.method is Method.NOBODY else list(content.people)
    team = None if content.method is Method.NOBODY else content.team
    if content.method is not Method.NOBODY and not named and team is None:
        raise RuleNamesNobody
    if len(named) != sellers().filter(pk__in=[person.pk for person in named]).count():
        raise NotASeller(field="people")
    rules = _held()
    rule = AssignmentRule.objects.create(
        position=max((other.position for other in rules), default=0) + 1,
        method=content.method,
        funnel=content.funnel,
        source=content.source,
        segment=content.segment,
        team=team,
        only_working_hours=content.only_working_hours,
        created_at=at,
        created_by=by,
    )
    rule.people.set(named)
    changes = {"method": rule.method, "team": rule.team_id, "people": sorted(person.pk for person in named)}
    agreements.record(action="assignment.create", obj=rule, by=by, at=at, changes=changes)
    return rule


@transaction.atomic
def move_rule(*, rule: AssignmentRule, direction: Direction, by: User | None, at: datetime) -> bool:
    """Have a rule asked before or after its neighbour; tell whether there was one."""
    require_administrator(by=by)
    rules = _held()
    places = [other.pk for other in rules]
    if rule.pk not in places:
        return False
    here = places.index(rule.pk)
    there = here + (-1 if direction == "up" else 1)
    if not 0 <= there < len(rules):
        return False
    rules[here], rules[there] = rules[there], rules[here]
    for position, other in enumerate(rules, start=1):
        other.position = position
    AssignmentRule.objects.bulk_update(rules, ["position"])
    agreements.record(action="assignment.move", obj=rule, by=by, at=at, changes={"position": there + 1})
    return True


@transaction.atomic
def archive_rule(*, rule: AssignmentRule, by: User | None, at: datetime) -> AssignmentRule:
    """Take a rule out of use; the leads it has handed out stay where they are."""
    require_administrator(by=by)
    rule = AssignmentRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    if rule.archived_at is None:
        rule.archived_at = at
        rule.save(update_fields=["archived_at"])
        agreements.record(action="assignment.archive", obj=rule, by=by, at=at)
    return rule


@transaction.atomic
def restore_rule(*, rule: AssignmentRule, by: User | None, at: datetime) -> AssignmentRule:
    """Put an archived rule back into use, where it stood."""
    require_administrator(by=by)
    rule = AssignmentRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    if rule.archived_at is not None:
        rule.archived_at = None
        rule.save(update_fields=["archived_at"])
        agreements.record(action="assignment.restore", obj=rule, by=by, at=at)
    return rule


@transaction.atomic
def add_absence(*, person: User, from_on: date, until_on: date, by: User, at: datetime) -> Absence:
    """Give somebody no new leads on these days; the very same days told twice are told once."""
    _require_answers_for(person, by)
    if until_on < from_on:
        raise AbsenceEndsBeforeItBegins
    told = {"person": person, "from_on": from_on, "until_on": until_on, "archived_at": None}
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    known = Absence.objects.filter(person=person, from_on=from_on, until_on=until_on, archived_at=None).first()
    if known is not None:
        return known
    absence = Absence.objects.create(**told, created_at=at, created_by=by)
    changes = {"person": person.pk, "from": from_on.isoformat(), "until": until_on.isoformat()}
    agreements.record(action="absence.add", obj=absence, by=by, at=at, changes=changes)
    return absence


@transaction.atomic
def call_off_absence(*, absence: Absence, by: User, at: datetime) -> Absence:
    """Give somebody leads again: they are here after all."""
    _require_answers_for(absence.person, by)
    absence = Absence.objects.select_for_update(of=("self",)).get(pk=absence.pk)
    if absence.archived_at is None:
        absence.archived_at = at
        absence.save(update_fields=["archived_at"])
        agreements.record(action="absence.call_off", obj=absence, by=by, at=at, changes={"person": absence.person_id})
    return absence


def _held() -> list[AssignmentRule]:
    """Hold the rules in force in their order, so that two changes come one after the other."""
    in_force = AssignmentRule.objects.filter(archived_at__isnull=True)
    return list(in_force.select_for_update(no_key=True).order_by("position", "id"))


def _require_answers_for(person: User, by: User) -> None:
    require(by=by, permission=Permission.IMPORT_LEADS)
    if not people_of(actor=by).filter(pk=person.pk).exists():
        raise NotASeller(field="person")
