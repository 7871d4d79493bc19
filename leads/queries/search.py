"""Find leads by what a person remembers of them: a phone in any format, an e-mail, a name, a number of theirs."""

import re
from collections.abc import Sequence

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import BooleanField, Count, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Reverse, Right

from leads.models import Contact, ContactPoint, Lead, Source
from leads.models.lead import LeadQuerySet
from leads.rules.facts import PointKind
from leads.rules.search import APART, words

LOOKS_LIKE_A_PHONE = re.compile(r"^[\d\s()+./-]+$")
LOOKS_LIKE_A_SHORT_CODE = re.compile(r"^(?:ld_)?([0-9a-f]{8})$")
SHORT_CODE = 8
FEWEST_DIGITS = 4
NATIONAL_DIGITS = 10
TRUNK, COUNTRY = "8", "+7"  # a number written from inside Russia, and the same from outside
MOST = 500  # leads of one number, contacts of a few digits
FEW = 10_000  # contacts looked up before their leads; above that leads are walked, and soon make a page


class HasWords(Func):
    """Ask PostgreSQL whether a contact has words that begin so, in the very expression that `contact_words` indexes."""

    template = "(array_to_tsvector(array_remove(string_to_array(translate(%(expressions)s::tsquery)"
    arg_joiner = f", '{APART}', '{' ' * len(APART)}'), ' '), '')) @@ "
    output_field = BooleanField()

    def __init__(self, column: str, beginnings: Sequence[str]) -> None:
        asked = " & ".join(f"'{_quoted(word)}':*" for word in beginnings)
        super().__init__(F(column), Value(asked))


class IsAmong(Func):
    """Ask PostgreSQL whether a column is one of many numbers, told as it writes them itself: `{1,2,3}`.

    As one text they pass through us unread; ten thousand values take both sides longer than the search.
    """

    template = "(%(expressions)s::bigint[]))"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, column: str, numbers: str) -> None:
        super().__init__(F(column), Value(numbers))


def search(*, leads: LeadQuerySet, text: str, point: str = "", with_contacts: bool = True) -> LeadQuerySet:
    """Keep the leads that a text describes; `point` is the normalised phone or e-mail the text is, if it is one.

    The lead's code, its last eight signs and its external id match as a whole, of phones the beginning or the end, of
    names, firms and e-mails the beginnings of words. `with_contacts` only for people who may see contacts: what can be
    searched for can be guessed.
    """
    text = " ".join(text.split())
    if not text:
        return leads
    numbered = _numbered(text)
    if not with_contacts:
        return leads.filter(pk__in=numbered)
    if point:
        kind = PointKind.EMAIL if "@" in point else PointKind.PHONE
        found = list(ContactPoint.objects.filter(kind=kind, value=point).values_list("contact", flat=True))
    elif LOOKS_LIKE_A_PHONE.match(text) and len(digits := re.sub(r"\D", "", text)) >= FEWEST_DIGITS:
        found = _with_digits(digits)
    else:
        described, is_few = _described(words(text))
        if not is_few and not numbered:
            return leads.filter(_has(words(text), "contact__search_key"))
        return leads.filter(Q(pk__in=numbered) | described)
    # Asked as "this lead or such a contact" the database would walk all leads: both were looked up before.
    return leads.filter(Q(pk__in=numbered) | Q(contact__in=found))


def _numbered(text: str) -> list[int]:
    """Find the leads a code or an external id names. Named through sources, because the index begins with them."""
    leads = Lead.objects.order_by()
    named = leads.filter(source__in=Source.objects.order_by().values("pk"), external_id=text)
    found = list(named.values_list("pk", flat=True)[:MOST])
    if short := LOOKS_LIKE_A_SHORT_CODE.match(text.lower()):
        ends = leads.alias(end=Right(Cast("public_id", TextField()), SHORT_CODE)).filter(end=short[1])
        return [*found, *ends.values_list("pk", flat=True)[:MOST]]
    try:
        return [*found, *leads.filter(public_id=Lead.id_from_code(text)).values_list("pk", flat=True)]
    except ValueError:
        return found


def _with_digits(digits: str) -> list[int]:
    """Find the contacts with a phone that ends so, or begins so with or without the country."""
    phones = ContactPoint.objects.filter(kind=PointKind.PHONE).alias(backwards=Reverse("value"))
    ending = phones.filter(backwards__startswith=digits[-NATIONAL_DIGITS:][::-1]).order_by()
    found = list(ending.values_list("contact", flat=True)[:MOST])
    beginnings = {f"+{digits}", COUNTRY + digits, COUNTRY + digits.removeprefix(TRUNK)}
    for beginning in sorted(beginnings):
        found += _of(Contact.objects.filter(_has([beginning], "search_key")))
    return found


def _described(beginnings: Sequence[str]) -> tuple[Q, bool]:
    """Look up the contacts with such words: how to ask for their leads, and whether these are all there are."""
    found = Contact.objects.filter(_has(beginnings, "search_key")).order_by().values("pk")[: FEW + 1]
    if connection.vendor != "postgresql":
        contacts = [one["pk"] for one in found]
        return Q(contact__in=contacts), len(contacts) <= FEW
    told = found.aggregate(number=Count("pk"), numbers=Cast(ArrayAgg("pk", default=[]), TextField()))
    return Q(IsAmong("contact", told["numbers"])), told["number"] <= FEW


def _of(contacts: QuerySet[Contact]) -> list[int]:
    return list(contacts.order_by().values_list("pk", flat=True)[:MOST])


def _has(beginnings: Sequence[str], key: str) -> Q:
    """Describe a contact by the beginnings of words that all have to be there."""
    if not beginnings:
        return Q(pk__in=())
    if connection.vendor == "postgresql":
        return Q(HasWords(key, beginnings))
    described = Q()
    for word in beginnings:
        one = Q(**{f"{key}__startswith": word})
        for before in f" {APART}":
            one |= Q(**{f"{key}__contains": before + word})
        described &= one
    return described


def _quoted(word: str) -> str:
    return word.replace("\\", "\\\\").replace("'", "''")
