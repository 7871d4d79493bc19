"""By which rules leads are handed out, who is away, how much everybody has in hand, and what the rules would do."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Count, Max, Prefetch, QuerySet

from crm.models import OrganisationSettings, User
from crm.queries.organisation import holidays_of, settings_at, settings_history
from crm.rules.calendar import civil_day, is_open
from crm.rules.permissions import Permission, Reach, is_granted, reach
from crm.rules.roles import Role
from funnels.rules.moves import Outcome
from leads.models import Absence, AssignmentRule, Lead
from leads.rules.assignment import METHOD_LABELS, Candidate, Load, Method, Request, Rule, choose, in_turn, least_busy
from leads.rules.facts import Channel

PREVIEWED = 50
MOST_ARCHIVED = 20


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules in force, in their order."""

    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the previewed leads somebody would have been given; nobody is None."""

    person: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """To whom the last leads would have gone by the rules as they stand."""

    n: int
    shares: Sequence[Share]


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule in words: for which leads, how, among whom; what is empty is for any."""

    pk: int
    conditions: Sequence[str]
    method: str
    is_nobody: bool
    team: str
    people: Sequence[str]
    only_working_hours: bool
    turn: int
    is_idle: bool = False


@dataclass(frozen=True, slots=True)
class RulesPage:
    """Everything the page about handing out draws."""

    rules: Sequence[RuleShown]
    archived: Sequence[RuleShown]
    absences: Sequence[Absence]
    preview: Preview


def page_of_rules(*, actor: User, at: datetime) -> RulesPage:
    """Read the rules, those that were, who is away, and what the rules would have done."""
    today = civil_day(at, settings_at(at).time_zone)
    named = AssignmentRule.objects.select_related("funnel", "source", "segment", "team").prefetch_related("people")
    archived = named.filter(archived_at__isnull=False).order_by("-archived_at")
    idle = {rule.number for rule in rule_book().rules if rule.method is not Method.NOBODY and not rule.candidates}
    return RulesPage(
        rules=[replace(_rule_shown(rule), is_idle=rule.pk in idle) for rule in rules_in_force()],
        archived=[_rule_shown(rule) for rule in archived[:MOST_ARCHIVED]],
        absences=list(absences(actor=actor, on=today)),
        preview=preview(),
    )


def sellers() -> QuerySet[User]:
    """List the people leads may be handed to: those who work here and may work on a lead."""
    roles = [role for role in Role if is_granted(role, Permission.EDIT_LEAD)]
    return User.objects.filter(is_active=True, role__in=roles).order_by("name", "id")


def rule_book() -> RuleBook:
    """Read the rules in force with the people behind each; nothing but one question is asked where there are none."""
    found = list(rules_in_force())
    if not found:
        return RuleBook()
    people = list(sellers().order_by("id").prefetch_related(Prefetch("absences", _absences())))
    return RuleBook(tuple(_rule(rule, people) for rule in found))


def rules_in_force() -> QuerySet[AssignmentRule]:
    """List the rules as they are asked, the first first."""
    named = AssignmentRule.objects.filter(archived_at__isnull=True).prefetch_related("people")
    return named.select_related("funnel", "source", "segment", "team").order_by("position", "id")


def absences(*, actor: User, on: date) -> QuerySet[Absence]:
    """List who is or will be away, as far as this person answers for them."""
    coming = _absences().filter(until_on__gte=on).select_related("person")
    if reach(actor.role, Permission.EDIT_LEAD) is Reach.ALL:
        return coming
    return coming.filter(person__in=people_of(actor=actor))


def people_of(*, actor: User) -> QuerySet[User]:
    """List the sellers whose absences this person may tell: everybody's, or those of the own team."""
    if reach(actor.role, Permission.EDIT_LEAD) is Reach.ALL:
        return sellers()
    return sellers().filter(team=actor.team_id) if actor.team_id else sellers().filter(pk=actor.pk)


def loads(*, people: Collection[int]) -> list[Load]:
    """Count the open leads of these people."""
    held = Lead.objects.filter(owner__in=people, outcome=Outcome.OPEN).order_by()
    counted = held.values_list("owner").annotate(n=Count("pk"), last=Max("recorded_at"))
    found = {owner: Load(owner, n, last) for owner, n, last in counted if owner is not None}
    return [found.get(person, Load(person, 0)) for person in people]


def request_of(*, lead: Lead, organisation: OrganisationSettings, at: datetime) -> Request:
    """Say of a lead what rules ask."""
    return request(
        funnel=lead.funnel_id, source=lead.source_id, segment=lead.segment_id, organisation=organisation, at=at
    )


def request(
    *, funnel: int, source: int, segment: int | None, organisation: OrganisationSettings, at: datetime
) -> Request:
    """Put what rules ask of a lead together; working time is told by the moment it is handed out."""
    zone = organisation.time_zone
    open_now = is_open(at, zone, organisation.business_hours, holidays_of(organisation))
    return Request(funnel=funnel, source=source, segment=segment, day=civil_day(at, zone), is_working_time=open_now)


def preview() -> Preview:
    """Hand the last leads out once more on paper, each at the hour it came; nobody has them in hand meanwhile."""
    book, history = rule_book().rules, settings_history()
    turns = dict(rules_in_force().values_list("pk", "turn"))
    given: Counter[int | None] = Counter()
    came = Lead.objects.valid().exclude(channel=Channel.IMPORT).order_by("-received_at", "-id")
    leads = list(came.only("funnel", "source", "segment", "received_at")[:PREVIEWED])
    held = Counter({load.person: load.open_leads for load in loads(people=_named(book))})
    for lead in reversed(leads):
        asked = request_of(lead=lead, organisation=history.at(lead.received_at), at=lead.received_at)
        choice = choose(rules=book, request=asked)
        person = None
        if choice is not None and choice.rule.method is Method.ROUND_ROBIN:
            turns[choice.rule.number] += 1
            person = in_turn(people=choice.people, turn=turns[choice.rule.number])
        elif choice is not None and choice.rule.method is Method.LEAST_BUSY:
            person = least_busy(loads=[Load(one, held[one]) for one in choice.people])
            held[person] += 1
        given[person] += 1
    names = dict(User.objects.filter(pk__in=[pk for pk in given if pk]).values_list("pk", "name"))
    shares = [Share(names[pk] if pk else None, count) for pk, count in given.most_common()]
    return Preview(len(leads), shares)


def _named(book: Sequence[Rule]) -> list[int]:
    return sorted({one.person for rule in book for one in rule.candidates})


def _absences() -> QuerySet[Absence]:
    return Absence.objects.filter(archived_at__isnull=True)


def _rule(rule: AssignmentRule, people: Sequence[User]) -> Rule:
    named = {person.pk for person in rule.people.all()}
    candidates = (
        Candidate(person.pk, tuple((away.from_on, away.until_on) for away in person.absences.all()))
        for person in people
        if person.pk in named or (rule.team_id is not None and person.team_id == rule.team_id)
    )
    method = Method(rule.method)
    return Rule(
        number=rule.pk,
        method=method,
        candidates=() if method is Method.NOBODY else tuple(candidates),
        funnel=rule.funnel_id,
        source=rule.source_id,
        segment=rule.segment_id,
        only_working_hours=rule.only_working_hours,
    )


def _rule_shown(rule: AssignmentRule) -> RuleShown:
    conditions = (
        rule.funnel.name if rule.funnel else "",
        rule.source.label if rule.source else "",
        rule.segment.name if rule.segment else "",
    )
    method = Method(rule.method)
    return RuleShown(
        pk=rule.pk,
        conditions=[condition for condition in conditions if condition],
        method=str(METHOD_LABELS[method]),
        is_nobody=method is Method.NOBODY,
        team=rule.team.name if rule.team else "",
        people=[person.name for person in rule.people.all()],
        only_working_hours=rule.only_working_hours,
        turn=rule.turn,
    )
