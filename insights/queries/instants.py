"""Instants and lengths of time as numbers, which every database writes in a way of its own."""

from typing import Any

from django.db.models import BigIntegerField, FloatField, Func


class Moment(Func):
    """An instant in microseconds, as `insights.rules.tally.moment` tells it; a driver reads numbers soonest."""

    output_field = BigIntegerField()
    template = "CAST(EXTRACT(EPOCH FROM %(expressions)s) * 1000000 AS bigint)"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Write it for SQLite, which keeps instants as text."""
        (column,) = self.get_source_expressions()
        sql, params = compiler.compile(column)
        seconds = f"CAST(strftime('%%s', {sql}) AS INTEGER)"
        return f"({seconds} * 1000000 + CAST(substr({sql}, 21, 6) AS INTEGER))", (*params, *params)


class Seconds(Func):
    """A length of time in seconds."""

    output_field = FloatField()
    template = "CAST(EXTRACT(EPOCH FROM %(expressions)s) AS double precision)"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Write it for SQLite, which keeps lengths of time in microseconds."""
        return self.as_sql(compiler, connection, template="((%(expressions)s) / 1000000.0)", **extra)
