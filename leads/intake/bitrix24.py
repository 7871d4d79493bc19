"""Bitrix24: the fields of a lead as JSON, as `crm.lead.add` takes and `crm.lead.get` gives them, or an outgoing event.

An event carries only the lead's number: the lead has to be fetched by `crm.lead.get` and sent here.
"""

import secrets
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from leads.intake import utm
from leads.intake.fields import Told, build, text
from leads.intake.hook import Deal, Hook, Pending, ProofIsWrong, Setup, Translated
from leads.intake.payload import Document, read

PLAIN: Mapping[str, tuple[str, ...]] = {
    "company": ("company_title",),
    "message": ("comments", "title"),
    "source": ("source_id",),
    "received_at": ("date_create",),
}
NAME_PARTS = ("NAME", "SECOND_NAME", "LAST_NAME")
ATTRIBUTES = ("TITLE", "STATUS_ID", "SOURCE_DESCRIPTION", "OPPORTUNITY", "CURRENCY_ID")
OWN_FIELD = "UF_"
WHERE = _("Fetch them from Bitrix24 with crm.lead.get and post the answer to this address.")


def translate(*, hook: Hook, setup: Setup) -> Translated:
    """Make a deal of the fields of a lead, or say which lead has to be fetched."""
    document = read(hook=hook)
    event = text(document.get("event"))
    if event:
        _check(document, setup)
        return Pending((f"bitrix24:{_number(document)}",), WHERE)
    inner = next(
        (told for name in ("fields", "FIELDS", "result") if isinstance(told := document.get(name), dict)), None
    )
    fields = inner or document
    told = Told()
    told.take(fields, PLAIN)
    number = text(fields.get("ID")) or text(document.get("id"))
    if number:
        told.texts["external_id"] = f"bitrix24:{number}"
    told.texts["name"] = " ".join(part for name in NAME_PARTS if (part := text(fields.get(name))))
    told.texts["phone"] = _values(fields.get("PHONE"))
    told.texts["email"] = _values(fields.get("EMAIL"))
    told.utm = utm.from_mapping(fields)
    own = [name for name in fields if name in ATTRIBUTES or name.startswith(OWN_FIELD)]
    told.attributes = {name: text(fields[name]) for name in own}
    return (Deal(build(told=told, document=fields, setup=setup, whole=document)),)


def _check(document: Document, setup: Setup) -> None:
    kept = setup.secret("application_token")
    auth = document.get("auth")
    told = text(auth.get("application_token")) if isinstance(auth, dict) else ""
    if kept and not secrets.compare_digest(told.encode(), kept):
        raise ProofIsWrong("application_token")


def _number(document: Document) -> str:
    data = document.get("data")
    fields = data.get("FIELDS") if isinstance(data, dict) else None
    return text(fields.get("ID")) if isinstance(fields, dict) else ""


def _values(told: object) -> str:
    """Read `[{"VALUE": …, "VALUE_TYPE": …}]`, in the form of a list or of numbered fields."""
    items = told.values() if isinstance(told, dict) else told if isinstance(told, list) else [told]
    return text([text(item.get("VALUE")) if isinstance(item, dict) else text(item) for item in items])
