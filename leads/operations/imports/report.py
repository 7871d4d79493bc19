"""What came of an import."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from leads.intake.sheet import SheetRow


@dataclass(frozen=True, slots=True)
class RowFailure:
    """Why a row did not come in. `column` is empty when the whole row is meant."""

    line: int
    column: str
    message: str


@dataclass(slots=True)
class ErrorKind:
    """What is wrong in the same way with some rows, and the words said of the first of them."""

    code: str
    column: str
    example: str
    count: int = 0


@dataclass(slots=True)
class ImportReport:
    """Counts of rows by their fate; every row has exactly one. A repeat request is a created lead.

    `won_and_lost` counts the created leads of rows that said both: they are won. `unread_phones` and `unread_emails`
    count the leads of which something told as a phone or an e-mail could not be read.
    """

    batch_id: int | None = None
    created: int = 0
    recognised: int = 0
    duplicate: int = 0
    failed: int = 0
    won_and_lost: int = 0
    unread_phones: int = 0
    unread_emails: int = 0
    errors: list[RowFailure] = field(default_factory=list)
    failed_rows: list[SheetRow] = field(default_factory=list)
    kinds: dict[tuple[str, str], ErrorKind] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many rows were read."""
        return self.created + self.recognised + self.duplicate + self.failed

    def sort(self) -> None:
        """Put what did not come in into the order of the file."""
        self.errors.sort(key=lambda failure: failure.line)
        self.failed_rows.sort(key=lambda row: row.line)

    def fail(self, row: SheetRow, failures: Sequence[RowFailure], *, code: str) -> None:
        """Count a row that did not come in, and keep it to be handed back."""
        self.failed += 1
        self.errors.extend(failures)
        for failure in failures:
            kind = self.kinds.setdefault((code, failure.column), ErrorKind(code, failure.column, failure.message))
            kind.count += 1
        self.failed_rows.append(row)
