"""Who works here, in which role and team; letting people in and out."""

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm.forms.people import PersonForm, TeamForm
from crm.models import Team, User
from crm.operations import invitations, people, second_factor, sessions
from crm.queries.invitations import letters_go_out, standing, standing_token
from crm.queries.people import line, lines, person_by_id, team_by_id, teams_in_use, teams_out_of_use
from crm.queries.second_factor import is_on
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.rules.roles import Role
from crm.views.guards import actor, domain_errors_to_form, require
from crm.views.profile import sessions_ended
from crm.views.visitors import origin_of


@require(Permission.ADMINISTER)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List everybody, and the teams."""
    return _listed(request, TeamForm())


@require(Permission.ADMINISTER)
def invite(request: HttpRequest) -> HttpResponse:
    """Let somebody in by a link."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            made = invitations.invite(
                **form.cleaned_data, by=actor(request), at=timezone.now(), origin=origin_of(request)
            )
        if form.is_valid():
            messages.success(request, _("%(name)s is invited.") % {"name": made.user.name})
            return redirect("crm:person", made.user.pk)
    return render(request, "crm/people_invite.html", {"form": form})


@require(Permission.ADMINISTER)
@never_cache
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change one person."""
    known, now = _person_or_404(pk), timezone.now()
    form = PersonForm(request.POST or None, person=known)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            people.change_person(user=known, **form.cleaned_data, by=actor(request), at=now)
        if form.is_valid():
            messages.success(request, _("Saved."))
            if known == actor(request) and form.cleaned_data["role"] != Role.ADMIN:
                return redirect("crm:profile")  # this page is an administrator's
            return redirect("crm:person", pk)
    token = standing_token(user=known, at=now)
    context = {
        "form": form,
        "line": line(person=known, at=now),
        "is_oneself": known == actor(request),
        "has_two_steps": is_on(user=known),
        "link": request.build_absolute_uri(reverse("crm:invitation", args=[token])) if token else "",
    }
    return render(request, "crm/person.html", context)


@require(Permission.ADMINISTER)
@require_POST
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a new link."""
    try:
        invitations.invite_again(
            user=_person_or_404(pk), by=actor(request), at=timezone.now(), origin=origin_of(request)
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("A new link is on its way; the old one works no more.")
        if not letters_go_out():
            said = _("The new link is here; the old one works no more. No mail is set up: hand it over yourself.")
        messages.success(request, said)
    return redirect("crm:person", pk)


@require(Permission.ADMINISTER)
@require_POST
def switch_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in no more."""
    try:
        people.switch_off(user=_person_or_404(pk), by=actor(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Switched off: every session of theirs has ended."))
    return redirect("crm:person", pk)


@require(Permission.ADMINISTER)
@require_POST
def switch_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in again."""
    people.switch_on(user=_person_or_404(pk), by=actor(request), at=timezone.now())
    messages.success(request, _("Switched on again."))
    return redirect("crm:person", pk)


@require(Permission.ADMINISTER)
@require_POST
def reset_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody who has lost the authenticator in by the password alone."""
    try:
        second_factor.reset(user=_person_or_404(pk), by=actor(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("Two-step sign-in is off for this person until they turn it on again; their sessions have ended."),
        )
    return redirect("crm:person", pk)


@require(Permission.ADMINISTER)
@require_POST
def end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign somebody out wherever they are signed in."""
    ended = sessions.end(
        user=_person_or_404(pk), by=actor(request), at=timezone.now(), besides=request.session.session_key
    )
    messages.success(request, sessions_ended(ended))
    return redirect("crm:person", pk)


@require(Permission.ADMINISTER)
@require_POST
def create_team(request: HttpRequest) -> HttpResponse:
    """Make a team."""
    form = TeamForm(request.POST)
    if form.is_valid():
        with domain_errors_to_form(form):
            people.create_team(name=form.cleaned_data["name"], by=actor(request), at=timezone.now())
    if form.is_valid():
        messages.success(request, _("The team is made."))
        return redirect("crm:people")
    return _listed(request, form)


@require(Permission.ADMINISTER)
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a team, and rename it."""
    known = _team_or_404(pk)
    form = TeamForm(request.POST or None, initial={"name": known.name})
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            people.rename_team(team=known, name=form.cleaned_data["name"], by=actor(request), at=timezone.now())
        if form.is_valid():
            messages.success(request, _("Saved."))
            return redirect("crm:people")
    return render(request, "crm/team.html", {"form": form, "team": known})


@require(Permission.ADMINISTER)
@require_POST
def archive_team(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a team out of use."""
    try:
        people.archive_team(team=_team_or_404(pk), by=actor(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("crm:team", pk)
    messages.success(request, _("The team is out of use. It can be restored below."))
    return redirect("crm:people")


@require(Permission.ADMINISTER)
@require_POST
def restore_team(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a team into use again."""
    known = teams_out_of_use().filter(pk=pk).first()
    if known is not None:  # asked twice it is in use already
        people.restore_team(team=known, by=actor(request), at=timezone.now())
    messages.success(request, _("The team is in use again."))
    return redirect("crm:people")


@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever has the link set their first password."""
    now = timezone.now()
    stands = standing(token=token, at=now)
    if stands is None:
        return render(request, "crm/invitation.html", {"form": None}, status=410)
    form: SetPasswordForm[User] = SetPasswordForm(stands.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            invitations.accept(token=token, password=form.cleaned_data["new_password1"], at=now)
        if form.is_valid():
            messages.success(request, _("The password is set: sign in with it."))
            return redirect("crm:login")
    return render(request, "crm/invitation.html", {"form": form, "person": stands.user})


def _listed(request: HttpRequest, form: TeamForm) -> HttpResponse:
    context = {
        "lines": lines(at=timezone.now()),
        "teams": teams_in_use(),
        "teams_out_of_use": teams_out_of_use(),
        "form": form,
    }
    return render(request, "crm/people.html", context)


def _person_or_404(pk: int) -> User:
    known = person_by_id(pk=pk)
    if known is None:
        raise Http404
    return known


def _team_or_404(pk: int) -> Team:
    known = team_by_id(pk=pk)
    if known is None:
        raise Http404
    return known
