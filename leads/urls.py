"""The list of leads, taking one in by hand, the card of one and everything done from it."""

from django.urls import path, re_path

from leads.api.hooks import door
from leads.views import (
    acts,
    assignment,
    bulk,
    card,
    creation,
    details,
    dictionaries,
    exports,
    first_run,
    forms_admin,
    hooks,
    import_runs,
    imports,
    inbox,
    kanban,
    keys,
    public_forms,
    queue,
    retiring,
    saved_filters,
    steps,
    submissions,
)

app_name = "leads"

urlpatterns = [
    path("", inbox.leads, name="list"),
    path("new/", creation.create, name="create"),
    path("filters/", saved_filters.filters, name="filters"),
    path("filters/save/", saved_filters.save, name="filter_save"),
    path("filters/<int:pk>/", saved_filters.change, name="filter_change"),
    path("filters/<int:pk>/archive/", saved_filters.archive, name="filter_archive"),
    path("filters/<int:pk>/restore/", saved_filters.restore, name="filter_restore"),
    path("columns/", saved_filters.columns, name="columns"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("bulk/<uuid:number>/", bulk.result, name="bulk_result"),
    re_path(r"^export\.(?P<kind>xlsx|csv)$", exports.export, name="export"),
    path("<str:code>/", card.lead, name="card"),
    path("<str:code>/judge/", acts.judge, name="judge"),
    path("<str:code>/details/", details.edit, name="details"),
    path("<str:code>/touch/", acts.touch, name="touch"),
    path("<str:code>/move/", acts.move, name="move"),
    path("<str:code>/lose/", acts.lose, name="lose"),
    path("<str:code>/win/", acts.win, name="win"),
    path("<str:code>/reopen/", acts.reopen, name="reopen"),
    path("<str:code>/assign/", acts.assign, name="assign"),
    path("<str:code>/merge/", acts.merge, name="merge"),
    path("<str:code>/unmerge/", acts.unmerge, name="unmerge"),
    path("<str:code>/step/", steps.plan, name="step"),
    path("<str:code>/step/<int:pk>/reschedule/", steps.reschedule, name="step_reschedule"),
    path("<str:code>/step/<int:pk>/finish/", steps.finish, name="step_finish"),
    path("<str:code>/step/<int:pk>/drop/", steps.drop, name="step_drop"),
]

# Open leads by stage.
kanban_urls = (
    [
        path("", kanban.show, name="show"),
        path("<str:code>/move/", kanban.move, name="move"),
        path("<str:code>/lose/", kanban.lose, name="lose"),
        path("<str:code>/win/", kanban.win, name="win"),
    ],
    "kanban",
)

# The tagging queue.
queue_urls = (
    [
        path("", queue.take, name="next"),
        path("again/", queue.again, name="again"),
        path("count/", queue.count, name="count"),
        path("undo/", queue.undo, name="undo"),
        path("<str:code>/", queue.lead, name="lead"),
        path("<str:code>/judge/", queue.judge, name="judge"),
        path("<str:code>/call/", queue.call, name="call"),
        path("<str:code>/lose/", queue.lose, name="lose"),
        path("<str:code>/skip/", queue.skip, name="skip"),
        path("<str:code>/hold/", queue.hold, name="hold"),
    ],
    "queue",
)

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

# A spreadsheet on its way in, step by step.
import_urls = (
    [
        path("", imports.imports, name="list"),
        path("new/", imports.upload, name="upload"),
        path("<uuid:code>/", import_runs.run, name="run"),
        path("<uuid:code>/file/", imports.file, name="file"),
        path("<uuid:code>/columns/", imports.columns, name="columns"),
        path("<uuid:code>/values/", imports.words, name="words"),
        path("<uuid:code>/check/", import_runs.trial, name="trial"),
        path("<uuid:code>/start/", import_runs.start, name="start"),
        path("<uuid:code>/progress/", import_runs.progress, name="progress"),
        path("<uuid:code>/stop/", import_runs.cancel, name="cancel"),
        path("<uuid:code>/failed-rows/", import_runs.failed, name="failed"),
        path("<uuid:code>/undo/", import_runs.undo, name="undo"),
        path("<uuid:code>/discard/", imports.discard, name="discard"),
    ],
    "imports",
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

# What the names of sources, campaigns and segments mean, among the settings.
dictionary_urls = (
    [
        *(
            route
            for kind in ("source", "campaign", "segment")
            for route in (
                path(f"{kind}s/", dictionaries.listed, {"kind": kind}, name=f"{kind}s"),
                path(f"{kind}s/<int:pk>/", dictionaries.one, {"kind": kind}, name=kind),
                path(f"{kind}s/<int:pk>/archive/", dictionaries.archive, {"kind": kind}, name=f"{kind}_archive"),
                path(f"{kind}s/<int:pk>/restore/", dictionaries.restore, {"kind": kind}, name=f"{kind}_restore"),
                path(f"{kind}s/<int:pk>/merge/", dictionaries.merge, {"kind": kind}, name=f"{kind}_merge"),
            )
        ),
        path("sources/<int:pk>/confirm/", dictionaries.confirm, {"kind": "source"}, name="source_confirm"),
        path("segments/<int:pk>/confirm/", dictionaries.confirm, {"kind": "segment"}, name="segment_confirm"),
        path("sources/<int:pk>/aliases/", dictionaries.add_alias, name="alias_add"),
        path("sources/<int:pk>/aliases/remove/", dictionaries.remove_alias, name="alias_remove"),
    ],
    "dictionaries",
)

# The first run: reachable before anybody can sign in.
first_run_urls = (
    [
        path("", first_run.welcome, name="welcome"),
        path("company/", first_run.company, name="company"),
        path("rules/", first_run.rules, name="rules"),
        path("people/", first_run.people, name="people"),
        path("source/", first_run.source, name="source"),
        path("lead/", first_run.lead, name="lead"),
        path("skip/<str:step>/", first_run.skip, name="skip"),
        path("dismiss/", first_run.dismiss, name="dismiss"),
    ],
    "start",
)

# Taking rules out of use asks whether leads stand there, so it lives here and not among the rules.
retiring_urls = (
    [
        path("stages/<int:pk>/archive/", retiring.stage, name="stage"),
        path("funnels/<slug:code>/archive/", retiring.funnel, name="funnel"),
    ],
    "retiring",
)

# Who gets the leads that arrive without an owner.
assignment_urls = (
    [
        path("", assignment.assignment, name="rules"),
        path("new/", assignment.create, name="create"),
        path("<int:pk>/move/", assignment.move, name="move"),
        path("<int:pk>/archive/", assignment.archive, name="archive"),
        path("<int:pk>/restore/", assignment.restore, name="restore"),
        path("away/", assignment.away, name="away"),
        path("away/<int:pk>/off/", assignment.back, name="back"),
    ],
    "assignment",
)
