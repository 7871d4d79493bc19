"""Leads for tests, made by the same operations as real ones."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from crm.models import User
from funnels.rules.criteria import Result
from leads.intake.row import IntakeRow
from leads.models import Assessment, Lead
from leads.operations import arrivals, assessments
from leads.rules.answers import Answer
from leads.rules.facts import AssessmentKind, Channel, Evidence
from tests.factories.funnels import Rules

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # noon in Moscow

_numbers = count(1)


def receive(rules: Rules, *, at: datetime = MONDAY, by: User | None = None, **told: Any) -> arrivals.Received:
    """Take a request in; without a phone or e-mail it is of somebody new."""
    channel = told.pop("channel", Channel.API)
    row = IntakeRow(**{"source": "google", "external_id": f"t{next(_numbers)}"} | told)
    return arrivals.receive(row=row, funnel=rules.funnel, by=by, at=at, channel=channel)


def make_lead(rules: Rules, *, at: datetime = MONDAY, by: User | None = None, **told: Any) -> Lead:
    """Make a lead that has just arrived."""
    return receive(rules, at=at, by=by, **told).lead


def judge(
    lead: Lead,
    *,
    at: datetime = MONDAY,
    met: Iterable[str] = (),
    failed: Iterable[str] = (),
    kind: AssessmentKind = AssessmentKind.ASSESS,
    by: User | None = None,
    **options: Any,
) -> Assessment:
    """Judge a lead by codes of criteria; whatever fails is proven by a machine."""
    answers = {code: Answer(Result.MET) for code in met}
    answers |= {code: Answer(Result.FAILED, evidence=Evidence.NUMBER_DOES_NOT_EXIST) for code in failed}
    return assessments.judge(lead=lead, answers=answers, kind=kind, by=by, at=at, **options)


def fresh(lead: Lead) -> Lead:
    """Read a lead as it is now."""
    return Lead.objects.get(pk=lead.pk)


def answers_in(act: Assessment) -> dict[str, str]:
    """Read the results an act wrote, by criterion."""
    return dict(act.answers.values_list("criterion_version__criterion__code", "result"))
