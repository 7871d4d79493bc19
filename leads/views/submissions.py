"""What came to hooks, the API and forms, why some of it came to nothing, and another try."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import actor, require
from leads.forms.hooks import SubmissionsForm
from leads.intake.profiles import PROFILES
from leads.models import Submission
from leads.operations import hooks as operations
from leads.queries import submissions as queries
from leads.queries.public_forms import waits_for_a_decision
from leads.rules.facts import Channel, SubmissionState


@require(Permission.ADMINISTER)
@never_cache
def submissions(request: HttpRequest) -> HttpResponse:
    """List what others sent, narrowed as asked; what is not understood is refused with 400."""
    form = SubmissionsForm(request.GET)
    context: dict[str, object] = {"form": form, "profiles": PROFILES}
    if not form.is_valid():
        return render(request, "leads/submissions.html", context, status=HTTPStatus.BAD_REQUEST)
    told = form.cleaned_data
    found = queries.narrowed(channel=told["channel"], state=told["state"], profile=told["profile"])
    rows, older = queries.page(found=found, before=told["before"])
    context |= {
        "rows": rows,
        "older_url": _older(request, older),
        "may_replay_all": told["channel"] in ("", Channel.HOOK)
        and told["state"] == SubmissionState.FAILED
        and queries.replayable(profile=told["profile"]).exists(),
        "profile": told["profile"],
    }
    return render(request, "leads/submissions.html", context)


@require(Permission.ADMINISTER)
@never_cache
def submission(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show one as it came, and what became of it."""
    line = queries.line_of(code=code)
    if line is None:
        raise Http404
    kept = line.submission
    context = {
        "line": line,
        "submission": kept,
        "raw": queries.raw_of(submission=kept),
        "may_replay": queries.may_be_replayed(submission=kept),
        "waits_for_a_decision": waits_for_a_decision(submission=kept),
    }
    return render(request, "leads/submission.html", context)


@require(Permission.ADMINISTER)
@require_POST
def replay(request: HttpRequest, code: UUID) -> HttpResponse:
    """Process one again, and say what came of it."""
    try:
        kept = operations.replay(submission=_hook_or_404(code), by=actor(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("hooks:submission", code)
    if kept.state == SubmissionState.FAILED:
        messages.error(request, kept.error_detail)
    else:
        messages.success(request, _("Processed: {state}.").format(state=kept.get_state_display()))
    return redirect("hooks:submission", code)


@require(Permission.ADMINISTER)
@require_POST
def replay_all(request: HttpRequest) -> HttpResponse:
    """Let everything that failed, or everything of one sender, be processed again."""
    profile = request.POST.get("profile", "")
    if profile and profile not in PROFILES:
        raise Http404
    count = operations.queue_failed(profile=profile, by=actor(request), at=timezone.now())
    text = ngettext("{count} submission is processed again.", "{count} submissions are processed again.", count)
    messages.success(request, text.format(count=count))
    return redirect(f"{reverse('hooks:submissions')}?profile={profile}")


def _hook_or_404(code: UUID) -> Submission:
    kept = queries.hooks().filter(public_id=code).first()
    if kept is None:
        raise Http404
    return kept


def _older(request: HttpRequest, before: int | None) -> str:
    if before is None:
        return ""
    query = request.GET.copy()
    query["before"] = str(before)
    return f"?{query.urlencode()}"
