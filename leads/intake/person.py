"""The person behind a request, read from what it says of them."""

from dataclasses import dataclass

from leads.intake import email, phone
from leads.intake.row import IntakeRow
from leads.rules.facts import EMAIL_AS_TOLD, PHONE_AS_TOLD, PointKind


@dataclass(frozen=True, slots=True)
class Person:
    """How to reach who sent the request, and what rules may know of it."""

    points: list[tuple[PointKind, str]]
    facts: dict[str, object]
    as_told: dict[str, str]

    @staticmethod
    def of(row: IntakeRow, *, region: str) -> "Person":
        """Read phones with the company's region; what cannot be read is kept as it was told."""
        phones, phone_is_understood = phone.read_all(row.phone, region)
        emails, email_is_understood = email.read_all(row.email)
        unread = {PHONE_AS_TOLD: (row.phone, phone_is_understood), EMAIL_AS_TOLD: (row.email, email_is_understood)}
        return Person(
            points=[(PointKind.PHONE, value) for value in phones] + [(PointKind.EMAIL, value) for value in emails],
            facts={
                "phone_valid": bool(phones) if row.phone.strip() else None,
                "email_valid": bool(emails) if row.email.strip() else None,
            },
            as_told={
                name: told for name, (told, is_understood) in unread.items() if told.strip() and not is_understood
            },
        )
