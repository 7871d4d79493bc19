"""A call or request of Calltouch or Callibri: parameters as the customer has chosen them, by GET or POST.

The usual names are guessed, the field map says the rest. Ids are counted up in one account: `calltouch:123`.
"""

from collections.abc import Mapping

from leads.intake.fields import Told, build
from leads.intake.generic import marks_of, rest
from leads.intake.hook import Deal, Hook, Setup, Translated
from leads.intake.payload import Document, read

GUESSES: Mapping[str, tuple[str, ...]] = {
    "external_id": ("callid", "call_id", "requestid", "request_id", "orderid", "lead_id", "id"),
    "phone": ("callerphone", "caller_phone", "clientphone", "client_phone", "phone", "phonenumber", "caller"),
    "name": ("fio", "name", "clientname", "client_name"),
    "email": ("email", "client_email"),
    "message": ("comment", "comments", "message", "content", "subject"),
    "received_at": ("calltime", "call_time", "requestdate", "date", "timestamp"),
}
# Their "source" is what others call utm_source; the source of the lead follows from it unless the map names another.
MARKS: Mapping[str, tuple[str, ...]] = {
    "utm_source": ("utm_source", "utmsource", "source"),
    "utm_medium": ("utm_medium", "utmmedium", "medium"),
    "utm_campaign": ("utm_campaign", "utmcampaign", "campaign"),
    "utm_term": ("utm_term", "utmterm", "keyword"),
    "utm_content": ("utm_content", "utmcontent"),
}


def translate(*, hook: Hook, setup: Setup) -> Translated:
    """Make a deal of a call or a request."""
    document: Document = {**dict(hook.query), **read(hook=hook)}
    told = Told()
    taken = told.take(document, GUESSES)
    if "external_id" in told.texts:
        told.texts["external_id"] = f"calltouch:{told.texts['external_id']}"
    marks = Told()
    taken |= marks.take(document, MARKS)
    told.utm = marks.texts or marks_of(document)
    told.attributes = rest(document, taken)
    return (Deal(build(told=told, document=document, setup=setup)),)
