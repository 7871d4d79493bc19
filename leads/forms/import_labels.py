"""Names of fields, encodings and delimiters for the pages of an import."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads.intake.told import IGNORE, KEEP

ENCODINGS = (
    ("utf-8", "UTF-8"),
    ("utf-8-sig", _("UTF-8 with a mark")),
    ("cp1251", "Windows-1251"),
    ("utf-16", "UTF-16"),
    ("utf-16-le", "UTF-16 LE"),
    ("utf-16-be", "UTF-16 BE"),
    ("koi8-r", "KOI8-R"),
    ("cp1252", "Windows-1252"),
)
DELIMITERS = ((";", _("semicolon ;")), (",", _("comma ,")), ("\t", _("tab")))
DATE_FORMATS = (
    ("", _("as 02.03.2026 or 2026-03-02")),
    ("%d/%m/%Y", _("day/month/year: 02/03/2026")),
    ("%m/%d/%Y", _("month/day/year: 03/02/2026")),
    ("%d/%m/%Y %H:%M", _("day/month/year with the time")),
    ("%m/%d/%Y %H:%M", _("month/day/year with the time")),
    ("%d.%m.%y", _("day.month.year of two digits: 02.03.26")),
    ("%d-%m-%Y", _("day-month-year: 02-03-2026")),
)
COLUMN_CHOICES: Sequence[tuple[Any, Any]] = (
    (KEEP, _("keep as it is, beside the lead")),
    (IGNORE, _("leave out")),
    (
        _("Who it is"),
        (
            ("phone", _("Phone")),
            ("email", _("E-mail")),
            ("name", _("Name")),
            ("company", _("Company")),
            ("external_id", _("Id in the other system")),
            ("message", _("Message")),
        ),
    ),
    (
        _("Where from and when"),
        (
            ("created_at", _("Came at")),
            ("source", _("Source")),
            ("first_source", _("Source of the first visit")),
            ("last_source", _("Source of the last visit")),
            ("campaign", _("Campaign")),
            ("segment", _("Segment")),
            ("utm_source", "utm_source"),
            ("utm_medium", "utm_medium"),
            ("utm_campaign", "utm_campaign"),
            ("utm_term", "utm_term"),
            ("utm_content", "utm_content"),
        ),
    ),
    (
        _("What became of it"),
        (
            ("tag", pgettext_lazy("a column", "Tag: target or why not")),
            ("stage", _("Stage")),
            ("owner", _("Owner")),
            ("first_touch_at", _("First touch at")),
            ("lost_at", _("Lost at")),
            ("lost_reason", _("Reason of loss")),
            ("lost_note", _("Note on the loss")),
            ("won", pgettext_lazy("a column", "Won: yes or no")),
            ("won_at", _("Won at")),
            ("amount", _("Amount")),
        ),
    ),
)
