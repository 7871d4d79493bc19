"""What may be chosen in the filters of the list, all read at once: they stand on every page of it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, Count, F, IntegerField, Max, QuerySet, Value, When
from django.db.models.functions import Cast
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.queries.agreements import remembered
from crm.rules.permissions import Permission, Reach, reach
from funnels.models import CriterionVersion, LossReason, Stage
from funnels.queries import funnels_in_use
from leads.models import Campaign, ImportBatch, Segment, Source
from leads.models.source import UNDEFINED_SOURCE
from leads.queries.imports import batches_of
from leads.queries.inbox import owners_seen
from leads.queries.listing import NOBODY
from leads.queries.narrowing import ME
from leads.rules.search import fold

Choice = tuple[str, Any]
Named = tuple[str, int, int, str, str]  # the kind, its rank, the rank within one code, the code, the name
TEXT, NUMBER = CharField(), IntegerField()
ARCHIVED = 1_000_000_000  # ranks from here on are of what is out of use
BY_NAME = ("source", "campaign", "segment")


def list_choices(*, actor: User) -> Mapping[str, Sequence[Choice]]:
    """Read the choices of every filter that depends on the company, each code named once.

    Sources and funnels share codes, and their own filters stand beside.
    """
    choices = remembered().once(_choices, brought=_brought())
    owners = [*_special(reach(actor.role, Permission.READ_LEADS)), *owner_choices(actor=actor)]
    return {**choices, "owner": owners, "batch": _imports_seen(choices["batch"], actor)}


def owner_choices(*, actor: User) -> Sequence[Choice]:
    """Name the people whose leads a person may see; whoever changes their role or team changes what is agreed on."""
    return remembered().once(_people, actor=actor)


KINDS = ("funnel", "source", "campaign", "segment", "stage", "failed", "reason", "batch")


def _choices(*, brought: tuple[Any, ...]) -> Mapping[str, Sequence[Choice]]:
    """Read all choices, of one state of what leads have `brought` along."""
    found: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    for kind, rank, _newest, code, name in sorted(_rows(*_question()), key=_place):
        found[kind].setdefault(code, name if rank < ARCHIVED else _archived(name))
    if UNDEFINED_SOURCE in found["source"]:
        found["source"][UNDEFINED_SOURCE] = _("not determined")
    return {kind: list(named.items()) for kind, named in found.items()}


def _brought() -> tuple[Any, ...]:
    """Tell how many names leads have brought along, and the newest: of these nobody agrees on anything."""
    return tuple(_rows(*_tally()))


def _rows(statement: str, values: tuple[Any, ...]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows


@cache
def _tally() -> tuple[str, tuple[Any, ...]]:
    first, *others = (
        model._default_manager.order_by().values(kind=Value(kind, TEXT)).annotate(Count("pk"), Max("pk"))
        for kind, model in (("source", Source), ("campaign", Campaign), ("segment", Segment), ("batch", ImportBatch))
    )
    return first.union(*others, all=True).query.sql_with_params()


@cache
def _question() -> tuple[str, tuple[Any, ...]]:
    """Have the ORM write the question once: it is the same for everybody, and to write it takes longer than to ask.

    It is one for all kinds: asked one by one they would take longer than the leads.
    """
    stages = Stage.objects.filter(funnel__archived_at__isnull=True)
    first, *others = (
        _part("funnel", funnels_in_use()),
        _part("source", Source.objects.all()),
        _part("campaign", Campaign.objects.all()),
        _part("segment", Segment.objects.all()),
        _part("stage", stages, rank=_in_use_first(F("funnel") * 1000 + F("position"))),
        _part(
            "failed",
            CriterionVersion.objects.all(),
            code=F("criterion__code"),
            name=F("failed_name"),
            rank=F("criterion__funnel") * 1000 + F("criterion__bit"),
            newest=-F("number"),
        ),
        _part("reason", LossReason.objects.all(), rank=_in_use_first(F("funnel") * 1000 + F("position"))),
        _part("batch", ImportBatch.objects.all(), code=Cast("pk", TEXT), name=F("file_name"), rank=-F("pk")),
    )
    return first.union(*others, all=True).query.sql_with_params()


def _in_use_first(rank: Any) -> Any:
    """Put what is archived after the rest: leads stand there or were lost for it, and have to be found."""
    return rank + Case(When(archived_at__isnull=True, then=0), default=ARCHIVED, output_field=NUMBER)


def _archived(name: str) -> Any:
    return format_lazy(_("{name} (archived)"), name=name)


def _part(
    kind: str, rows: QuerySet[Any], *, code: Any = None, name: Any = None, rank: Any = None, newest: Any = None
) -> QuerySet[Any, Any]:
    """One kind of choices as it is `Named`."""
    return rows.order_by().values_list(
        Value(kind, TEXT),
        Cast(rank if rank is not None else F("pk"), NUMBER),
        Cast(newest if newest is not None else Value(0), NUMBER),
        Cast(code if code is not None else F("code"), TEXT),
        Cast(name if name is not None else F("name"), TEXT),
    )


def _place(row: Named) -> tuple[Any, ...]:
    kind, rank, newest, code, name = row
    return (kind, fold(name) if kind in BY_NAME else "", rank, newest, code)


def _people(*, actor: User) -> list[Choice]:
    named = sorted(
        owners_seen(actor=actor).order_by().values_list("pk", "name"), key=lambda one: (fold(one[1]), one[0])
    )
    return [(str(pk), name) for pk, name in named]


def _imports_seen(choices: Sequence[Choice], actor: User) -> Sequence[Choice]:
    """Keep the imports whose pages the person may open: the name of a file is told to nobody else."""
    granted = reach(actor.role, Permission.IMPORT_LEADS)
    if granted is Reach.ALL or not choices:
        return choices
    if granted is Reach.NONE:
        return []
    seen = set(batches_of(actor=actor).values_list("pk", flat=True))
    return [(pk, name) for pk, name in choices if int(pk) in seen]


def _special(granted: Reach) -> list[Choice]:
    mine = [(ME, _("me"))] if granted in (Reach.OWN, Reach.TEAM, Reach.ALL) else []
    return mine if granted is Reach.OWN else [*mine, (NOBODY, _("nobody"))]
