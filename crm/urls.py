"""Signing in, passwords, the own profile, the organisation's settings."""

from django.urls import path
from django.views.generic import TemplateView

from crm.views import audit_log, people, profile, roles, session, settings, two_steps, webhooks

app_name = "crm"

urlpatterns = [
    path("login/", session.Login.as_view(), name="login"),
    path("login/code/", two_steps.login_code, name="login_code"),
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
    path("profile/sessions/", profile.end_sessions, name="profile_sessions"),
    path("profile/two-steps/", two_steps.show, name="two_steps"),
    path("profile/two-steps/begin/", two_steps.begin, name="two_steps_begin"),
    path("profile/two-steps/confirm/", two_steps.confirm, name="two_steps_confirm"),
    path("profile/two-steps/codes/", two_steps.renew, name="two_steps_codes"),
    path("profile/two-steps/off/", two_steps.turn_off, name="two_steps_off"),
    path("language/", profile.language, name="language"),
    path("theme/", profile.theme, name="theme"),
    path("settings/", settings.settings, name="settings"),
    path("settings/people/", people.listed, name="people"),
    path("settings/people/invite/", people.invite, name="people_invite"),
    path("settings/people/<int:pk>/", people.person, name="person"),
    path("settings/people/<int:pk>/invite/", people.invite_again, name="person_invite"),
    path("settings/people/<int:pk>/off/", people.switch_off, name="person_off"),
    path("settings/people/<int:pk>/on/", people.switch_on, name="person_on"),
    path("settings/people/<int:pk>/two-steps/", people.reset_second_factor, name="person_two_steps"),
    path("settings/people/<int:pk>/sessions/", people.end_sessions, name="person_sessions"),
    path("settings/roles/", roles.roles, name="roles"),
    path("settings/teams/new/", people.create_team, name="team_create"),
    path("settings/teams/<int:pk>/", people.team, name="team"),
    path("settings/teams/<int:pk>/archive/", people.archive_team, name="team_archive"),
    path("settings/teams/<int:pk>/restore/", people.restore_team, name="team_restore"),
    path("invitation/<str:token>/", people.invitation, name="invitation"),
    path("settings/audit/", audit_log.audit_log, name="audit_log"),
    path("settings/webhooks/", webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/new/", webhooks.create, name="webhooks_create"),
    path("settings/webhooks/<str:code>/", webhooks.webhook, name="webhook"),
    path("settings/webhooks/<str:code>/rotate/", webhooks.rotate, name="webhook_rotate"),
    path("settings/webhooks/<str:code>/enable/", webhooks.enable, name="webhook_enable"),
    path("settings/webhooks/<str:code>/disable/", webhooks.disable, name="webhook_disable"),
    path("settings/webhooks/<str:code>/test/", webhooks.test, name="webhook_test"),
    path("settings/webhooks/<str:code>/replay/", webhooks.replay, name="webhook_replay"),
    path("settings/webhooks/deliveries/<str:code>/redeliver/", webhooks.redeliver, name="webhook_redeliver"),
]
