"""Phone numbers as people and spreadsheets write them."""

import re

import phonenumbers

MAXIMUM_LENGTH = 250  # what the phone library itself is ready to read
SPREADSHEET_FLOAT = re.compile(r"^\+?\d+[.,]0+$")
SCIENTIFIC = re.compile(r"^[+-]?\d+([.,]\d+)?e[+-]?\d+$", re.IGNORECASE)
BETWEEN_NUMBERS = re.compile(r"[;|\n]|\s/\s|,(?=\s*[+\d(])|\s(?:или|or)\s", re.IGNORECASE)
FEWEST_DIGITS_WITH_COUNTRY_CODE = 11


def normalise(text: str, region: str) -> str:
    """Write a phone in E.164, or give an empty text when it is not a phone.

    Of several numbers in one cell the first good one is taken. Scientific notation is refused: a spreadsheet that
    shows 7.9172E+10 has lost the digits, and a rounded number would belong to somebody else.
    """
    for part in BETWEEN_NUMBERS.split(text[:MAXIMUM_LENGTH]):
        number = _one(part.strip(" \t\r'\"\u00a0\u200b\u200e\u202a\u202c\ufeff"), region)
        if number:
            return number
    return ""


def _one(text: str, region: str) -> str:
    if SCIENTIFIC.match(text):
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
