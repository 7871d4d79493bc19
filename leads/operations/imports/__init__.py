"""A spreadsheet comes in, and can be taken out again as a whole."""

from leads.operations.imports.report import ImportReport, RowFailure
from leads.operations.imports.run import choose_funnel, run_import
from leads.operations.imports.undo import BatchAlreadyUndone, BatchHasBeenWorkedOn, batch_to_undo, undo_import

__all__ = [
    "BatchAlreadyUndone",
    "BatchHasBeenWorkedOn",
    "ImportReport",
    "RowFailure",
    "batch_to_undo",
    "choose_funnel",
    "run_import",
    "undo_import",
]
