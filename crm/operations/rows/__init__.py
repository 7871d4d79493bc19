"""New rows of several kinds, gathered and written together: by one statement on PostgreSQL, kind by kind elsewhere."""

from crm.operations.rows.gathered import Rows, by_one_statement
from crm.operations.rows.statement import Overtaken

__all__ = ["Overtaken", "Rows", "by_one_statement"]
