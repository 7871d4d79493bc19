"""What is kept of the counts, which is derived and may be dropped; and the boards people keep, are sent and show."""

from insights.models.counting import Counting, KeptAnswer
from insights.models.kept import ChangedDay, DayCells, FilledDay, StateCount
from insights.models.letters import BoardSubscription
from insights.models.links import BoardLink
from insights.models.restated import Restatement
from insights.models.saved import SavedBoard, StartBoard

__all__ = [
    "BoardLink",
    "BoardSubscription",
    "ChangedDay",
    "Counting",
    "DayCells",
    "FilledDay",
    "KeptAnswer",
    "Restatement",
    "SavedBoard",
    "StartBoard",
    "StateCount",
]
