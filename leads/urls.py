"""The list of leads, taking one in by hand, the card of one and everything done from it."""

from django.urls import path

from leads.api.hooks import door
from leads.views import acts, card, creation, forms_admin, hooks, inbox, keys, public_forms, submissions

app_name = "leads"

urlpatterns = [
    path("", inbox.leads, name="list"),
    path("new/", creation.create, name="create"),
    path("<str:code>/", card.lead, name="card"),
    path("<str:code>/judge/", acts.judge, name="judge"),
    path("<str:code>/touch/", acts.touch, name="touch"),
    path("<str:code>/move/", acts.move, name="move"),
    path("<str:code>/lose/", acts.lose, name="lose"),
    path("<str:code>/win/", acts.win, name="win"),
    path("<str:code>/reopen/", acts.reopen, name="reopen"),
    path("<str:code>/assign/", acts.assign, name="assign"),
    path("<str:code>/merge/", acts.merge, name="merge"),
    path("<str:code>/unmerge/", acts.unmerge, name="unmerge"),
]

# Keys of integrations, among the settings: they are bound to sources, which live here.
key_urls = (
    [
        path("", keys.keys, name="list"),
        path("new/", keys.create, name="create"),
        path("<int:pk>/rotate/", keys.rotate, name="rotate"),
        path("<int:pk>/revoke/", keys.revoke, name="revoke"),
    ],
    "keys",
)

# Where senders push leads, and the pages about it.
hook_urls = (
    [
        path("in/<str:token>/<str:profile>", door, name="door"),
        path("settings/inbound/", hooks.hooks, name="list"),
        path("settings/inbound/<int:key>/<str:profile>/", hooks.change, name="change"),
        path("settings/submissions/", submissions.submissions, name="submissions"),
        path("settings/submissions/replay/", submissions.replay_all, name="replay_all"),
        path("settings/submissions/<uuid:code>/", submissions.submission, name="submission"),
        path("settings/submissions/<uuid:code>/replay/", submissions.replay, name="replay"),
    ],
    "hooks",
)

# What anybody may open, and where an administrator says what it asks.
public_form_urls = (
    [
        path("<slug:key>", public_forms.page, name="page"),
        path("<slug:key>/embed.js", public_forms.embed, name="embed"),
    ],
    "forms",
)
form_settings_urls = (
    [
        path("", forms_admin.forms, name="list"),
        path("new/", forms_admin.create, name="create"),
        path("quarantine/", forms_admin.quarantine, name="quarantine"),
        path("quarantine/spam/", forms_admin.called_spam, name="spam"),
        path("quarantine/<uuid:number>/release/", forms_admin.release, name="release"),
        path("quarantine/<uuid:number>/keep/", forms_admin.keep, name="keep"),
        path("<int:pk>/", forms_admin.edit, name="edit"),
        path("<int:pk>/archive/", forms_admin.archive, name="archive"),
    ],
    "form_settings",
)
