"""Invented people: names, phones from a range that rings nowhere in particular, addresses at example.com."""

from collections.abc import Mapping, Sequence
from random import Random

from leads.demo.history import History
from leads.demo.story import FIRST_NAMES, LAST_NAMES, MESSAGES
from leads.models import Contact, ContactPoint
from leads.rules.facts import PointKind
from leads.rules.search import search_key


class PersonWriter:
    """Creates contacts; a repeated request gets the contact of the earlier one."""

    def __init__(self, *, language: str) -> None:
        self.language = language
        self.known: dict[int, Contact] = {}

    def contacts(self, chunk: Sequence[History]) -> Mapping[int, Contact]:
        """Create the new people of a chunk and return everybody known by the number of their request."""
        fresh = [history for history in chunk if history.same_person_as is None]
        points = {history.number: self._points(history.number) for history in fresh}
        created = [self._contact(history, points[history.number]) for history in fresh]
        Contact.objects.bulk_create(created)
        self.known.update(zip((history.number for history in fresh), created, strict=True))
        for history in chunk:
            if history.same_person_as is not None:
                self.known[history.number] = self.known[history.same_person_as]
        ContactPoint.objects.bulk_create(
            ContactPoint(contact=contact, kind=kind.value, value=value, created_at=contact.created_at)
            for history, contact in zip(fresh, created, strict=True)
            for kind, value in points[history.number]
        )
        return self.known

    def message(self, number: int) -> str:
        """Choose what the person wrote in the form."""
        return Random(number).choice(MESSAGES[self.language])

    def _contact(self, history: History, points: Sequence[tuple[PointKind, str]]) -> Contact:
        name = self._name(history.number)
        return Contact(
            name=name,
            search_key=search_key(name, *(value for _kind, value in points)),
            created_at=history.received_at,
        )

    def _name(self, number: int) -> str:
        random = Random(number * 7 + 1)
        first, last = random.choice(FIRST_NAMES[self.language]), random.choice(LAST_NAMES[self.language])
        feminine = self.language == "ru" and first.endswith(("а", "я")) and last.endswith(("н", "в"))
        return f"{first} {last}{'а' if feminine else ''}"

    def _points(self, number: int) -> list[tuple[PointKind, str]]:
        phone = (PointKind.PHONE, f"+7900{number + 2_000_000:07d}")
        email = (PointKind.EMAIL, f"lead{number + 1}@example.com")
        which = Random(number * 13 + 5).random()
        return [phone] if which < 0.45 else [email] if which < 0.55 else [phone, email]
