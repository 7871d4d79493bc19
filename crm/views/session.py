"""Coming in, going out, passwords."""

from typing import Any, cast

from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.contrib.auth.views import (
    LoginView,
    LogoutView,
    PasswordChangeView,
    PasswordResetConfirmView,
    PasswordResetView,
)
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.forms.session import LoginForm, ResetForm
from crm.models import User
from crm.operations import people
from crm.queries import second_factor
from crm.queries.people import is_nobody_here
from crm.rules.start_pages import ADDRESSES, start_page
from crm.views import two_steps
from crm.views.guards import actor


class Login(LoginView):
    """Let a person in by e-mail and password."""

    template_name = "crm/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead whoever comes first to where the first administrator is made: there is nobody to sign in as."""
        if not request.user.is_authenticated and is_nobody_here():
            return redirect(settings.FIRST_RUN_URL)
        return super().dispatch(request, *args, **kwargs)

    def get_default_redirect_url(self) -> str:
        """Go where the person begins, unless another page was asked for."""
        person = actor(self.request)
        return reverse(ADDRESSES[start_page(chosen=person.start_page, role=person.role)])

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Start the session's clock, or ask for the second step first."""
        person = form.get_user()
        if second_factor.is_on(user=person):
            two_steps.wait_for(self.request, person, then=self.get_redirect_url(), at=timezone.now())
            return redirect("crm:login_code")
        response = super().form_valid(form)
        two_steps.start_clock(self.request, at=timezone.now())
        return response


class Logout(LogoutView):
    """Let a person out."""


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: object) -> HttpResponse:
    """Say that there were too many attempts and when to try again."""
    minutes = max(1, round(cast("Any", get_cool_off(request)).total_seconds() / 60))
    answer = render(request, "crm/locked_out.html", {"minutes": minutes}, status=429)
    answer.headers["Retry-After"] = str(minutes * 60)
    return answer


class ChangePassword(PasswordChangeView):
    """Let a person who knows the old password set a new one."""

    template_name = "crm/password_change.html"
    success_url = reverse_lazy("crm:profile")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Set it, and keep this session while all others end."""
        user = actor(self.request)
        people.set_password(user=user, password=form.cleaned_data["new_password1"], by=user, at=timezone.now())
        update_session_auth_hash(self.request, user)
        messages.success(self.request, _("The password is changed."))
        return HttpResponseRedirect(self.get_success_url())


class ResetPassword(PasswordResetView):
    """Send a letter with a link to whoever forgot the password; answer the same when there is nobody."""

    template_name = "crm/password_reset.html"
    form_class = ResetForm
    email_template_name = "crm/password_reset_email.txt"
    subject_template_name = "crm/password_reset_subject.txt"
    success_url = reverse_lazy("crm:password_reset_done")


class SetPassword(PasswordResetConfirmView):
    """Let whoever has the letter's link set a password."""

    template_name = "crm/password_reset_confirm.html"
    success_url = reverse_lazy("crm:password_reset_complete")

    def form_valid(self, form: "SetPasswordForm[User]") -> HttpResponse:
        """Set it; the link stops working."""
        self.request.session.pop("_password_reset_token", None)
        people.set_password(
            user=cast("User", self.user), password=form.cleaned_data["new_password1"], by=None, at=timezone.now()
        )
        return HttpResponseRedirect(self.get_success_url())
