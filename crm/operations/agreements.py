"""Say that something agreed on has changed."""

from uuid import uuid4

from crm.models import Agreements

THE_ONLY = 1


def changed() -> None:
    """Have every process read settings, rules, names and keys anew, from the commit of this change on.

    The last thing an operation does: whoever holds this row waits for nothing else. A name that nobody has used before
    changes no answer already given, so requests that bring one need not say so.
    """
    Agreements.objects.update_or_create(pk=THE_ONLY, defaults={"stamp": uuid4()})
