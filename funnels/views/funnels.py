"""Funnels: make one empty or from a preset, rename it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from funnels.forms.dictionaries import NameForm
from funnels.models import Funnel
from funnels.operations import funnels, presets
from funnels.queries.overview import is_funnel
from funnels.rules.definitions import SIDE_LABELS, Side
from funnels.rules.moves import MILESTONE_LABELS, Milestone
from funnels.views.acts import act


@require(Permission.DRAFT_RULES)
def create(request: HttpRequest) -> HttpResponse:
    """Make an empty funnel, or choose a ready-made one."""
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            funnel = funnels.open_funnel(name=form.cleaned_data["name"], by=actor(request), at=timezone.now())
        if form.is_valid():
            messages.success(request, _("The funnel is there. Next: reasons, criteria, then a first definition."))
            return redirect("rules:funnel", funnel.code)
    return render(request, "rules/funnel_new.html", {"form": form, "presets": known_presets()})


@require(Permission.DRAFT_RULES)
def preset(request: HttpRequest, code: str) -> HttpResponse:
    """Show what a preset contains, and install it."""
    if code not in presets.preset_codes():
        raise Http404
    if request.method == "POST":
        done = presets.use_preset(code=code, language=_language(), by=actor(request), at=timezone.now())
        if done.is_new:
            messages.success(request, _("The rules are installed. Read them together, then sign your own."))
        else:
            messages.info(request, _("This preset is installed already; it is left as people made it."))
        return redirect("rules:funnel", done.funnel.code)
    content = presets.load_preset(code=code, language=_language())
    context = {
        "preset": content,
        "code": code,
        "stages": [(stage, MILESTONE_LABELS[Milestone(stage["milestone"])]) for stage in content["stages"]],
        "reasons": [
            (SIDE_LABELS[side], [reason for reason in content["reasons"] if reason["side"] == side]) for side in Side
        ],
        "is_installed": is_funnel(code=code),
    }
    return render(request, "rules/preset.html", context)


@require(Permission.DRAFT_RULES)
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Call a funnel something else."""
    funnel = get_object_or_404(Funnel, code=code)
    form = NameForm(request.POST or None, initial={"name": funnel.name})
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            funnels.rename_funnel(funnel=funnel, name=form.cleaned_data["name"], by=actor(request), at=timezone.now())
        if form.is_valid():
            messages.success(request, _("Saved."))
            return redirect("rules:funnel", code)
    context = {
        "form": form,
        "title": _("Funnel “%(name)s”") % {"name": form.initial["name"]},
        "back": reverse("rules:funnel", args=[code]),
        "action": _("Save"),
        "funnel": funnel,
        "text": _("Its code stays “%(code)s”: that is what integrations send.") % {"code": funnel.code},
    }
    return render(request, "rules/simple_edit.html", context)


@require(Permission.DRAFT_RULES)
@require_POST
def restore(request: HttpRequest, code: str) -> HttpResponse:
    """Take an archived funnel into use again."""
    funnel = get_object_or_404(Funnel, code=code)
    return act(
        request,
        lambda: funnels.restore_funnel(funnel=funnel, by=actor(request), at=timezone.now()),
        done=_("“%(name)s” is in use again.") % {"name": funnel.name},
        to=reverse("rules:funnel", args=[code]),
    )


def known_presets() -> list[dict[str, object]]:
    """Read every preset in the language of whoever looks."""
    return [presets.load_preset(code=code, language=_language()) for code in presets.preset_codes()]


def _language() -> str:
    language = (get_language() or "")[:2]
    return language if language in presets.LANGUAGES else presets.LANGUAGES[0]
