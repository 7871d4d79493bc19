"""How far a new installation has come on the way to its first judged lead."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.models import OrganisationSettings, User
from funnels.queries import funnels_in_use
from leads.models import Assessment, FirstRun, Lead
from leads.queries.known_sources import sources_in_use
from leads.rules.first_run import STEPS, Step

NAMES: dict[Step, Promise] = {
    Step.COMPANY: _("Company"),
    Step.RULES: _("Rules"),
    Step.PEOPLE: _("People"),
    Step.SOURCE: _("First source"),
    Step.LEAD: _("First lead"),
}


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step: where it is done, and whether it has been."""

    number: int
    step: Step
    is_done: bool
    is_skipped: bool

    @property
    def name(self) -> Promise:
        """What it is about."""
        return NAMES[self.step]

    @property
    def url_name(self) -> str:
        """Where it is done."""
        return f"start:{self.step}"

    @property
    def is_behind(self) -> bool:
        """Tell whether nobody has to do it any more."""
        return self.is_done or self.is_skipped


@dataclass(frozen=True, slots=True)
class Progress:
    """All steps, and the lead to be judged."""

    steps: Sequence[StepShown]
    lead: Lead | None
    is_judged: bool

    @property
    def has_rules(self) -> bool:
        """Tell whether there is a funnel for the first lead."""
        return any(one.step == Step.RULES and one.is_done for one in self.steps)

    @property
    def next(self) -> StepShown:
        """The step to go on with; at the end of the way it is the last one."""
        return next((step for step in self.steps if not step.is_behind), self.steps[-1])

    @property
    def done_count(self) -> int:
        """Count the steps that nobody has to do any more."""
        return sum(step.is_behind for step in self.steps)


def progress() -> Progress:
    """Read how far it has come, of what there is."""
    lead = Lead.objects.order_by("id").first()
    begun = FirstRun.objects.first()
    skipped = begun.skipped if begun else []
    done = {
        Step.COMPANY: OrganisationSettings.objects.exists(),
        Step.RULES: funnels_in_use().exists(),
        Step.PEOPLE: User.objects.count() > 1,
        Step.SOURCE: sources_in_use().filter(is_confirmed=True).exists(),
        Step.LEAD: lead is not None,
    }
    steps = [
        StepShown(number, step, is_done=done[step], is_skipped=step in skipped)
        for number, step in enumerate(STEPS, start=1)
    ]
    is_judged = lead is not None and Assessment.objects.filter(by__isnull=False).exists()
    return Progress(steps, lead, is_judged)


def unfinished() -> Progress | None:
    """Read how far it has come, as long as it was begun from the pages and nobody has put the reminder away."""
    return progress() if FirstRun.objects.filter(dismissed_at__isnull=True).exists() else None
