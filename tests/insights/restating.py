"""A second definition in random companies, and what leads are under it, told naively from their answers."""

from datetime import datetime

from funnels.models import CriterionVersion, Definition
from funnels.operations.definitions import draft_definition
from funnels.operations.dictionaries import create_criterion, revise_criterion
from funnels.rules.criteria import Result
from insights.rules.slice import Slice
from leads.models import Assessment, AssessmentAnswer, Lead
from leads.rules.facts import AssessmentKind
from tests.factories.funnels import Rules, content_of
from tests.insights import recount
from tests.insights.recount import State

NEW_BIT = 3


def put_in_force(rules: Rules, *, at: datetime, changes: set[str]) -> Definition:
    """Agree on a second definition: a criterion reworded, one that blocks no more, one dropped, one that is new."""
    versions: list[CriterionVersion] = []
    for code, version in rules.versions.items():
        if f"drop {code}" in changes:
            continue
        if f"reword {code}" in changes:
            version = _revise(version, code, at, wording="Anew?")
        elif f"soften {code}" in changes:
            version = _revise(version, code, at, is_blocking=False)
        elif f"rename {code}" in changes:
            version = _revise(version, code, at, name="Another name")
        versions.append(version)
    if "ask more" in changes:
        content = content_of("timing")
        versions.append(create_criterion(funnel=rules.funnel, code="timing", content=content, by=None, at=at))
    draft = draft_definition(
        funnel=rules.funnel, versions=versions, note="Second", effective_from_at=at, by=None, at=at
    )
    draft.published_at = draft.marketing_signed_at = draft.sales_signed_at = at
    draft.save()
    return draft


def _revise(version: CriterionVersion, code: str, at: datetime, **overrides: object) -> CriterionVersion:
    return revise_criterion(criterion=version.criterion, content=content_of(code, **overrides), by=None, at=at)


def write_answers(rules: Rules) -> None:
    """Write the answers behind the masks of every act that has none, and repeat the definition on the Lead row."""
    for act in Assessment.objects.filter(answers=None):
        for version in rules.versions.values():
            bit = 1 << version.criterion.bit
            if act.assessed_mask & bit:
                result = Result.FAILED if act.fail_mask & bit else Result.MET
                AssessmentAnswer.objects.create(assessment=act, criterion_version=version, result=result)
    for lead in Lead.objects.all():
        acts = lead.assessments.exclude(kind=AssessmentKind.AUDIT)
        act = acts.order_by("-effective_at", "-recorded_at", "-id").first()
        lead.definition = act.definition if act else None
        lead.save(update_fields=["definition"])


def states(slice: Slice, at: datetime) -> list[State]:
    """Derive the state of each counted lead from the answers of its act in force, in plain Python."""
    definition = _in_force(slice, at)
    asked = {version.criterion_id: version for version in definition.criterion_versions.select_related("criterion")}
    return [_restated(state, slice, definition, asked) for state in recount.states(slice, at)]


def _restated(state: State, slice: Slice, definition: Definition, asked: dict[int, CriterionVersion]) -> State:
    act = recount.act_of(state.lead, slice)
    if act is None or act.definition_id == definition.pk:
        return state
    failed, met, must = set(), set(), {one.criterion.bit for one in asked.values() if one.is_blocking}
    for told in act.answers.select_related("criterion_version__criterion"):
        now = asked.get(told.criterion_version.criterion_id)
        if now is not None and now.wording == told.criterion_version.wording:
            (failed if told.result == Result.FAILED else met).add(now.criterion.bit)
    verdict = "NON_TARGET" if failed & must else "TARGET" if must and must <= met else "UNDECIDED"
    is_lost = verdict == "UNDECIDED" and act.verdict != "UNDECIDED"
    timing = "not_restated" if is_lost else state.timing
    return State(state.lead, verdict, timing, frozenset(failed & must), frozenset(failed | met))


def _in_force(slice: Slice, at: datetime) -> Definition:
    agreed = Definition.objects.filter(funnel__code=slice.funnel, published_at__isnull=False)
    early = agreed.filter(effective_from_at__lte=slice.as_of or at).order_by("effective_from_at", "number")
    return early.last() or agreed.earliest("effective_from_at")
