"""From an empty installation to the first judged lead: one address a step, in any order, as often as one likes."""

from math import ceil
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm.middleware import SEEN_AT, SIGNED_IN_AT
from crm.models import User
from crm.operations import settings as organisation
from crm.operations.buckets import SharedBuckets
from crm.queries.invitations import letters_go_out
from crm.queries.organisation import settings_at
from crm.queries.people import is_nobody_here
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission, is_granted
from crm.views.guards import actor, domain_errors_to_form, require
from funnels.operations.presets import preset_codes, presets_shown, use_preset
from leads.forms.first_run import AdministratorForm, CompanyForm, InvitationsFormSet, PresetForm, SourceForm
from leads.operations import first_run, names
from leads.queries.first_run import progress
from leads.queries.known_sources import sources_in_use
from leads.rules.first_run import Step

BACKEND = "crm.authentication.EmailBackend"
TOO_MANY = 429

of_codes = SharedBuckets(per_second=1 / 10, burst=10)


@never_cache
def welcome(request: HttpRequest) -> HttpResponse:
    """Make the first administrator; when there is one, lead them on."""
    if not is_nobody_here():
        return _lead_on(request)
    form = AdministratorForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    if request.method == "POST":
        wait = ceil(of_codes.wait("setup"))
        if wait:
            return _not_so_fast(request, form, wait)
        if form.is_valid():
            with domain_errors_to_form(form):
                person = _begin(form)
            if form.is_valid():
                _sign_in(request, person)
                return redirect("start:company")
            if form.has_error("__all__", "somebody_is_here"):
                return redirect("start:welcome")
    return render(request, "start/welcome.html", {"form": form})


@require(Permission.ADMINISTER)
def company(request: HttpRequest) -> HttpResponse:
    """Step 1: what the company is called and when it works."""
    now, so_far = timezone.now(), progress()
    is_new = not so_far.steps[0].is_done
    asked = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
    language = asked if asked.startswith(get_language() or "") else get_language() or ""
    form = CompanyForm.of(settings_at(now), data=request.POST or None, language=language, is_new=is_new)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            organisation.change(by=actor(request), at=now, **form.values())
        if form.is_valid():
            return redirect("start:rules")
    return _show(request, Step.COMPANY, form=form, is_new=is_new)


@require(Permission.ADMINISTER)
def rules(request: HttpRequest) -> HttpResponse:
    """Step 2: a ready-made set of stages, criteria and reasons to begin with."""
    language = request.GET.get("language", get_language() or "")
    language = language if language in dict(settings.LANGUAGES) else "en"
    form = PresetForm(request.POST or None, codes=preset_codes())
    so_far = progress()
    if request.method == "POST" and (so_far.steps[1].is_done or form.is_valid()):
        if not so_far.steps[1].is_done:
            use_preset(by=actor(request), at=timezone.now(), **form.cleaned_data)
        return redirect("start:people")
    return _show(request, Step.RULES, form=form, presets=presets_shown(language=language), language=language)


@require(Permission.ADMINISTER)
def people(request: HttpRequest) -> HttpResponse:
    """Step 3: colleagues, as many at once as there are."""
    rows = InvitationsFormSet(request.POST or None)
    if request.method == "POST" and rows.is_valid():
        told = [row for row in rows if row.is_somebody]
        colleagues = [first_run.Colleague(**row.cleaned_data) for row in told]
        try:
            origin = f"{request.scheme}://{request.get_host()}"
            first_run.invite(colleagues=colleagues, by=actor(request), at=timezone.now(), origin=origin)
        except first_run.ColleagueRefused as refusal:
            told[refusal.row].add_error(refusal.field, str(refusal))
        else:
            _say_invited(request, len(told))
            return redirect("start:source")
    return _show(request, Step.PEOPLE, rows=rows)


@require(Permission.ADMINISTER)
def source(request: HttpRequest) -> HttpResponse:
    """Step 4: where the first lead comes from."""
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            names.create_source(name=form.cleaned_data["name"], by=actor(request), at=timezone.now())
        if form.is_valid():
            return redirect("start:lead")
    return _show(request, Step.SOURCE, form=form, sources=sources_in_use())


@require(Permission.ADMINISTER)
def lead(request: HttpRequest) -> HttpResponse:
    """Step 5: three ways to the first lead; then how to judge it."""
    return _show(request, Step.LEAD)


@require(Permission.ADMINISTER)
@require_POST
def skip(request: HttpRequest, step: str) -> HttpResponse:
    """Leave a step out for now."""
    try:
        first_run.skip(step=step, by=actor(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect(progress().next.url_name)


@require(Permission.ADMINISTER)
@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """Put the reminder away."""
    first_run.dismiss(by=actor(request), at=timezone.now())
    messages.info(request, _("The list is put away. Everything in it is among the settings."))
    return redirect(settings.LOGIN_REDIRECT_URL)


def _begin(form: AdministratorForm) -> User:
    return first_run.begin(key=settings.SECRET_KEY, at=timezone.now(), **form.cleaned_data)


def _say_invited(request: HttpRequest, count: int) -> None:
    if not count:
        return
    said = ngettext(
        "{count} person is invited by a letter; the link is also in the settings, under “People”.",
        "{count} people are invited by a letter; the links are also in the settings, under “People”.",
        count,
    )
    if not letters_go_out():
        said = ngettext(
            "{count} person is invited. No mail is set up here: hand the link over yourself, it is in the settings, "
            "under “People”.",
            "{count} people are invited. No mail is set up here: hand the links over yourself, they are in the "
            "settings, under “People”.",
            count,
        )
    messages.success(request, said.format(count=count))


def _sign_in(request: HttpRequest, person: User) -> None:
    login(request, person, backend=BACKEND)
    stamp = int(timezone.now().timestamp())
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = stamp


def _lead_on(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, User):
        messages.info(request, str(first_run.SomebodyIsHere()))
        return redirect_to_login(request.path)
    if not is_granted(request.user.role, Permission.ADMINISTER):
        raise PermissionDenied
    return redirect(progress().next.url_name)


def _not_so_fast(request: HttpRequest, form: AdministratorForm, wait: int) -> HttpResponse:
    form.add_error(None, _("Too many attempts. Wait {seconds} s and try again.").format(seconds=wait))
    response = render(request, "start/welcome.html", {"form": form}, status=TOO_MANY)
    response.headers["Retry-After"] = str(wait)
    return response


def _show(request: HttpRequest, step: Step, **context: Any) -> HttpResponse:
    so_far = progress()
    shown = next(one for one in so_far.steps if one.step == step)
    return render(request, f"start/{step}.html", {"progress": so_far, "step": shown, **context})
