"""Everything that is done to a lead from its card: one act, one operation."""

from datetime import datetime

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from funnels.rules.verdict import VERDICT_LABELS, Verdict
from leads.forms.acts import LoseForm, MergeForm, MoveForm, OwnerForm, ReopenForm, TouchForm, UnmergeForm, WinForm
from leads.forms.judging import JudgeForm
from leads.models import Lead
from leads.models.lead import LeadQuerySet
from leads.operations import assessments, duplicates, moves, owners, touches
from leads.queries.card import card
from leads.rules.facts import AssessmentKind
from leads.views.card import lead_or_404, show


@require(Permission.JUDGE_LEAD)
@require_POST
def judge(request: HttpRequest, code: str) -> HttpResponse:
    """Record what the person answered about the criteria."""
    now, person = timezone.now(), actor(request)
    lead = lead_or_404(person, code, Permission.JUDGE_LEAD)
    facts = card(lead=lead, actor=person, at=now)
    form = JudgeForm(request.POST, questions=facts.questions, kinds=facts.kinds)
    said = ""
    if form.is_valid():
        with domain_errors_to_form(form), form.refusals_beside_their_answers():
            made = assessments.judge(
                lead=lead,
                answers=form.answers(),
                kind=AssessmentKind(form.cleaned_data["kind"]),
                by=person,
                at=now,
                occurred_at=form.cleaned_data["occurred_at"],
                note=form.cleaned_data["note"],
                request_id=form.cleaned_data["request_id"],
            )
            said = _("Saved. Verdict: %(verdict)s.") % {"verdict": VERDICT_LABELS[Verdict(made.verdict)]}
    return _answer(request, lead, form, name="judge", at=now, said=said)


@require(Permission.EDIT_LEAD)
@require_POST
def touch(request: HttpRequest, code: str) -> HttpResponse:
    """Log an attempt to reach the person."""
    now, person = timezone.now(), actor(request)
    lead = lead_or_404(person, code, Permission.EDIT_LEAD)
    form = TouchForm(request.POST, auto_id="touch_%s")
    if form.is_valid():
        with domain_errors_to_form(form):
            touches.log(lead=lead, by=person, at=now, **form.values())
    return _answer(request, lead, form, name="touch", at=now, said=_("The attempt is in the log."))


@require(Permission.EDIT_LEAD)
@require_POST
def move(request: HttpRequest, code: str) -> HttpResponse:
    """Move the lead to another stage."""
    now, person = timezone.now(), actor(request)
    lead = lead_or_404(person, code, Permission.EDIT_LEAD)
    form = MoveForm(request.POST)
    if form.is_valid():
        with domain_errors_to_form(form):
            moves.advance(lead=lead, to=form.cleaned_data["to"], by=person, at=now)
    return _answer(request, lead, form, name="move", at=now, said=_("The lead is moved."))


@require(Permission.JUDGE_LEAD)
@require_POST
def lose(request: HttpRequest, code: str) -> HttpResponse:
    """Lose the lead for the reasons given."""
    now, person = timezone.now(), actor(request)
    lead = lead_or_404(person, code, Permission.JUDGE_LEAD)
    form = LoseForm(request.POST, auto_id="lose_%s")
    if form.is_valid():
        with domain_errors_to_form(form):
            moves.lose(lead=lead, by=person, at=now, **form.cleaned_data)
    return _answer(request, lead, form, name="lose", at=now, said=_("The lead is lost; why is in its history."))


@require(Permission.EDIT_LEAD)
@require_POST
def win(request: HttpRequest, code: str) -> HttpResponse:
    """Win the lead, with the sale when an amount is told."""
    now, person = timezone.now(), actor(request)
    lead = lead_or_404(person, code, Permission.EDIT_LEAD)
    form = WinForm(request.POST, auto_id="win_%s")
    if form.is_valid():
        with domain_errors_to_form(form):
            moves.win(lead=lead, by=person, at=now, **form.cleaned_data)
    return _answer(request, lead, form, name="win", at=now, said=_("The lead is won."))


@require(Permission.EDIT_LEAD)
@require_POST
def reopen(request: HttpRequest, code: str) -> HttpResponse:
    """Open a closed lead again; why it was closed stays in its history."""
    now, person = timezone.now(), actor(request)
    lead = lead_or_404(person, code, Permission.EDIT_LEAD)
    form = ReopenForm(request.POST, auto_id="reopen_%s")
    if form.is_valid():
        with domain_errors_to_form(form):
            moves.reopen(lead=lead, by=person, at=now, **form.cleaned_data)
    return _answer(request, lead, form, name="reopen", at=now, said=_("The lead is open again."))


@require(Permission.EDIT_LEAD)
@require_POST
def assign(request: HttpRequest, code: str) -> HttpResponse:
    """Hand the lead to somebody."""
    now, person = timezone.now(), actor(request)
    lead = lead_or_404(person, code, Permission.EDIT_LEAD)
    form = OwnerForm(request.POST, lead=lead, actor=person)
    said = _("Nothing changed: the owner is the same.")
    if form.is_valid():
        with domain_errors_to_form(form):
            if owners.assign(lead=lead, owner=form.cleaned_data["owner"], by=person, at=now):
                said = _("The lead is handed over.")
    return _answer(request, lead, form, name="owner", at=now, said=said)


@require(Permission.MERGE_LEADS)
@require_POST
def merge(request: HttpRequest, code: str) -> HttpResponse:
    """Make the lead a duplicate of another."""
    now, person = timezone.now(), actor(request)
    lead = lead_or_404(person, code, Permission.MERGE_LEADS)
    form = MergeForm(request.POST, actor=person, auto_id="merge_%s")
    if form.is_valid():
        with domain_errors_to_form(form):
            duplicates.merge(lead=lead, master=form.cleaned_data["master"], by=person, at=now)
    return _answer(request, lead, form, name="merge", at=now, said=_("Merged: this request is not counted twice."))


@require(Permission.MERGE_LEADS)
@require_POST
def unmerge(request: HttpRequest, code: str) -> HttpResponse:
    """Make a duplicate a lead of its own again."""
    now, person = timezone.now(), actor(request)
    lead = lead_or_404(person, code, Permission.MERGE_LEADS)
    form = UnmergeForm(request.POST)
    if form.is_valid():
        with domain_errors_to_form(form):
            duplicates.unmerge(lead=lead, by=person, at=now)
    return _answer(request, lead, form, name="unmerge", at=now, said=_("Separated: this request counts by itself."))


def _answer(request: HttpRequest, lead: Lead, form: BaseForm, *, name: str, at: datetime, said: str) -> HttpResponse:
    """Go back to the card, or show what was refused with what was typed."""
    if not form.is_valid():
        return show(request, lead, at=at, **{name: form})
    messages.success(request, said)
    if LeadQuerySet(Lead).visible_to(actor(request)).filter(pk=lead.pk).exists():
        return redirect("leads:card", lead.code)
    return redirect("leads:list")
