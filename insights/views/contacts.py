"""The bar of panel 3: are the phones dead, or do we not call?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from insights.charts.contacts import ContactPart, contacts
from insights.rules.pick import Pick
from insights.rules.pick_work import Worked, WorkPick
from insights.rules.slice import Slice
from insights.rules.work import Contactability, Part
from insights.views.links import leads_url


@dataclass(frozen=True, slots=True)
class ContactsPart:
    """The bar "are the phones dead, or do we not call?" with its parts."""

    chart: SafeString
    parts: Sequence[ContactPart]


def contacts_part(counted: Contactability, slice: Slice, *, tries: int) -> ContactsPart:
    """Lay out the five parts; `tries` are the attempts agreed on."""
    names: Mapping[Part, str] = {
        Part.DEAD: _("number does not exist"),
        Part.NO_ANSWER: _("do not answer (%(count)s+)") % {"count": tries},
        Part.UNDER_WORKED: _("under-worked"),
        Part.WAITING: _("in time"),
        Part.REACHED: pgettext("leads", "reached"),
    }
    parts = [
        ContactPart(
            code=part.value,
            name=names[part],
            count=counted.count_of(part),
            n=counted.n,
            url=leads_url(slice, Pick(work=WorkPick(worked=Worked(part.value)))),
        )
        for part in Part
    ]
    return ContactsPart(contacts(parts) if counted.n else SafeString(""), parts)
