"""Signing in, passwords, the own profile, the organisation's settings."""

from django.urls import path
from django.views.generic import TemplateView

from crm.views import profile, session, settings

app_name = "crm"

urlpatterns = [
    path("login/", session.Login.as_view(), name="login"),
    path("logout/", session.Logout.as_view(), name="logout"),
    path("password/", session.ChangePassword.as_view(), name="password_change"),
    path("password/reset/", session.ResetPassword.as_view(), name="password_reset"),
    path(
        "password/reset/sent/",
        TemplateView.as_view(template_name="crm/password_reset_done.html"),
        name="password_reset_done",
    ),
    path(
        "password/reset/done/",
        TemplateView.as_view(template_name="crm/password_reset_complete.html"),
        name="password_reset_complete",
    ),
    path("password/reset/<uidb64>/<token>/", session.SetPassword.as_view(), name="password_reset_confirm"),
    path("profile/", profile.profile, name="profile"),
    path("language/", profile.language, name="language"),
    path("theme/", profile.theme, name="theme"),
    path("settings/", settings.settings, name="settings"),
]
