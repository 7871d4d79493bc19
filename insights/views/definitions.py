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
        _("Source by criterion"),
        _(
            "How often the leads of a source fail a criterion. An arrow stands only where the difference from all "
            "other sources is more than chance after correcting for all cells shown; a source with fewer leads than "
            "the settings ask for, 30 at first, is not marked."
        ),
        _("failed ÷ leads of the source; Newcombe interval, Benjamini–Hochberg at 10 %"),
    ),
    Definition(
        "work",
        _("Our part of the work"),
        _(
            "Of all counted leads: how many were contacted within an hour, decided in time, touched by nobody, given "
            "up too early; and of the tags “non-target”, how many turned out wrong. Whether a norm is kept is said "
            "only when the leads that still have time cannot change it."
        ),
        _(
            "k ÷ all counted leads; overturned ÷ leads ever tagged non-target. Norms: contact within 60 min ≥ 80 %, "
            "verdict in time ≥ 90 %, untouched ≤ 2 %, under-worked ≤ 5 %, overturned ≤ 5 %"
        ),
    ),
    Definition(
        "speed",
        _("First contact"),
        _(
            "From the lead's arrival to the first attempt of a person, or the first answered call or message of the "
            "client. Leads that nobody contacted stay in the denominator, so the curve ends below 100 %."
        ),
        _("contacted within the time ÷ all counted leads; median and p90 by Kaplan and Meier"),
    ),
    Definition(
        "contactability",
        _("Are the phones dead, or do we not call?"),
        _(
            "Five parts that make the whole: proof that the contact is dead; as many attempts as agreed and no answer; "
            "fewer attempts although the time is over, which sales answer for; fewer attempts, but there is time; "
            "reached, or decided by something one knows only from the client."
        ),
        _("dead + no answer + under-worked + in time + reached = all counted leads"),
    ),
    Definition(
        "strictness",
        _("Who tags more strictly"),
        _(
            "Managers get leads of different sources. So many non-target leads are to be expected of each as the same "
            "sources give everybody; only who is far outside of that is named, and nobody is ranked."
        ),
        _("expected = Σ over sources of leads × the source's share; limits at three sigmas"),
    ),
    Definition(
        "hygiene",
        _("What spoils the numbers"),
        _(
            "Leads without a source, verdicts without the evidence asked for, reasons in one's own words, back-dated "
            "verdicts, leads won without being target, questions hardly asked. A note stands above the numbers where "
            "an item is above its threshold, and opens its leads."
        ),
        _("k ÷ n of every item, as of the instant asked for"),
    ),
)
