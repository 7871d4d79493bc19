"""What is kept of the counts, and how far a long counting has come. Derived: it may be dropped and is filled again."""

from insights.models.counting import Counting, KeptAnswer
from insights.models.kept import ChangedDay, DayCells, FilledDay, StateCount
from insights.models.restated import Restatement

__all__ = ["ChangedDay", "Counting", "DayCells", "FilledDay", "KeptAnswer", "Restatement", "StateCount"]
