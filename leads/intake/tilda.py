"""A form of a Tilda site: https://help.tilda.cc/forms/webhook. `test=test` is sent when the address is connected."""

from collections.abc import Mapping

from leads.intake import utm
from leads.intake.fields import Told, build, text
from leads.intake.generic import rest
from leads.intake.hook import Deal, Hook, Setup, TestPayload, Translated
from leads.intake.payload import read

GUESSES: Mapping[str, tuple[str, ...]] = {
    "external_id": ("tranid",),
    "name": ("name", "имя", "fio", "фио"),
    "phone": ("phone", "телефон", "tel"),
    "email": ("email", "e-mail", "почта"),
    "company": ("company", "компания"),
    "message": ("comments", "comment", "textarea", "message", "text", "сообщение"),
}
NOT_ATTRIBUTES = ("COOKIES", "test")


def translate(*, hook: Hook, setup: Setup) -> Translated:
    """Make a deal of a form, or know that the address is only being tried."""
    document = read(hook=hook)
    if text(document.get("test")) == "test":
        return TestPayload()
    told = Told()
    taken = told.take(document, GUESSES)
    told.utm = utm.from_mapping(document) or utm.from_cookie(text(document.get("COOKIES")))
    told.attributes = rest(document, taken.union(NOT_ATTRIBUTES))
    return (Deal(build(told=told, document=document, setup=setup)),)
