"""Phone numbers as people and spreadsheets write them."""

import re

import phonenumbers

MAXIMUM_LENGTH = 250  # what the phone library itself is ready to read
SPREADSHEET_FLOAT = re.compile(r"^\+?\d+[.,]0+$")
SCIENTIFIC = re.compile(r"^[+-]?\d+([.,]\d+)?e[+-]?\d+$", re.IGNORECASE)
BETWEEN_NUMBERS = re.compile(r"[;|\n]|\s/\s|,(?!0+$)(?=\s*[+(\w])|\s(?:или|or)\s", re.IGNORECASE)
DIGITS = re.compile(r"\d")
AROUND = " \t\r'\"\u00a0\u200b\u200e\u202a\u202c\ufeff"
FEWEST_DIGITS = 7
FEWEST_DIGITS_WITH_COUNTRY_CODE = 11


def normalise(text: str, region: str) -> str:
    """Write a phone in E.164, or give an empty text when it is not a phone. Of several the first good one is taken."""
    numbers, _is_understood = read_all(text, region)
    return numbers[0] if numbers else ""


def read_all(text: str, region: str) -> tuple[list[str], bool]:
    """Write every phone of a cell in E.164, each once, and tell whether no digit of the cell was left unread."""
    parts = [piece.strip(AROUND) for part in BETWEEN_NUMBERS.split(text) for piece in _halves(part)]
    read = [(part, _one(part, region)) for part in parts]
    numbers = list(dict.fromkeys(number for _part, number in read if number))
    return numbers, bool(numbers) and all(number or not DIGITS.search(part) for part, number in read)


def _halves(text: str) -> list[str]:
    """Part what a slash stands between only where either side may be a number: in some places it is a hyphen."""
    halves = text.split("/")
    return halves if all(len(DIGITS.findall(half)) >= FEWEST_DIGITS for half in halves) else [text]


def _one(text: str, region: str) -> str:
    """Write one phone in E.164.

    Scientific notation is refused: a spreadsheet that shows 7.9172E+10 has lost the digits, and a rounded number would
    belong to somebody else.
    """
    if len(text) > MAXIMUM_LENGTH or SCIENTIFIC.match(text):
        return ""
    if SPREADSHEET_FLOAT.match(text):
        text = re.split(r"[.,]", text)[0]
    found = _parsed(text, region)
    if found:
        return found
    digits = re.sub(r"\D", "", text).removeprefix("00")
    # Many exports drop the plus: such a number is foreign to the region but complete.
    return _parsed(f"+{digits}", region) if len(digits) >= FEWEST_DIGITS_WITH_COUNTRY_CODE else ""


def _parsed(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
