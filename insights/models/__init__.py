"""What is kept of the counts. Derived: it may be dropped and is filled again from the leads."""

from insights.models.kept import ChangedDay, DayCells, FilledDay, StateCount

__all__ = ["ChangedDay", "DayCells", "FilledDay", "StateCount"]
