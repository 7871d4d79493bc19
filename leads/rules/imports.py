"""How far a spreadsheet has come, and for how long it is kept."""

from datetime import timedelta
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

DRAFT_KEPT_FOR = timedelta(days=7)
FILE_KEPT_FOR = timedelta(days=30)


class ImportState(StrEnum):
    """Where an import stands. Prepared: its columns and words may be changed."""

    PREPARED = "prepared"
    TRYING = "trying"
    TRIED = "tried"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    UNDOING = "undoing"


IMPORT_STATE_LABELS = {
    ImportState.PREPARED: _("being prepared"),
    ImportState.TRYING: _("being checked"),
    ImportState.TRIED: _("checked, not started"),
    ImportState.RUNNING: _("running"),
    ImportState.DONE: _("finished"),
    ImportState.STOPPED: _("stopped"),
    ImportState.UNDOING: _("being undone"),
}
WORKING = (ImportState.TRYING, ImportState.RUNNING)
STARTED = (ImportState.RUNNING, ImportState.DONE, ImportState.STOPPED, ImportState.UNDOING)
