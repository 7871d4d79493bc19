"""Where a person begins after signing in."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crm.rules.roles import Role

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class StartPage(StrEnum):
    DAY = "day"
    BOARD = "board"
    LEADS = "leads"


START_PAGE_LABELS: Mapping[StartPage, "_StrPromise"] = {
    StartPage.DAY: _("My day"),
    StartPage.BOARD: _("Board"),
    StartPage.LEADS: _("Leads"),
}
ADDRESSES: Mapping[StartPage, str] = {
    StartPage.DAY: "day:page",
    StartPage.BOARD: "insights:board",
    StartPage.LEADS: "leads:list",
}
SELLERS = (Role.HEAD, Role.MANAGER)


def start_page(*, chosen: str, role: str) -> StartPage:
    """Tell where somebody begins: as they chose, else salespeople at their day and the others at the board."""
    if chosen:
        return StartPage(chosen)
    return StartPage.DAY if role in SELLERS else StartPage.BOARD
