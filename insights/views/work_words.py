"""What the leads behind a number of sales' work, or of hygiene, are called."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from insights.rules.hygiene import FLAWS
from insights.rules.pick_work import Worked, WorkPick

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

WORKED: "Mapping[Worked, _StrPromise]" = {
    Worked.WITHIN_5: _("Contacted within 5 minutes"),
    Worked.WITHIN_60: _("Contacted within 60 minutes"),
    Worked.FIRST_IN_TIME: _("Contacted within the agreed time"),
    Worked.FIRST_WAITING: _("Not contacted yet, in time"),
    Worked.NEVER: _("Leads touched by nobody"),
    Worked.CONTACTED: _("Leads somebody contacted"),
    Worked.EARLY: _("Contacted before they came"),
    Worked.VERDICT_IN_TIME: _("Decided in time"),
    Worked.OPEN: _("Open leads"),
    Worked.WITHOUT_STEP: _("Open leads without a next step"),
    Worked.TAGGED: _("Leads ever tagged non-target"),
    Worked.OVERTURNED: _("Leads whose tag “non-target” was corrected"),
    Worked.DEAD: _("Proven that they cannot be reached"),
    Worked.NO_ANSWER: _("Do not answer after all the attempts agreed on"),
    Worked.UNDER_WORKED: _("Under-worked: fewer attempts than agreed, and the time is over"),
    Worked.WAITING: _("Not reached, and there is still time"),
    Worked.REACHED: _("Reached, or decided by what they told"),
}


def work_words(pick: WorkPick) -> str:
    """Name the leads; where both are asked for, both are said."""
    said = []
    if pick.worked is not None:
        said.append(str(WORKED[pick.worked]))
    if pick.flaw is not None:
        said.append(str(FLAWS[pick.flaw]))
    return ", ".join(said)
