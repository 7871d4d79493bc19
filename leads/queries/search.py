"""Find leads by what a person remembers of them: a phone in any format, an e-mail, a name, a number of theirs."""

import re

from django.db.models import Q

from leads.models import ContactPoint, Lead
from leads.models.lead import LeadQuerySet
from leads.rules.search import fold

LOOKS_LIKE_A_PHONE = re.compile(r"^[\d\s()+./-]+$")
FEWEST_DIGITS = 3
NATIONAL_DIGITS = 10
TRUNK, COUNTRY = "8", "+7"  # a number written from inside Russia, and the same from outside


def search(*, leads: LeadQuerySet, text: str, point: str = "") -> LeadQuerySet:
    """Keep the leads that a text describes; `point` is the normalised phone or e-mail the text is, if it is one.

    The lead's own code and its external id match as a whole, parts of names, phones and e-mails too. Only for people
    who may see contacts: what can be searched for can be guessed.
    """
    text = " ".join(text.split())
    return leads.filter(_by_code(text) | Q(external_id=text) | _by_contact(text, point)) if text else leads


def _by_code(text: str) -> Q:
    try:
        return Q(public_id=Lead.id_from_code(text))
    except ValueError:
        return Q(pk__in=())


def _by_contact(text: str, point: str) -> Q:
    if point:
        return Q(contact__in=ContactPoint.objects.filter(value=point).values("contact"))
    digits = re.sub(r"\D", "", text)
    if LOOKS_LIKE_A_PHONE.match(text) and len(digits) >= FEWEST_DIGITS:
        return _by_digits(digits[-NATIONAL_DIGITS:])
    described = Q()
    for word in fold(text).split():
        described &= Q(contact__search_key__contains=word)
    return described


def _by_digits(digits: str) -> Q:
    part = Q(contact__search_key__contains=digits)
    if digits.startswith(TRUNK) and len(digits) > FEWEST_DIGITS:
        part |= Q(contact__search_key__contains=COUNTRY + digits.removeprefix(TRUNK))
    return part
