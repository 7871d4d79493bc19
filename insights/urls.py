"""Addresses of the board."""

from django.urls import path

from insights.views import boards

app_name = "insights"

urlpatterns = [
    path("", boards.board, name="board"),
    path("board/leads/", boards.leads, name="leads"),
    path("board/definitions/", boards.definitions, name="definitions"),
    path("board/export/<slug:code>.csv", boards.export, name="export"),
]
