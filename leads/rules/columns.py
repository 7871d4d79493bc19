"""The columns of the list: what a person may see of a lead at a glance, in the order they stand."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

COLUMNS: Mapping[str, Any] = {
    "came": _("Came"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "company": _("Company"),
    "source": _("Source"),
    "campaign": _("Campaign"),
    "segment": _("Segment"),
    "funnel": _("Funnel"),
    "owner": _("Owner"),
    "stage": _("Stage"),
    "verdict": _("Verdict"),
    "touched": _("First touch"),
    "external_id": _("External id"),
    "code": _("Code"),
}
OF_CONTACTS = ("phone", "email", "company")
USUAL = ("came", "source", "segment", "owner", "stage", "verdict")


def columns_offered(*, with_contacts: bool) -> list[str]:
    """List the columns somebody may choose from."""
    return [name for name in COLUMNS if with_contacts or name not in OF_CONTACTS]


def columns_shown(*, chosen: Iterable[str], with_contacts: bool) -> list[str]:
    """List the columns to show, in their order: the chosen ones as far as they are offered, or else the usual ones."""
    wanted = set(chosen) or set(USUAL)
    return [name for name in columns_offered(with_contacts=with_contacts) if name in wanted]
