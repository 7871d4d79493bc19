"""What the table of grants says, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.rules.permissions import Permission, Reach

PERMISSION_LABELS: Mapping[Permission, Any] = {
    Permission.READ_LEADS: _("Look at leads"),
    Permission.SEE_CONTACTS: _("See names, phones and e-mails"),
    Permission.CREATE_LEAD: _("Take in a lead by hand"),
    Permission.EDIT_LEAD: _("Change, move and win a lead"),
    Permission.JUDGE_LEAD: _("Judge and lose a lead"),
    Permission.DISPUTE_VERDICT: _("Dispute a verdict"),
    Permission.RULE_ON_DISPUTE: _("Decide a dispute"),
    Permission.BULK_ACT: _("Change many leads at once"),
    Permission.MERGE_LEADS: _("Merge duplicates"),
    Permission.IMPORT_LEADS: _("Import leads"),
    Permission.IMPORT_MONEY: _("Import costs and sales"),
    Permission.EXPORT_ROWS: _("Take leads as a file"),
    Permission.VIEW_BOARD: _("See the board"),
    Permission.DRILL_DOWN: _("Open a number to its leads"),
    Permission.SHARE_BOARD: _("Show the board to people outside"),
    Permission.DRAFT_RULES: _("Draft rules"),
    Permission.SIGN_FOR_MARKETING: _("Sign rules for marketing"),
    Permission.SIGN_FOR_SALES: _("Sign rules for sales"),
    Permission.REVIEW: _("Hold reviews"),
    Permission.READ_REVIEWS: _("Read reviews"),
    Permission.ADMINISTER: _("Settings, people, integrations"),
}
REACH_LABELS: Mapping[Reach, Any] = {
    Reach.ALL: pgettext_lazy("how far a right goes", "all"),
    Reach.TEAM: pgettext_lazy("how far a right goes", "the team’s"),
    Reach.OWN: pgettext_lazy("how far a right goes", "one’s own"),
    Reach.MASKED: pgettext_lazy("how far a right goes", "without contacts"),
    Reach.SOURCES: pgettext_lazy("how far a right goes", "of its sources"),
    Reach.NONE: pgettext_lazy("how far a right goes", "no"),
}
