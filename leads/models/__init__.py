"""The facts: what came in, how it was judged, touched and moved, what was lost, won and sold."""

from leads.models.assessment import Assessment, AssessmentAnswer
from leads.models.contact import Contact, ContactPoint
from leads.models.hook import HookProfile
from leads.models.import_batch import ImportBatch
from leads.models.lead import Lead, LeadLink, OwnerChange
from leads.models.public_form import Consent, ConsentText, PublicForm, Quarantine
from leads.models.sale import Sale
from leads.models.source import Campaign, Segment, Source, SourceAlias
from leads.models.submission import Submission
from leads.models.touch import Touch
from leads.models.transition import Transition, TransitionReason

__all__ = [
    "Assessment",
    "AssessmentAnswer",
    "Campaign",
    "Consent",
    "ConsentText",
    "Contact",
    "ContactPoint",
    "HookProfile",
    "ImportBatch",
    "Lead",
    "LeadLink",
    "OwnerChange",
    "PublicForm",
    "Quarantine",
    "Sale",
    "Segment",
    "Source",
    "SourceAlias",
    "Submission",
    "Touch",
    "Transition",
    "TransitionReason",
]
