"""Where a number leads: the same slice, and the part of it that was counted."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from insights.forms import flat
from insights.queries.catalogue import OF_VERDICTS
from insights.rules.pick import Pick
from insights.rules.slice import LISTS, GroupBy, Slice

Kept = Sequence[tuple[str, str]]


def leads_url(slice: Slice, pick: Pick | None = None) -> str:
    """Write the address of the leads behind a number; the whole question is in it."""
    part = _picked(pick or Pick())
    return f"{_asked(slice)}&{part}" if part else _asked(slice)


def board_url(slice: Slice, kept: Kept = ()) -> str:
    """Write the address of the board for a slice; `kept` are parameters of the page that no part of the slice is."""
    return f"{reverse('insights:board')}?{_query(slice, kept=kept)}"


def panel_url(slice: Slice, code: str, group_by: str = "", kept: Kept = ()) -> str:
    """Write the address of a panel's own page for a slice."""
    return f"{reverse('insights:panel', args=[code])}?{_query(slice, group_by, kept)}"


def workbook_url(slice: Slice, code: str, group_by: str = "") -> str:
    """Write the address of all tables of a panel as one workbook."""
    return f"{reverse('insights:workbook', args=[code])}?{_query(slice, group_by)}"


def reasons_url(slice: Slice, group: tuple[GroupBy, str] | None = None) -> str:
    """Write the address of what the leads of a group are non-target for, or of what all of a slice are."""
    narrower: dict[str, Any] = {LISTS[group[0].value]: (group[1],)} if group else {}
    return panel_url(replace(slice, **narrower), "criteria")


class FileUrl(str):
    """The address of a table as CSV; it knows that of the same table as a workbook."""

    __slots__ = ()

    @property
    def xlsx(self) -> str:
        return self.replace(".csv?", ".xlsx?", 1)


def export_url(slice: Slice, code: str, group_by: str = "") -> FileUrl:
    """Write the address of a table as a file; one that no definition changes is of what was judged then."""
    slice = slice if code in OF_VERDICTS else slice.as_judged
    return FileUrl(f"{reverse('insights:export', args=[code, 'csv'])}?{_query(slice, group_by)}")


def _query(slice: Slice, group_by: str = "", kept: Kept = ()) -> str:
    grouped = [("group_by", group_by)] if group_by else []
    return urlencode([*flat(slice.to_query()), *grouped, *kept])


@lru_cache(maxsize=4096)
def _picked(pick: Pick) -> str:
    """Write once what the numbers of every board are asked by."""
    return urlencode(flat(pick.to_query()))


@lru_cache(maxsize=64)
def _asked(slice: Slice) -> str:
    """Write the slice once for the hundreds of numbers of a board."""
    return f"{reverse('insights:leads')}?{_query(slice)}"
