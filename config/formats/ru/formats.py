"""Russian formats: the thousands are parted by a no-break space, the decimals by a comma."""

THOUSAND_SEPARATOR = "\xa0"
DECIMAL_SEPARATOR = ","
NUMBER_GROUPING = 3
