"""The leads behind a number of the funnel, in words."""

from django.utils.translation import gettext as _

from funnels.rules.definitions import SIDE_LABELS, Side
from insights.queries.journeys import reasons_known, stages_known
from insights.rules.losses import Level
from insights.rules.pick_funnel import Closed, Fate, FunnelPick
from insights.rules.slice import Slice


def funnel_words(*, slice: Slice, pick: FunnelPick) -> str:
    """Say which leads of the funnel are listed."""
    if pick.closed is not None:
        return {
            Closed.ANY: _("Closed leads"),
            Closed.WON: _("Won leads"),
            Closed.LOST: _("Lost leads"),
        }[pick.closed]
    if pick.milestone is None:
        return _("Leads counted")
    names = {"stage": stages_known(slice=slice).names[pick.milestone], "why": _why(slice, pick)}
    if pick.because is not None:
        words = _("Lost from “%(stage)s” only for “%(why)s”") if pick.sole else _("Lost from “%(stage)s” for “%(why)s”")
        return words % names
    return {
        Fate.REACHED: _("Came as far as “%(stage)s”"),
        Fate.TOUCHED: _("Were at “%(stage)s”"),
        Fate.LOST: _("Lost from “%(stage)s”"),
        Fate.OPEN: _("Came no further than “%(stage)s” and are open"),
        Fate.WON: _("Won at “%(stage)s”"),
    }[pick.fate] % names


def _why(slice: Slice, pick: FunnelPick) -> str:
    if pick.because is None:
        return ""
    level, code = pick.because
    if level is Level.SIDE:
        return str(SIDE_LABELS[Side(code)])
    if level is Level.GROUP:
        return code
    return next((reason.name for reason in reasons_known(slice=slice).values() if reason.code == code), code)
