"""How much of a spreadsheet is taken: a file must not be able to exhaust the server."""

from crm.rules.errors import DomainError

MAXIMUM_BYTES = 10_000_000
MAXIMUM_UNPACKED_BYTES = 50_000_000
MAXIMUM_ROWS = 100_000
MAXIMUM_COLUMNS = 500
# A workbook is read into a dense grid, so two cells far apart cost as much as everything between them.
MAXIMUM_GRID_CELLS = 5_000_000


class SheetRefused(DomainError):
    """A file, or a row of it, that cannot be read as a spreadsheet."""
