"""Cells of a file that people open in a spreadsheet: none of them may turn into a formula."""

import re

from crm.rules.formulas import is_formula

NUMBER = re.compile(r"[+-][\d\s().,-]*")
GUARD = "'"


def guarded(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run; numbers and phones stay as they are."""
    return GUARD + cell if is_formula(cell) and not NUMBER.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    """Take the apostrophe off again, so that rows handed back come in as they were."""
    return cell[1:] if cell.startswith(GUARD) and guarded(cell[1:]) == cell else cell
