"""Russian formats: the thousands are parted by a no-break space, the decimals by a comma."""

THOUSAND_SEPARATOR = "\xa0"
DECIMAL_SEPARATOR = ","
NUMBER_GROUPING = 3

# Read by crm.rules.formats: the unit stands apart from its number.
PERCENT_FORMAT = "{number}\xa0%"
POINTS_FORMAT = "{number}\xa0п.п."
MONEY_FORMAT = "{amount}\xa0{currency}"
DAY_FORMAT = "j\xa0E"  # the genitive, shortened there: 16 мая, 16 ноя
DAY_YEAR_FORMAT = "j\xa0E\xa0Y"
