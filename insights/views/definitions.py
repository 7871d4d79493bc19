"""What every number of the board means, in words a salesperson would use."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Definition:
    """A number: its anchor on the page, its name, what it says, and how it is computed."""

    code: str
    name: "_StrPromise"
    words: "_StrPromise"
    formula: "_StrPromise"


DEFINITIONS = (
    Definition(
        "received",
        _("Received and counted leads"),
        _(
            "Everything that came, less technical tests and duplicates: a request with the same phone or e-mail "
            "within the duplicate window. Bots and spam stay in the count, because they cost money."
        ),
        _("counted = received − duplicates − tests"),
    ),
    Definition(
        "quality",
        _("Share of non-target leads"),
        _(
            "Of all leads that came on these days, how many got a justified verdict “non-target” within the age. "
            "Leads without a verdict stay in the denominator, so the share does not depend on who is judged first."
        ),
        _("non-target ÷ all counted leads; target + non-target + not decided = 100 %"),
    ),
    Definition(
        "bounds",
        _("Bounds of the final share"),
        _(
            "The leads not decided yet may turn out target or non-target. Whatever they turn out, the final share "
            "lies between the bounds; this is not a confidence interval but a certainty."
        ),
        _("from non-target ÷ all to (non-target + not decided) ÷ all"),
    ),
    Definition(
        "decided",
        _("Share among the decided"),
        _(
            "The same leads, counted only among those with a verdict. It is too high while leads are young, since bad "
            "ones are decided faster. It is shown so that both readings are on one card."
        ),
        _("non-target ÷ (target + non-target)"),
    ),
    Definition(
        "overdue",
        _("Overdue"),
        _("Leads without a verdict past the agreed time, in business hours. Sales answer for them."),
        _("overdue ÷ all counted leads"),
    ),
    Definition(
        "age",
        _("Age"),
        _(
            "Every lead is given the same number of days. A verdict later than that does not count, so weeks can be "
            "compared. A week whose leads have not all reached the age is hatched: it will still change."
        ),
        _("the verdict in force at arrival + age"),
    ),
    Definition(
        "criteria",
        _("Non-target by criterion"),
        _(
            "The full bar: leads that failed this criterion, maybe with others. The dark part: leads that failed "
            "nothing else, which would be target if only this were put right. Asked: of the decided leads, how many "
            "were asked about it; a dead phone ends the questions."
        ),
        _("failed ÷ all; failed only this ÷ all; asked ÷ decided; the line is the Wilson interval at 95 %"),
    ),
    Definition(
        "sources",
        _("Sources against each other"),
        _(
            "The dot is the non-target share of a source, the line through it the 95% interval, the line across all "
            "the share of all leads. A blue dot with ◆, and an arrow in the table by criteria, stand only where the "
            "difference from all other leads is more than chance after correcting for all that is compared; a source "
            "with fewer leads than the settings ask for, 30 at first, is neither marked nor ranked."
        ),
        _("non-target ÷ leads of the source; Wilson and Newcombe intervals, Benjamini–Hochberg at 10 %"),
    ),
    Definition(
        "mix",
        _("What the shift is made of"),
        _(
            "The share of non-target leads changes because other sources bring the leads (the mix) or because the "
            "leads of the same sources get better or worse (the quality). The change since the period before is "
            "exactly these two together. Only weeks are compared whose leads have all reached the age."
        ),
        _("mix: Σ change of a source's part × its mean share; quality: Σ change of its share × its mean part"),
    ),
)
