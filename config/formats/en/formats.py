"""English formats: ISO-like dates are understood everywhere, so the day comes before the month's name."""

DATE_FORMAT = "j N Y"
SHORT_DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "j N Y, H:i"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"
TIME_FORMAT = "H:i"

# Read by crm.rules.formats.
PERCENT_FORMAT = "{number}%"
POINTS_FORMAT = "{number}\xa0pp"
MONEY_FORMAT = "{currency}{amount}"
DAY_FORMAT = "j\xa0M"
DAY_YEAR_FORMAT = "j\xa0M\xa0Y"
