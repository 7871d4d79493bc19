"""The facts: what came in, how it was judged, touched and moved, what was lost, won and sold."""

from leads.models.assessment import Assessment, AssessmentAnswer
from leads.models.assignment import Absence, AssignmentRule
from leads.models.bulk_run import BulkRun
from leads.models.claim import Claim
from leads.models.contact import Contact, ContactPoint
from leads.models.escalation import Escalation
from leads.models.first_run import FirstRun
from leads.models.hook import HookProfile
from leads.models.import_batch import ImportBatch
from leads.models.import_draft import ImportDraft, ImportMemory, ImportPart
from leads.models.lead import Lead, LeadLink, OwnerChange
from leads.models.next_step import NextStep
from leads.models.public_form import Consent, ConsentText, PublicForm, Quarantine
from leads.models.sale import Sale
from leads.models.saved_filter import ListColumns, SavedFilter
from leads.models.source import Campaign, Segment, Source, SourceAlias
from leads.models.submission import Submission
from leads.models.touch import Touch
from leads.models.transition import Transition, TransitionReason

__all__ = [
    "Absence",
    "Assessment",
    "AssessmentAnswer",
    "AssignmentRule",
    "BulkRun",
    "Campaign",
    "Claim",
    "Consent",
    "ConsentText",
    "Contact",
    "ContactPoint",
    "Escalation",
    "FirstRun",
    "HookProfile",
    "ImportBatch",
    "ImportDraft",
    "ImportMemory",
    "ImportPart",
    "Lead",
    "LeadLink",
    "ListColumns",
    "NextStep",
    "OwnerChange",
    "PublicForm",
    "Quarantine",
    "Sale",
    "SavedFilter",
    "Segment",
    "Source",
    "SourceAlias",
    "Submission",
    "Touch",
    "Transition",
    "TransitionReason",
]
