"""A lead form of Google Ads: JSON with `user_column_data`, known by the `google_key` the form was given."""

import secrets
from collections.abc import Mapping

from leads.intake.fields import Told, build, text
from leads.intake.hook import Deal, Hook, ProofIsWrong, Setup, Translated
from leads.intake.payload import Document, read

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("full_name",),
    "phone": ("phone_number", "work_phone"),
    "email": ("email", "work_email"),
    "company": ("company_name",),
}
NAME_PARTS = ("FIRST_NAME", "LAST_NAME")
KEPT: Mapping[str, str] = {
    "gclid": "gcl_id",
    "form_id": "form_id",
    "adgroup_id": "adgroup_id",
    "creative_id": "creative_id",
}


def translate(*, hook: Hook, setup: Setup) -> Translated:
    """Make a deal of a form; one sent by the button “send test data” is a lead that is counted nowhere."""
    document = read(hook=hook)
    kept = setup.secret("google_key")
    if kept and not secrets.compare_digest(text(document.get("google_key")).encode(), kept):
        raise ProofIsWrong("google_key")
    columns = _columns(document)
    told = Told()
    taken = told.take(dict(columns), COLUMNS)
    told.texts.setdefault("name", " ".join(columns[name] for name in NAME_PARTS if columns.get(name)))
    told.texts["external_id"] = text(document.get("lead_id"))
    told.texts["campaign"] = text(document.get("campaign_id"))
    told.texts["is_test"] = text(document.get("is_test"))
    told.texts["received_at"] = text(document.get("lead_submit_time"))
    told.attributes = {ours: text(document.get(theirs)) for ours, theirs in KEPT.items()}
    told.attributes |= {name.lower(): value for name, value in columns.items() if name not in taken.union(NAME_PARTS)}
    stable: Document = {name: value for name, value in document.items() if name != "google_key"}
    return (Deal(build(told=told, document={**stable, "columns": columns}, setup=setup)),)


def _columns(document: Document) -> dict[str, str]:
    items = document.get("user_column_data")
    found = {}
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            name = text(item.get("column_id")) or text(item.get("column_name"))
            found[name] = text(item.get("string_value"))
    return found
