"""A hook of amoCRM (Kommo): a form `leads[add|update|status][0][id]…`, unsigned.

Its ids are numbers counted up in one account, as those of other CRMs are, so they are told apart by their profile's
name: `amocrm:123`. A lost deal comes without its reason, which Razbor does not do without.
"""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from leads.intake import utm
from leads.intake.fields import Told, build, text
from leads.intake.hook import Deal, Hook, HookRefused, Setup, Translated
from leads.intake.payload import Document, read
from leads.intake.values import read_amount

ACTS = ("add", "update", "status")
WON, LOST = "142", "143"
CUSTOM: Mapping[str, tuple[str, ...]] = {
    "name": ("имя", "name", "контакт", "фио"),
    "phone": ("телефон", "phone"),
    "email": ("email", "e-mail", "почта"),
    "company": ("компания", "company"),
    "source": ("источник", "source"),
    "campaign": ("кампания", "campaign"),
    "message": ("комментарий", "сообщение", "comment"),
}
KEPT = ("pipeline_id", "status_id", "responsible_user_id", "price")


class NoDealInIt(HookRefused):
    """A hook about something else than deals."""

    def __init__(self) -> None:
        super().__init__(
            "no_deal_in_it", _("Nothing about deals: switch on the hooks of deals (add, update, status) in amoCRM.")
        )


def translate(*, hook: Hook, setup: Setup) -> Translated:
    """Make a deal of each that the hook tells of; an update of one that is known changes nothing but its end."""
    document = read(hook=hook)
    leads = document.get("leads")
    deals = tuple(_deal(item, document, setup) for item in _items(leads)) if isinstance(leads, dict) else ()
    if not deals:
        raise NoDealInIt
    return deals


def _items(leads: Document) -> Iterator[Document]:
    for act in ACTS:
        yield from listed(leads.get(act))


def listed(group: object) -> Iterator[Document]:
    """Give the groups under `[0]`, `[1]` … of a form, or in a list of JSON."""
    items = group.values() if isinstance(group, dict) else group if isinstance(group, list) else ()
    yield from (item for item in items if isinstance(item, dict))


def _deal(item: Document, whole: Document, setup: Setup) -> Deal:
    custom = dict(_custom(item))
    told = Told()
    taken = told.take(dict(custom), CUSTOM)
    number = text(item.get("id"))
    if number:
        told.texts["external_id"] = f"amocrm:{number}"
    told.texts.setdefault("message", text(item.get("name")))
    told.texts["received_at"] = text(item.get("date_create")) or text(item.get("created_at"))
    told.utm = utm.from_mapping(custom)
    told.attributes = {name: text(item.get(name)) for name in KEPT}
    told.attributes |= {
        name: value for name, value in custom.items() if name not in taken and not utm.from_mapping({name: "x"})
    }
    document = {**item, "custom": custom}
    status = text(item.get("status_id"))
    return Deal(
        build(told=told, document=document, setup=setup, whole=whole),
        is_lost=status == LOST,
        won_amount=read_amount(text(item.get("price")) or "0") if status == WON else None,
    )


def _custom(item: Document) -> Iterator[tuple[str, str]]:
    """Read the fields of the account's own, by name: `custom_fields[0][name]`, `custom_fields[0][values][0][value]`."""
    for name in ("custom_fields", "custom_fields_values"):
        for told in listed(item.get(name)):
            label = (
                text(told.get("name")) or text(told.get("field_name")) or text(told.get("code")) or text(told.get("id"))
            )
            inner = told.get("values")
            values = inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ()
            value = text([text(one.get("value")) if isinstance(one, dict) else text(one) for one in values])
            if label and value:
                yield label, value
