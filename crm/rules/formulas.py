"""What a spreadsheet would run: asked wherever words of others are written into a file that people open in one."""

import re

# Also after white space and marks nobody sees, and in the wide letters that spreadsheets of the East take alike.
FORMULA = re.compile(r"^[\s\u200b\ufeff]*[=+\-@\t\r\n|%＝＋－＠]")


def is_formula(text: str) -> bool:
    """Tell whether a text begins as a formula does; of numbers and phones too, which may be meant as they are."""
    return FORMULA.match(text) is not None
