"""Signing in, passwords, and what a person sets for themselves."""

from typing import Any

import structlog
from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.choices import choices
from crm.rules.start_pages import START_PAGE_LABELS, StartPage

log = structlog.get_logger("razbor.mail")

THEME_CHOICES = [("", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))]
START_PAGE_CHOICES = [("", _("As the role")), *choices(StartPage, START_PAGE_LABELS)]
LANGUAGE_CHOICES = [("", _("As the browser")), *settings.LANGUAGES]


class LoginForm(AuthenticationForm):
    """E-mail and password. Never tells whether the e-mail is known."""

    username = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    error_messages = {"invalid_login": _("The e-mail or the password is wrong."), "inactive": ""}

    def clean_username(self) -> str:
        """Bring the e-mail to one case, so that attempts are counted together."""
        return str(self.cleaned_data["username"]).strip().lower()


class ResetForm(PasswordResetForm):
    """Ask for a letter with a link; written in the person's own language."""

    def get_users(self, email: str) -> Any:
        """List whom the letter goes to; somebody who never had a password may set one this way."""
        return User.objects.filter(email=email.strip().lower(), is_active=True)

    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,
    ) -> None:
        """Send the letter in the language the person reads."""
        with translation.override(context["user"].language or translation.get_language()):
            subject = " ".join(render_to_string(subject_template_name, context).split())
            body = render_to_string(email_template_name, context)
        try:
            EmailMultiAlternatives(subject, body, from_email, [to_email]).send()
        except OSError as error:  # the page must not tell by an error that the e-mail is known
            log.error("letter_not_sent", error=type(error).__name__, user=context["user"].pk)


class ProfileForm(forms.Form):
    """What a person sets for themselves."""

    name = forms.CharField(label=_("Name"), max_length=150)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGE_CHOICES, required=False)
    theme = forms.ChoiceField(label=_("Theme"), choices=THEME_CHOICES, required=False)
    start_page = forms.ChoiceField(label=_("After signing in"), choices=START_PAGE_CHOICES, required=False)
