"""A lead form of VK: JSON `type: lead_forms_new`, known by `secret`; the address is confirmed by a text of the group's.

Ids are counted up in one group: `vk:<group>:<lead>`.
"""

import secrets
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from leads.intake.fields import Told, build, text
from leads.intake.hook import Deal, Handshake, Hook, HookRefused, ProofIsWrong, Setup, Translated
from leads.intake.payload import Document, read
from leads.intake.row import IntakeRow

CONFIRMATION = "confirmation"
LEAD = "lead_forms_new"
KEYS: Mapping[str, tuple[str, ...]] = {
    "phone": ("phone_number", "phone"),
    "email": ("email",),
    "company": ("company_name", "company"),
}
NAME_PARTS = ("first_name", "patronymic_name", "last_name")
KEPT = ("form_id", "ad_id", "user_id", "group_id")


class NoConfirmationKept(HookRefused):
    """A question VK asks of the address, and nobody has said the answer."""

    def __init__(self) -> None:
        super().__init__(
            "no_confirmation",
            _("VK asks for the confirmation text of the group: write it into the settings of this address."),
        )


class NoFormInIt(HookRefused):
    """An event that is no filled-in form."""

    def __init__(self) -> None:
        super().__init__(
            "no_lead_in_it", _("Nothing about leads: leave only “lead forms” on among the group's events.")
        )


def greet(*, hook: Hook, setup: Setup) -> Handshake | None:
    """Answer the question by which VK makes sure of the address."""
    document = read(hook=hook)
    if text(document.get("type")) != CONFIRMATION:
        return None
    kept = setup.secrets.get("confirmation", "")
    if not kept:
        raise NoConfirmationKept
    return Handshake(kept)


def translate(*, hook: Hook, setup: Setup) -> Translated:
    """Make a deal of a form that was filled in."""
    greeting = greet(hook=hook, setup=setup)
    if greeting is not None:
        return greeting
    document = read(hook=hook)
    kept = setup.secret("secret")
    if kept and not secrets.compare_digest(text(document.get("secret")).encode(), kept):
        raise ProofIsWrong("secret")
    form = document.get("object")
    if text(document.get("type")) != LEAD or not isinstance(form, dict):
        raise NoFormInIt
    return (Deal(_row(form, document, setup)),)


def _row(form: Document, document: Document, setup: Setup) -> IntakeRow:
    group = text(document.get("group_id")) or text(form.get("group_id"))
    answers, questions = _answers(form)
    told = Told()
    taken = told.take(dict(answers), KEYS)
    told.texts["name"] = " ".join(answers[name] for name in NAME_PARTS if answers.get(name)) or answers.get("name", "")
    if text(form.get("lead_id")):
        told.texts["external_id"] = f"vk:{group}:{text(form.get('lead_id'))}"
    told.texts["campaign"] = text(form.get("form_name")) or text(form.get("form_id"))
    told.attributes = {name: text(form.get(name)) for name in KEPT if name != "group_id"} | {"group_id": group}
    known = taken.union(NAME_PARTS, ("name",))
    told.attributes |= {questions[name]: value for name, value in answers.items() if name not in known}
    return build(told=told, document={**form, "answers_by_key": answers}, setup=setup, whole=document)


def _answers(form: Document) -> tuple[dict[str, str], dict[str, str]]:
    """Read the answers by key, and how each key was asked."""
    items = form.get("answers")
    answers, questions = {}, {}
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            key = text(item.get("key"))
            told = item.get("answer")
            answers[key] = (
                text([one.get("value") if isinstance(one, dict) else one for one in told])
                if isinstance(told, list)
                else text(told)
            )
            questions[key] = text(item.get("question")) or key
    return answers, questions
