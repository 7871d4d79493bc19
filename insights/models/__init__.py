"""What is kept of the counts, which is derived and may be dropped; and the boards people keep, are sent and show."""

from insights.models.kept import ChangedDay, FilledDay, StateCount
from insights.models.letters import BoardSubscription
from insights.models.links import BoardLink
from insights.models.saved import SavedBoard, StartBoard

__all__ = ["BoardLink", "BoardSubscription", "ChangedDay", "FilledDay", "SavedBoard", "StartBoard", "StateCount"]
