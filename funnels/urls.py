"""Addresses of the rules."""

from django.urls import path

from funnels.views import criteria, drafts, funnels, overview, reasons, stages

app_name = "rules"

urlpatterns = [
    path("", overview.rules, name="overview"),
    path("funnels/new/", funnels.create, name="funnel_create"),
    path("presets/<slug:code>/", funnels.preset, name="preset"),
    path("funnels/<slug:code>/", overview.funnel, name="funnel"),
    path("funnels/<slug:code>/edit/", funnels.edit, name="funnel_edit"),
    path("funnels/<slug:code>/restore/", funnels.restore, name="funnel_restore"),
    path("funnels/<slug:code>/history/", overview.agreements, name="history"),
    path("funnels/<slug:code>/criteria/new/", criteria.create, name="criterion_create"),
    path("criteria/<int:pk>/", overview.criterion, name="criterion"),
    path("criteria/<int:pk>/edit/", criteria.edit, name="criterion_edit"),
    path("criteria/<int:pk>/archive/", criteria.archive, name="criterion_archive"),
    path("criteria/<int:pk>/restore/", criteria.restore, name="criterion_restore"),
    path("funnels/<slug:code>/stages/new/", stages.create, name="stage_create"),
    path("stages/<int:pk>/edit/", stages.edit, name="stage_edit"),
    path("stages/<int:pk>/move/", stages.move, name="stage_move"),
    path("stages/<int:pk>/restore/", stages.restore, name="stage_restore"),
    path("funnels/<slug:code>/reasons/", reasons.matrix, name="reasons"),
    path("funnels/<slug:code>/reasons/new/", reasons.create, name="reason_create"),
    path("reasons/<int:pk>/edit/", reasons.edit, name="reason_edit"),
    path("reasons/<int:pk>/move/", reasons.move, name="reason_move"),
    path("reasons/<int:pk>/archive/", reasons.archive, name="reason_archive"),
    path("reasons/<int:pk>/restore/", reasons.restore, name="reason_restore"),
    path("funnels/<slug:code>/drafts/new/", drafts.create, name="draft_create"),
    path("drafts/<int:pk>/", drafts.draft, name="draft"),
    path("drafts/<int:pk>/edit/", drafts.edit, name="draft_edit"),
    path("drafts/<int:pk>/sign/", drafts.sign, name="draft_sign"),
    path("drafts/<int:pk>/publish/", drafts.publish, name="draft_publish"),
    path("drafts/<int:pk>/discard/", drafts.discard, name="draft_discard"),
    path("drafts/<int:pk>/take-back/", drafts.take_back, name="draft_take_back"),
]
