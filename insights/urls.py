"""Addresses of the board."""

from django.urls import path

from insights.views import boards, day, whatif

app_name = "insights"

urlpatterns = [
    path("", boards.board, name="board"),
    path("board/leads/", boards.leads, name="leads"),
    path("board/definitions/", boards.definitions, name="definitions"),
    path("board/export/<slug:code>.csv", boards.export, name="export"),
    path("rules/drafts/<int:pk>/effect/", whatif.effect, name="effect"),
    path("rules/drafts/<int:pk>/effect/leads/", whatif.leads, name="effect_leads"),
]

# Where a person's day begins.
day_urls = ([path("", day.page, name="page"), path("leads/", day.leads, name="leads")], "day")
