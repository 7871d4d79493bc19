"""End what is signed in somewhere: on a lost laptop, on a borrowed telephone."""

from datetime import datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from crm.models import User
from crm.operations import audit
from crm.rules.permissions import NotAllowed, Permission, is_granted


@transaction.atomic
def end(*, user: User, by: User | None, at: datetime, besides: str | None = None) -> int:
    """End a person's sessions, all but the one named; return how many there were.

    Whose a session is, only its content tells, so all that are still good are read: a company has hundreds of them.
    """
    if by is not None and by.pk != user.pk and not is_granted(by.role, Permission.ADMINISTER):
        raise NotAllowed
    good = Session.objects.filter(expire_date__gt=at).exclude(session_key=besides or "")
    theirs = [session.pk for session in good if session.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=theirs).delete()
    audit.record(action="person.end_sessions", obj=user, by=by, at=at, changes={"ended": len(theirs)})
    return len(theirs)
