"""Facebook Lead Ads: a signed notice that holds ids only, and the lead itself once somebody has fetched it.

The proof is `X-Hub-Signature-256`, an HMAC of the raw bytes by the app's secret. A lead as the Graph API gives it, with
`field_data`, may be posted to the same address, alone or inside the `value` of a notice; it needs no signature there.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from leads.intake.fields import Told, build, text
from leads.intake.hook import Deal, Handshake, Hook, HookRefused, Pending, ProofIsWrong, Setup, Translated
from leads.intake.payload import Document, read

SIGNATURE = "x-hub-signature-256"
NAMES: Mapping[str, tuple[str, ...]] = {
    "name": ("full_name", "полное_имя", "имя", "name"),
    "phone": ("phone_number", "phone", "номер_телефона", "work_phone_number"),
    "email": ("email", "электронный_адрес", "work_email"),
    "company": ("company_name", "company"),
}
NAME_PARTS = ("first_name", "last_name")
CAMPAIGN = ("campaign_name", "campaign_id")
KEPT = ("form_id", "ad_id", "ad_name", "adset_id", "adset_name", "adgroup_id", "page_id", "platform")
WHERE = _("Fetch them from the Graph API (GET /<leadgen_id>) and post the answer to this address.")


class NoLeadInTheNotice(HookRefused):
    """A notice about something else than leads."""

    def __init__(self) -> None:
        super().__init__("no_lead_in_it", _("Nothing about leads: subscribe the page to “leadgen” only."))


class VerifyTokenIsWrong(HookRefused):
    """A subscription with a token that is not the one agreed on."""

    def __init__(self) -> None:
        message = _("The verify token does not fit: write the same one here and in the app's settings of Facebook.")
        super().__init__("wrong_verify_token", message)


def greet(*, hook: Hook, setup: Setup) -> Handshake | None:
    """Answer the question by which a subscription begins."""
    if hook.method != "GET":
        return None
    kept, told = setup.secret("verify_token"), hook.query.get("hub.verify_token", "").encode()
    if hook.query.get("hub.mode") != "subscribe" or not kept or not hmac.compare_digest(told, kept):
        raise VerifyTokenIsWrong
    return Handshake(hook.query.get("hub.challenge", "")[:200])


def translate(*, hook: Hook, setup: Setup) -> Translated:
    """Make deals of leads that came whole; say which have to be fetched when not all did."""
    greeting = greet(hook=hook, setup=setup)
    if greeting is not None:
        return greeting
    document = read(hook=hook)
    if setup.secret("app_secret"):
        _check(hook, setup)
    leads = list(_leads(document))
    if not leads:
        raise NoLeadInTheNotice
    if all(isinstance(lead.get("field_data"), list) for lead in leads):
        return tuple(_deal(lead, document, setup) for lead in leads)
    return Pending(tuple(_id(lead) for lead in leads), WHERE)


def _check(hook: Hook, setup: Setup) -> None:
    proof = hmac.new(setup.secret("app_secret"), hook.body, hashlib.sha256).hexdigest()
    told = hook.headers.get(SIGNATURE, "").removeprefix("sha256=").strip().lower()
    if not hmac.compare_digest(told.encode(), proof.encode()):
        raise ProofIsWrong("X-Hub-Signature-256")


def _leads(document: Document) -> Iterator[Document]:
    if "field_data" in document:
        yield document
    for entry in _dicts(document.get("entry")):
        for change in _dicts(entry.get("changes")):
            value = change.get("value")
            if change.get("field") in (None, "leadgen") and isinstance(value, dict) and _id(value):
                yield value


def _dicts(told: object) -> Iterator[Document]:
    yield from (item for item in told if isinstance(item, dict)) if isinstance(told, list) else ()


def _id(lead: Document) -> str:
    return text(lead.get("leadgen_id")) or text(lead.get("id"))


def _deal(lead: Document, whole: Document, setup: Setup) -> Deal:
    answers = {text(told.get("name")): text(told.get("values")) for told in _dicts(lead.get("field_data"))}
    told = Told()
    taken = told.take(dict(answers), NAMES)
    parts = " ".join(answers[name] for name in NAME_PARTS if answers.get(name))
    told.texts.setdefault("name", parts)
    told.texts["external_id"] = _id(lead)
    told.texts["received_at"] = text(lead.get("created_time"))
    told.texts["campaign"] = next((text(lead[name]) for name in CAMPAIGN if text(lead.get(name))), "")
    told.attributes = {name: text(lead.get(name)) for name in KEPT}
    told.attributes |= {name: value for name, value in answers.items() if name not in taken.union(NAME_PARTS)}
    document = {**lead, "answers": answers}
    row = build(told=told, document=document, setup=setup, whole=whole)
    return Deal(row)
