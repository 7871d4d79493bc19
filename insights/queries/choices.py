"""What the board may be narrowed to."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.models import User
from crm.queries.snapshot import once
from crm.rules.permissions import Permission, is_granted
from insights.rules.slice import NOBODY
from leads.models import Campaign, Segment, Source


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a parameter and what to call it."""

    value: str
    label: str


def choices() -> dict[str, Sequence[Choice]]:
    """List sources, campaigns, segments and people by parameter; archived ones too, since their leads are counted."""
    return once(_choices)


def _choices() -> dict[str, Sequence[Choice]]:
    nothing = Choice(NOBODY, _("not set"))
    campaigns = Campaign.objects.select_related("source").order_by("source__name", "name")
    people = [user for user in User.objects.order_by("name") if is_granted(user.role, Permission.EDIT_LEAD)]
    return {
        "source": [Choice(source.code, source.label) for source in Source.objects.order_by("name")],
        "campaign": [
            *(Choice(f"{row.source.code}/{row.code}", f"{row.source.label} · {row.name}") for row in campaigns),
            nothing,
        ],
        "segment": [*(Choice(row.code, row.name) for row in Segment.objects.order_by("name")), nothing],
        "owner": [*(Choice(str(user.pk), user.name) for user in people), nothing],
    }
