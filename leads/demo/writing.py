"""Turn drawn histories into rows, in bulk: one operation a row would take minutes.

The derived half of each lead comes from the same pure rules the operations use; `check_facts` finds no difference.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction

from crm.models import OrganisationSettings, User
from crm.rules.calendar import civil_day
from funnels.models import Funnel, Stage
from leads.demo.facts import FactWriter
from leads.demo.history import History, histories
from leads.demo.people import PersonWriter
from leads.demo.places import Places, create_places
from leads.models import Lead, LeadLink
from leads.operations.arrivals import deadlines
from leads.operations.escalations import escalate
from leads.rules.facts import Channel, LinkKind

BATCH = 500
DUPLICATE_WINDOW = timedelta(days=30)


@transaction.atomic
def seed_leads(
    *,
    funnel: Funnel,
    owners: Sequence[User],
    settings: OrganisationSettings,
    language: str,
    at: datetime,
    leads: int,
    on_progress: Callable[[int, int], None],
) -> int:
    """Write about `leads` leads with their whole history up to `at`; return how many there are.

    `on_progress(done, all)` is called after each batch. Meant for an empty database.
    """
    stages = list(Stage.objects.filter(funnel=funnel, archived_at=None).order_by("position"))
    drawn = histories(now=at, zone=settings.time_zone, stages=len(stages), leads=leads)
    places = create_places(language=language, at=drawn[0].received_at)
    people = PersonWriter(language=language)
    writer = _LeadWriter(funnel=funnel, stages=stages, owners=owners, settings=settings, places=places, people=people)
    facts = FactWriter(funnel=funnel, stages=stages, currency=settings.currency, language=language)
    for number, batch in groupby(drawn, key=lambda history: history.number // BATCH):
        chunk = list(batch)
        facts.write(writer.write(chunk))
        on_progress(min((number + 1) * BATCH, len(drawn)), len(drawn))
    escalate(at=at)  # as the clock of an installation would have done by now
    return len(drawn)


class _LeadWriter:
    """Creates the Lead rows; remembers them, because later requests of the same person point back."""

    def __init__(
        self,
        *,
        funnel: Funnel,
        stages: Sequence[Stage],
        owners: Sequence[User],
        settings: OrganisationSettings,
        places: Places,
        people: PersonWriter,
    ) -> None:
        self.funnel = funnel
        self.stages = stages
        self.owners = owners
        self.settings = settings
        self.places = places
        self.people = people
        self.written: list[Lead] = []

    def write(self, chunk: Sequence[History]) -> list[tuple[History, Lead]]:
        """Create the leads of a chunk, first requests before repeated ones, and link the latter."""
        contacts = self.people.contacts(chunk)
        leads = [self._row(history, contacts[history.number].pk) for history in chunk]
        Lead.objects.bulk_create(leads, batch_size=BATCH)
        self.written.extend(leads)
        self._link(chunk, leads)
        return list(zip(chunk, leads, strict=True))

    def _row(self, history: History, contact_id: int) -> Lead:
        source = self.places.source(history.source)
        first_source, last_source = self.places.visits(history.source, history.number)
        first_touch_due_at, verdict_due_at = deadlines(organisation=self.settings, received_at=history.received_at)
        return Lead(
            funnel=self.funnel,
            source=source,
            first_source=first_source,
            last_source=last_source,
            campaign=self.places.campaign(source, history.campaign),
            segment=self.places.segment(history.number),
            contact_id=contact_id,
            external_id=f"demo-{history.number + 1}",
            channel=Channel.FORM.value,
            received_at=history.received_at,
            recorded_at=history.received_at,
            cohort_day=civil_day(history.received_at, self.settings.time_zone),
            is_test=history.is_test,
            message=self.people.message(history.number),
            utm={"utm_campaign": history.campaign} if history.campaign else {},
            first_touch_due_at=first_touch_due_at,
            verdict_due_at=verdict_due_at,
            owner=self.owners[history.number % len(self.owners)],
            stage=self.stages[0],
            stage_since_at=history.received_at,
        )

    def _link(self, chunk: Sequence[History], leads: Sequence[Lead]) -> None:
        links = []
        changed = []
        for history, lead in zip(chunk, leads, strict=True):
            if history.same_person_as is None or history.is_test:
                continue
            master = self.written[history.same_person_as]
            is_duplicate = lead.received_at - master.received_at <= DUPLICATE_WINDOW
            if is_duplicate:
                lead.duplicate_of = master
            else:
                lead.repeat_of = master
            kind = LinkKind.DUPLICATE if is_duplicate else LinkKind.REPEAT
            links.append(
                LeadLink(
                    lead=lead,
                    master=master,
                    kind=kind.value,
                    occurred_at=lead.received_at,
                    recorded_at=lead.received_at,
                )
            )
            changed.append(lead)
        LeadLink.objects.bulk_create(links)
        Lead.objects.bulk_update(changed, ["duplicate_of", "repeat_of"])
