"""Any form post or JSON: usual names are guessed, everything else is said in the field map."""

from collections.abc import Mapping

from leads.intake import utm
from leads.intake.fields import Told, build, text
from leads.intake.hook import Deal, Hook, NobodyAsks, Setup, Translated
from leads.intake.payload import Document, names, read

GUESSES: Mapping[str, tuple[str, ...]] = {
    "external_id": ("external_id", "externalid", "lead_id", "request_id", "order_id", "id"),
    "name": ("name", "full_name", "fullname", "fio", "имя", "фио", "your-name", "client_name"),
    "phone": ("phone", "tel", "telephone", "phone_number", "mobile", "телефон", "your-phone", "client_phone"),
    "email": ("email", "e-mail", "mail", "почта", "your-email"),
    "company": ("company", "organization", "organisation", "компания"),
    "message": ("message", "comment", "comments", "text", "сообщение", "комментарий", "your-message"),
    "source": ("source", "источник"),
    "first_source": ("first_source", "first_utm_source"),
    "last_source": ("last_source", "last_utm_source"),
    "campaign": ("campaign", "кампания"),
    "segment": ("segment", "сегмент"),
    "received_at": ("received_at", "created_at", "createdat"),
    "is_test": ("is_test", "test"),
}
PAGES = ("page", "page_url", "url", "referer", "referrer", "landing", "landing_page")


def translate(*, hook: Hook, setup: Setup) -> Translated:
    """Make a deal of each request in the payload: one, or a list of them."""
    document = read(hook=hook)
    items = document.get("") if set(document) == {""} else [document]
    deals = tuple(_deal(item, setup) for item in items if isinstance(item, dict)) if isinstance(items, list) else ()
    if not deals:
        raise NobodyAsks(names(document))
    return deals


def _deal(document: Document, setup: Setup) -> Deal:
    told = Told()
    taken = told.take(document, GUESSES)
    told.utm = marks_of(document)
    told.attributes = rest(document, taken)
    return Deal(build(told=told, document=document, setup=setup))


def marks_of(document: Document) -> dict[str, str]:
    """Find UTM marks among the fields, in a group of their own, else in the address of a page."""
    group = document.get("utm")
    found = utm.from_mapping(document)
    if not found and isinstance(group, dict):
        found = utm.from_mapping({f"utm_{name.removeprefix('utm_')}": value for name, value in group.items()})
    addresses = (text(value) for name, value in document.items() if name.casefold() in PAGES)
    return found or next((told for address in addresses if (told := utm.from_url(address))), {})


def rest(document: Document, taken: set[str]) -> dict[str, str]:
    """Keep what has no place of its own as attributes: rules of the definition may ask for them."""
    left = {
        name: text(value) for name, value in document.items() if name not in taken and not utm.from_mapping({name: "x"})
    }
    return {name: value for name, value in left.items() if value}
