"""What a person sets for themselves."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm.forms.session import ProfileForm
from crm.models import User
from crm.operations import people, sessions
from crm.rules import formats
from crm.views.guards import actor, domain_errors_to_form, signed_in

THEME_COOKIE = "theme"
A_YEAR = 365 * 24 * 60 * 60


@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change the name, the language, the theme and the first page."""
    person = actor(request)
    initial = {"name": person.name, "language": person.language, "theme": person.theme, "start_page": person.start_page}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            people.change_profile(user=person, by=person, at=timezone.now(), **form.cleaned_data)
        if form.is_valid():
            messages.success(request, _("Saved."))
            return redirect("crm:profile")
    return render(request, "crm/profile.html", {"form": form})


@signed_in
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign the person out wherever else they are signed in."""
    person = actor(request)
    ended = sessions.end(user=person, by=person, at=timezone.now(), besides=request.session.session_key)
    messages.success(request, sessions_ended(ended))
    return redirect("crm:profile")


def sessions_ended(count: int) -> str:
    """Say how many sessions were ended."""
    if not count:
        return _("There was no other session.")
    return ngettext("%(n)s session is ended.", "%(n)s sessions are ended.", count) % {"n": formats.number(count)}


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language: a person's for good, a stranger's in a cookie."""
    code = request.POST.get("language", "")
    response = _back(request)
    if code in dict(settings.LANGUAGES):
        if isinstance(request.user, User):
            people.change_profile(user=request.user, language=code, by=request.user, at=timezone.now())
        _keep(response, settings.LANGUAGE_COOKIE_NAME, code)
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Switch the theme: a person's for good, a stranger's in a cookie."""
    chosen = request.POST.get("theme", "")
    response = _back(request)
    if chosen in people.THEMES:
        if isinstance(request.user, User):
            people.change_profile(user=request.user, theme=chosen, by=request.user, at=timezone.now())
        _keep(response, THEME_COOKIE, chosen)
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=A_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
    )


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Return to the page the switch was on, as long as it is ours."""
    for url in (request.POST.get("next"), request.META.get("HTTP_REFERER")):
        if url and url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return HttpResponseRedirect(url)
    return HttpResponseRedirect("/")
