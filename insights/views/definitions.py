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
        "control",
        _("Signal or the usual wobble"),
        _(
            "A weekly share goes up and down by itself. The band shows by how much, from the ripe weeks before the "
            "period; with fewer than 12 of them its own weeks help. A signal is a week outside the band, or the eighth "
            "week running on one side of the mean. Nothing else is one. A new definition of a target lead begins a new "
            "band. A hollow dot is the same week at the second age."
        ),
        _(
            "mean ± 3 · f · √(mean · (1 − mean) ÷ leads of the week); f is 1 unless σz of the base exceeds 1 by more "
            "than chance (p′-chart of Laney)"
        ),
    ),
    Definition(
        "previous",
        _("Against the period before"),
        _(
            "The ripe weeks against the period before, which is as long as the whole period; both at the same age. "
            "Worse or better is said only when the interval of the change does not hold zero, and never of few leads "
            "or over a new definition. Of the criteria an arrow marks those whose change is more than chance after "
            "correcting for all criteria shown."
        ),
        _("share − share before; Newcombe interval; of criteria Benjamini–Hochberg at 10 %"),
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
    Definition(
        "stages",
        _("Conversion of the stages"),
        _(
            "Of the leads that came in the ripe weeks, how many ever came as far as each stage by the age, or further. "
            "A stage that was skipped counts as reached, for won and lost leads alike, and what was reached is not "
            "taken back. A step has its own denominator; the leads still open stay in it."
        ),
        _("reached ÷ reached the stage before; from the start: reached ÷ all; the interval is Wilson's at 95 %"),
    ),
    Definition(
        "losses",
        _("Loss reasons by stage"),
        _(
            "Of the leads that reached a stage, how many were lost from it for each reason. A lead may have several: "
            "each counts. A loss taken back by reopening the lead is none. The leads still open there are at risk."
        ),
        _("lost for the reason ÷ reached the stage; lost only for it; one point a lead, split equally"),
    ),
    Definition(
        "durations",
        _("Time at a stage"),
        _(
            "Half of the stays at the stage are no longer than the median, nine of ten no longer than p90. Stays that "
            "have not ended count for as long as they have lasted, so a stage where everything is stuck looks stuck. "
            "“>28” says that so many were not seen to leave."
        ),
        _("the first day on which half, or nine tenths, have left (Kaplan–Meier)"),
    ),
    Definition(
        "wins",
        _("Two shares of won leads"),
        _(
            "Of the leads closed on these days, whenever they came, how many were won; open leads are not in it. Of "
            "the leads that came and were qualified by the age, how many are won; the open ones are in it. The first "
            "is higher, because lost and open leads are not counted alike."
        ),
        _("won ÷ (won + lost) by day of closing; won ÷ qualified by day of arrival"),
    ),
    Definition(
        "throughput",
        _("What was done within the days"),
        _(
            "Arrivals, moves, verdicts, closings on these days, to whichever leads. They are never divided by one "
            "another, since they are about different leads."
        ),
        _("open at the start + created + reopened − won − lost = open at the end"),
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
