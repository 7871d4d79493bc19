"""Addresses of the board."""

from django.urls import path, re_path

from insights.views import boards, day, exports, panel_pages, whatif

app_name = "insights"

urlpatterns = [
    path("", boards.board, name="board"),
    path("board/leads/", boards.leads, name="leads"),
    path("board/definitions/", boards.definitions, name="definitions"),
    re_path(r"^board/export/(?P<code>[-\w]+)\.(?P<kind>csv|xlsx)$", exports.export, name="export"),
    path("board/<slug:code>.xlsx", exports.workbook, name="workbook"),
    path("board/<slug:code>/", panel_pages.panel, name="panel"),
    path("rules/drafts/<int:pk>/effect/", whatif.effect, name="effect"),
    path("rules/drafts/<int:pk>/effect/leads/", whatif.leads, name="effect_leads"),
]

# Where a person's day begins.
day_urls = ([path("", day.page, name="page"), path("leads/", day.leads, name="leads")], "day")
