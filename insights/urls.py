"""Addresses of the board."""

from django.urls import path, re_path

from insights.views import (
    board_links,
    boards,
    counting,
    day,
    exports,
    letters,
    panel_pages,
    saved_boards,
    shared,
    whatif,
)

app_name = "insights"

urlpatterns = [
    path("", boards.board, name="board"),
    path("board/leads/", boards.leads, name="leads"),
    path("board/definitions/", boards.definitions, name="definitions"),
    re_path(r"^board/export/(?P<code>[-\w]+)\.(?P<kind>csv|xlsx)$", exports.export, name="export"),
    path("board/counting/<uuid:code>/", counting.progress, name="counting"),
    path("board/<slug:code>.xlsx", exports.workbook, name="workbook"),
    path("board/<slug:code>/", panel_pages.panel, name="panel"),
    path("boards/", saved_boards.boards, name="boards"),
    path("boards/save/", saved_boards.save, name="board_save"),
    path("boards/begin/", saved_boards.begin_plain, name="board_begin_plain"),
    path("boards/links/", board_links.links, name="links"),
    path("boards/links/<int:pk>/revoke/", board_links.revoke, name="link_revoke"),
    path("boards/letters/<str:token>/", letters.stop_by_link, name="letter_stop_by_link"),
    path("boards/<int:pk>/", saved_boards.open_board, name="board_open"),
    path("boards/<int:pk>/change/", saved_boards.change, name="board_change"),
    path("boards/<int:pk>/archive/", saved_boards.archive, name="board_archive"),
    path("boards/<int:pk>/restore/", saved_boards.restore, name="board_restore"),
    path("boards/<int:pk>/begin/", saved_boards.begin, name="board_begin"),
    path("boards/<int:pk>/letter/", letters.subscribe, name="letter"),
    path("boards/<int:pk>/letter/stop/", letters.stop, name="letter_stop"),
    path("shared/<str:token>/", shared.shared, name="shared"),
    path("rules/drafts/<int:pk>/effect/", whatif.effect, name="effect"),
    path("rules/drafts/<int:pk>/effect/leads/", whatif.leads, name="effect_leads"),
]

# Where a person's day begins.
day_urls = ([path("", day.page, name="page"), path("leads/", day.leads, name="leads")], "day")
