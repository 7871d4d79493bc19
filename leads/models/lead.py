"""A request, and what is derived about it from the facts."""

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models

from crm.models import Actor, ApiKey, OrganisationSettings, User
from crm.rules.choices import choices
from crm.rules.ids import new_public_id
from crm.rules.permissions import Permission, Reach
from funnels.models import Definition, Funnel, Stage
from funnels.rules.moves import OUTCOME_LABELS, Outcome
from funnels.rules.verdict import VERDICT_LABELS, Verdict
from leads.models.contact import Contact
from leads.models.import_batch import ImportBatch
from leads.models.source import Campaign, Segment, Source
from leads.rules.facts import CHANNEL_LABELS, LINK_KIND_LABELS, Channel, LinkKind

# What the queue holds; the partial indexes below hold the same, so that it is found among millions.
WAITING = models.Q(outcome="OPEN", verdict="UNDECIDED", is_test=False, duplicate_of__isnull=True)

# Whose sender told of the first or the last visit apart from the source.
TELLS_OF_VISITS = models.Q(first_source__isnull=False) | models.Q(last_source__isnull=False)

# By what the list is narrowed; kept in the index of the newest leads, so that those that do not fit are not even read.
FILTERED = (
    "funnel", "source", "campaign", "segment", "owner", "stage", "outcome", "verdict", "duplicate_of", "fail_mask",
    "contact",
)  # fmt: skip


class LeadQuerySet(models.QuerySet["Lead"]):
    def visible_to(self, actor: Actor) -> "LeadQuerySet":
        """Keep the leads this person or key may open: the only door to leads from a page or the API."""
        if isinstance(actor, User) and actor.team_id and actor.reach(Permission.READ_LEADS) is Reach.OWN:
            return self.filter(models.Q(owner=actor) | (models.Q(owner__team_id=actor.team_id) & managers_see_team()))
        return self.reached(actor, Permission.READ_LEADS)

    def reached(self, actor: Actor, permission: Permission) -> "LeadQuerySet":
        """Keep the leads as far as a permission of this person or key goes."""
        granted = actor.reach(permission)
        if granted in (Reach.ALL, Reach.MASKED):
            return self
        if isinstance(actor, ApiKey):
            return self.filter(source__code__in=actor.sources) if granted is Reach.SOURCES else self.none()
        if granted is Reach.TEAM:
            team = models.Q(owner=actor) | models.Q(owner__isnull=True)
            return self.filter(team | models.Q(owner__team_id=actor.team_id) if actor.team_id else team)
        return self.filter(owner=actor) if granted is Reach.OWN else self.none()

    def valid(self) -> "LeadQuerySet":
        """Keep what is counted: neither a technical test nor a duplicate (R1)."""
        return self.filter(is_test=False, duplicate_of__isnull=True)

    def waiting(self) -> "LeadQuerySet":
        """Keep what waits for a verdict: open, counted and not decided."""
        return self.filter(WAITING)


def managers_see_team() -> models.Exists:
    """Ask within the same query whether managers may read the leads of their team, as the newest settings say."""
    newest = OrganisationSettings.objects.order_by("-valid_from_at").values("pk")[:1]
    return models.Exists(OrganisationSettings.objects.filter(pk=newest, managers_see_team=True))


class Lead(models.Model):
    """One request at one time. The second half of the fields repeats the facts; `check_facts` recomputes them.

    A foreign key has no index of its own where another begins with it, or where nobody looks by it: each one is paid
    for by every push and judgement.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    funnel = models.ForeignKey(Funnel, on_delete=models.PROTECT, related_name="leads", db_index=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="leads", db_index=False)
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="leads", db_index=False
    )
    segment = models.ForeignKey(
        Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="leads", db_index=False
    )
    first_source = models.ForeignKey(
        Source,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="of the first visit; empty where its sender told none apart from the source",
    )
    last_source = models.ForeignKey(
        Source,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="of the last visit, whatever it was; empty as above",
    )
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="leads", db_index=False)
    external_id = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001  NULL: unique only when given
    channel = models.CharField(max_length=16, choices=choices(Channel, CHANNEL_LABELS))
    import_batch = models.ForeignKey(
        ImportBatch, null=True, blank=True, on_delete=models.PROTECT, related_name="leads", db_index=False
    )
    received_at = models.DateTimeField(help_text="when the request came: the anchor of its cohort")
    recorded_at = models.DateTimeField(help_text="when the server wrote it down")
    cohort_day = models.DateField(help_text="the civil day of received_at in the organisation's zone")
    is_test = models.BooleanField(default=False)
    message = models.TextField(blank=True, default="")
    utm = models.JSONField(default=dict, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    expected_amount = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, help_text="what it may bring, in the company's currency"
    )
    first_touch_due_at = models.DateTimeField(help_text="first-touch SLA in business time, frozen at arrival")
    verdict_due_at = models.DateTimeField(help_text="verdict SLA in business time, frozen at arrival")

    # Derived from the facts, rewritten by operations, recomputed by check_facts.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="leads", db_index=False
    )
    duplicate_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="duplicates")
    repeat_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="repeats")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="leads", db_index=False)
    stage_since_at = models.DateTimeField(help_text="effective time of the move that brought it to its stage")
    outcome = models.CharField(max_length=8, choices=choices(Outcome, OUTCOME_LABELS), default=Outcome.OPEN.value)
    outcome_at = models.DateTimeField(null=True, blank=True)
    definition = models.ForeignKey(
        Definition, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    verdict = models.CharField(max_length=16, choices=choices(Verdict, VERDICT_LABELS), default=Verdict.UNDECIDED.value)
    verdict_at = models.DateTimeField(null=True, blank=True, help_text="effective time of the assessment in force")
    fail_mask = models.PositiveIntegerField(default=0, help_text="bits of failed blocking criteria")
    soft_fail_mask = models.PositiveIntegerField(default=0, help_text="bits of failed criteria that do not block")
    assessed_mask = models.PositiveIntegerField(default=0, help_text="bits of criteria answered met or failed")
    first_touch_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="grows with every change")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("message", "attributes", "utm", "external_id")

    objects: ClassVar[models.Manager["Lead"]] = LeadQuerySet.as_manager()

    class Meta:
        ordering = ("-received_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("source", "external_id"), name="lead_external_id_is_unique_in_its_source"),
            models.CheckConstraint(
                condition=models.Q(duplicate_of__isnull=True) | ~models.Q(duplicate_of=models.F("id")),
                name="lead_is_not_its_own_duplicate",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="OPEN", outcome_at__isnull=True)
                | (~models.Q(outcome="OPEN") & models.Q(outcome_at__isnull=False)),
                name="lead_outcome_has_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(verdict="NON_TARGET") | models.Q(fail_mask__gt=0),
                name="lead_non_target_failed_something",
            ),
            models.CheckConstraint(
                condition=models.Q(expected_amount__isnull=True) | models.Q(expected_amount__gte=0),
                name="lead_expected_amount_is_not_negative",
            ),
        )
        indexes = (
            models.Index(fields=("funnel", "cohort_day", "source"), name="lead_cohort"),
            models.Index(fields=("-received_at", "-id", *FILTERED), name="lead_newest"),
            models.Index(fields=("owner", "-received_at"), name="lead_of_owner"),
            models.Index(fields=("contact", "received_at"), name="lead_of_contact"),
            models.Index(
                fields=("stage", "stage_since_at", "id"),
                name="lead_open_at_stage",
                condition=models.Q(outcome="OPEN", is_test=False, duplicate_of__isnull=True),
            ),
            # The newest of one kind without sorting; leads that have no such thing are left out.
            models.Index(fields=("source", "-received_at", "-id"), name="lead_of_source"),
            models.Index(fields=("stage", "-received_at", "-id"), name="lead_at_stage"),
            models.Index(
                fields=("outcome", "-received_at", "-id"), condition=~models.Q(outcome="OPEN"), name="lead_closed"
            ),
            models.Index(
                fields=("campaign", "-received_at", "-id"),
                condition=models.Q(campaign__isnull=False),
                name="lead_of_campaign",
            ),
            models.Index(
                fields=("segment", "-received_at", "-id"),
                condition=models.Q(segment__isnull=False),
                name="lead_of_segment",
            ),
            models.Index(
                fields=("import_batch", "-received_at", "-id"),
                condition=models.Q(import_batch__isnull=False),
                name="lead_of_batch",
            ),
            # Whether any lead of a funnel tells of other visits; most tell of none, and then it is empty.
            models.Index(fields=("funnel",), condition=TELLS_OF_VISITS, name="lead_tells_of_visits"),
            # What waits for somebody: small beside the table, and read by every start page.
            models.Index(
                fields=("owner", "first_touch_due_at"),
                condition=models.Q(
                    first_touch_at__isnull=True, outcome="OPEN", is_test=False, duplicate_of__isnull=True
                ),
                name="lead_untouched",
            ),
            models.Index(
                fields=("owner", "verdict_due_at"),
                condition=models.Q(verdict="UNDECIDED", is_test=False, duplicate_of__isnull=True),
                name="lead_undecided",
            ),
            models.Index(fields=("owner",), condition=models.Q(outcome="OPEN"), name="lead_open_of_owner"),
            # Verdict and outcome are the same in each entry: they make SQLite prefer it to the index of duplicates.
            models.Index(fields=("verdict", "outcome", "verdict_due_at", "id"), name="lead_waiting", condition=WAITING),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """The public name of this lead, as URLs and the API write it."""
        return f"ld_{self.public_id.hex}"

    @staticmethod
    def id_from_code(code: str) -> UUID:
        """Read a public name back; raises ValueError when it is not one."""
        prefix, _, value = code.partition("_")
        if prefix != "ld":
            raise ValueError(code)
        return UUID(hex=value)

    def is_reached(self, actor: Actor, permission: Permission) -> bool:
        """Tell whether a permission of this person or key goes as far as this lead, as `reached` does for many."""
        granted = actor.reach(permission)
        if granted in (Reach.ALL, Reach.MASKED):
            return True
        if isinstance(actor, ApiKey):
            return granted is Reach.SOURCES and self.source.code in actor.sources
        if granted is Reach.TEAM:
            colleague = self.owner is not None and actor.team_id and self.owner.team_id == actor.team_id
            return self.owner is None or self.owner == actor or bool(colleague)
        return granted is Reach.OWN and self.owner_id == actor.pk

    @property
    def is_valid(self) -> bool:
        """Whether the lead is counted (R1)."""
        return not self.is_test and self.duplicate_of_id is None


class LeadLink(models.Model):
    """A fact: this lead was tied to, or untied from, an earlier one."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="links")
    master = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="incoming_links")
    kind = models.CharField(max_length=16, choices=choices(LinkKind, LINK_KIND_LABELS))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("recorded_at", "id")

    def __str__(self) -> str:
        return f"{self.kind} {self.lead_id} → {self.master_id}"


class OwnerChange(models.Model):
    """A fact: who answers for the lead from now on."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="owner_changes")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("recorded_at", "id")

    def __str__(self) -> str:
        return f"lead {self.lead_id} → user {self.owner_id}"
