"""What a table of restated leads says besides: of how many nothing can be said any more."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from insights.rules.columns import Column
from insights.rules.quality import QUALITY_COLUMNS

_AFTER: Final = [column.code for column in QUALITY_COLUMNS].index("overdue") + 1
RESTATED_COLUMNS: Final = (
    *QUALITY_COLUMNS[:_AFTER],
    Column("not_restated", _("Not decided: cannot be restated")),
    *QUALITY_COLUMNS[_AFTER:],
)
