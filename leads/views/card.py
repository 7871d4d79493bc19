"""The card of one lead: what is known, and a form for everything that may be done."""

from collections.abc import Mapping
from datetime import datetime

from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.models import User
from crm.rules.permissions import Permission
from crm.views.guards import actor, require
from funnels.rules.moves import Outcome
from leads.forms.acts import LoseForm, MergeForm, MoveForm, OwnerForm, ReopenForm, TouchForm, WinForm
from leads.forms.details import DetailsForm
from leads.forms.judging import JudgeForm
from leads.forms.steps import StepForm, WhenForm
from leads.models import Lead
from leads.queries.card import Card, card
from leads.queries.card_shown import card_shown
from leads.queries.next_steps import planned
from leads.queries.presentation import lead_by_code
from leads.queries.timeline import Asked
from leads.rules.timeline import SHOW_LABELS, Place, Show


@require(Permission.READ_LEADS)
@require_safe
@never_cache
def lead(request: HttpRequest, code: str) -> HttpResponse:
    """Show a lead, with the page of its history that is asked for.

    Never from a cache: going back must find forms with a request id of their own, not those already sent.
    """
    return show(request, lead_or_404(actor(request), code), at=timezone.now())


def lead_or_404(person: User, code: str, permission: Permission = Permission.READ_LEADS) -> Lead:
    """Find a lead as far as the person's permission goes; another's lead does not exist for them."""
    found = lead_by_code(code=code, actor=person, permission=permission)
    if found is None:
        raise Http404
    return found


def _asked(told: Mapping[str, str]) -> Asked:
    """Read which part of the history is asked for; an address that means nothing leads nowhere."""
    kind, before = told.get("show", ""), told.get("before", "")
    try:
        return Asked(Show(kind) if kind else None, Place.read(before) if before else None)
    except ValueError as error:
        raise Http404 from error


def show(request: HttpRequest, lead: Lead, *, at: datetime, **refused: BaseForm) -> HttpResponse:
    """Draw the card; a form that was refused comes back with what was typed and what is wrong."""
    person = actor(request)
    asked = _asked(request.GET)
    facts = card(lead=lead, actor=person, at=at, asked=asked)
    forms = _offered(facts, person) | refused
    if isinstance(lose := forms.get("lose"), LoseForm):
        lose.offered = facts.reasons
    context = {
        "card": card_shown(card=facts, actor=person, at=at),
        "forms": forms,
        "next_step": planned(lead=lead, actor=person, at=at),
        "refusals": [error for form in refused.values() for error in _errors(form)],
        "asked": asked,
        "shows": [(kind, label, kind is asked.show) for kind, label in SHOW_LABELS.items()],
        "may": {permission.value: lead.is_reached(person, permission) for permission in Permission},
    }
    return render(request, "leads/card.html", context)


def _offered(facts: Card, person: User) -> dict[str, BaseForm]:
    """Make a form for everything this person may do with this lead as it stands."""
    forms: dict[str, BaseForm] = {}
    if facts.lead.is_reached(person, Permission.JUDGE_LEAD):
        if facts.questions:
            forms["judge"] = JudgeForm(questions=facts.questions, kinds=facts.kinds)
        forms |= {"lose": LoseForm(auto_id="lose_%s")} if facts.lead.outcome == Outcome.OPEN else {}
    if facts.lead.is_reached(person, Permission.EDIT_LEAD):
        forms["details"] = DetailsForm(lead=facts.lead)
        forms |= {"touch": TouchForm(auto_id="touch_%s"), "owner": OwnerForm(lead=facts.lead, actor=person)}
        if facts.lead.outcome == Outcome.OPEN:
            forms |= {"move": MoveForm(), "win": WinForm(auto_id="win_%s")}
            forms |= {"step": StepForm(actor=person), "later": WhenForm(auto_id="later_%s")}
        else:
            forms |= {"reopen": ReopenForm(auto_id="reopen_%s")}
    if facts.lead.is_reached(person, Permission.MERGE_LEADS):
        forms["merge"] = MergeForm(actor=person, auto_id="merge_%s")
    return forms


def _errors(form: BaseForm) -> list[str]:
    return [str(error) for errors in form.errors.values() for error in errors]
