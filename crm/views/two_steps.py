"""The second step of signing in, and how a person turns it on and off for themselves.

Between the two steps nobody is signed in: the session only remembers who has shown the right password, for some
minutes. A wrong code counts as a wrong password does, and too many of either lock the way in.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import segno
from axes.handlers.proxy import AxesProxyHandler
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.signals import user_login_failed
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm.forms.second_factor import CodeForm, TurnOffForm
from crm.middleware import SEEN_AT, SIGNED_IN_AT, TWO_STEPS
from crm.models import User
from crm.operations import second_factor as operations
from crm.operations.buckets import SharedBuckets
from crm.queries import second_factor
from crm.queries.organisation import settings_at
from crm.queries.people import person_by_id
from crm.rules.errors import DomainError
from crm.rules.second_factor import is_demanded, provisioning_uri
from crm.rules.start_pages import ADDRESSES, start_page
from crm.views.guards import actor, domain_errors_to_form, signed_in

WAITING = "waits_for_code"
PATIENCE = timedelta(minutes=10)
# Whoever guesses has the password already, and may come from many addresses: what is counted here is the person.
GUESSES, GUESSES_PER_SECOND = 20, 1 / 300
guesses = SharedBuckets(per_second=GUESSES_PER_SECOND, burst=GUESSES)
BACKEND = "crm.authentication.EmailBackend"


def wait_for(request: HttpRequest, person: User, *, then: str, at: datetime) -> None:
    """Remember who has shown the right password, and where they want to go."""
    request.session.cycle_key()
    known = person.get_session_auth_hash()  # of another password nobody has shown anything
    request.session[WAITING] = {"person": person.pk, "since": at.timestamp(), "then": then, "password": known}


def start_clock(request: HttpRequest, *, at: datetime) -> None:
    """Let the hours of a session run from now."""
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = int(at.timestamp())


@never_cache
def login_code(request: HttpRequest) -> HttpResponse:
    """Let a person in by the code that follows the password."""
    now = timezone.now()
    waiting = request.session.get(WAITING, {})
    person = person_by_id(pk=waiting["person"]) if waiting else None
    if person is None or not _still_waits(person, waiting, at=now):
        return redirect("crm:login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        if refusal := _guarded(request, person, form, lambda: operations.check(user=person, code=code, at=now)):
            return refusal
        if form.is_valid():
            login(request, person, backend=BACKEND)
            request.session.pop(WAITING, None)
            start_clock(request, at=now)
            request.session[TWO_STEPS] = True
            return redirect(
                waiting["then"] or reverse(ADDRESSES[start_page(chosen=person.start_page, role=person.role)])
            )
    return render(request, "crm/login_code.html", {"form": form})


def _still_waits(person: User, waiting: Mapping[str, Any], *, at: datetime) -> bool:
    is_in_time = at.timestamp() - waiting["since"] <= PATIENCE.total_seconds()
    is_the_same = constant_time_compare(waiting.get("password", ""), person.get_session_auth_hash())
    return person.is_active and is_in_time and is_the_same


@signed_in
@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show how two-step sign-in stands, and what may be done about it.

    Where it is demanded, a session of the password alone ends here: its owner has a code to show.
    """
    person = actor(request)
    if second_factor.is_on(user=person) and _is_demanded(person) and not request.session.get(TWO_STEPS):
        logout(request)
        return redirect("crm:login")
    return _page(request, person)


@signed_in
@never_cache
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Draw a key for an authenticator."""
    try:
        operations.begin(user=actor(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("crm:two_steps")


@signed_in
@never_cache
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Turn the second step on by a first code; show the recovery codes, this once."""
    person, form, codes = actor(request), CodeForm(request.POST), list[str]()
    if form.is_valid():
        with domain_errors_to_form(form):
            codes = operations.confirm(user=person, code=form.cleaned_data["code"], at=timezone.now())
            request.session[TWO_STEPS] = True
    return _page(request, person, confirming=form, codes=codes)


@signed_in
@never_cache
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """Draw new recovery codes; show them, this once."""
    person, now, form, codes = actor(request), timezone.now(), CodeForm(request.POST), list[str]()
    if form.is_valid():
        told = form.cleaned_data["code"]

        def draw() -> None:
            codes.extend(operations.renew_recovery_codes(user=person, code=told, at=now))

        if refusal := _guarded(request, person, form, draw):
            return refusal
    return _page(request, person, renewing=form, codes=codes)


@signed_in
@never_cache
@require_POST
def turn_off(request: HttpRequest) -> HttpResponse:
    """Sign in in one step again."""
    person, now, form = actor(request), timezone.now(), TurnOffForm(request.POST, auto_id="off_%s")
    if form.is_valid():
        told = form.cleaned_data
        if refusal := _guarded(request, person, form, lambda: operations.turn_off(user=person, **told, at=now)):
            return refusal
        if form.is_valid():
            request.session.pop(TWO_STEPS, None)  # should it be demanded later, this session is not past it
            messages.success(request, _("Two-step sign-in is off."))
            return redirect("crm:profile")
    return _page(request, person, leaving=form)


def _guarded(request: HttpRequest, person: User, form: BaseForm, act: Callable[[], None]) -> HttpResponse | None:
    """Do what takes a code; a wrong one is counted, and after too many nothing is tried any more."""
    credentials = {"username": person.email}
    if not AxesProxyHandler.is_allowed(request, credentials) or guesses.wait(f"code:{person.pk}"):
        request.axes_locked_out = True  # type: ignore[attr-defined]  # the middleware says when to try again
        return HttpResponse()
    with domain_errors_to_form(form):
        act()
    if not form.is_valid():
        user_login_failed.send(sender=__name__, credentials=credentials, request=request)
    return None


def _page(
    request: HttpRequest,
    person: User,
    *,
    confirming: CodeForm | None = None,
    renewing: CodeForm | None = None,
    leaving: TurnOffForm | None = None,
    codes: list[str] | None = None,
) -> HttpResponse:
    begun = second_factor.begun(user=person)
    context = {
        "is_on": second_factor.is_on(user=person),
        "is_demanded": _is_demanded(person),
        "left": second_factor.recovery_codes_left(user=person),
        "codes": codes,
        "key": begun.secret if begun else "",
        "picture": _picture(provisioning_uri(secret=begun.secret, email=person.email)) if begun else "",
        "confirming": confirming or CodeForm(),
        "renewing": renewing or CodeForm(auto_id="renew_%s"),
        "leaving": leaving or TurnOffForm(auto_id="off_%s"),
    }
    return render(request, "crm/two_steps.html", context)


def _is_demanded(person: User) -> bool:
    return is_demanded(role=person.role, is_required=settings_at(timezone.now()).second_factor_required)


def _picture(text: str) -> SafeString:
    """Draw a text as a square that telephones read; black on white, whatever the reader's theme."""
    drawn = segno.make(text, error="m").svg_inline(scale=5, border=3, dark="black", light="white", lineclass=None)
    return mark_safe(drawn)  # noqa: S308  drawn from an address of our own making
