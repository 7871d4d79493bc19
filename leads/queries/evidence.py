"""What the log of touches proves about a contact that cannot be reached."""

from datetime import datetime

from crm.queries.organisation import settings_at
from leads.models import Lead
from leads.rules.evidence import PROVING_RESULTS, UNANSWERED, Attempt, EvidenceAtHand, Needed, missing_effort
from leads.rules.facts import TouchActor, TouchChannel, TouchResult
from leads.rules.times import effective_at


def evidence_at_hand(*, lead: Lead, at: datetime) -> EvidenceAtHand:
    """Weigh the touches of a lead: the last proof of a dead contact, and how much effort is still missing.

    Only people's own attempts count, and a back-dated one counts from a day before it was written down at most: five
    calls typed in at once are not five calls on three days.
    """
    organisation = settings_at(at)
    touches = list(lead.touches.order_by("recorded_at", "id"))
    proofs = [touch for touch in touches if touch.result in PROVING_RESULTS]
    attempts = [
        Attempt(
            at=effective_at(occurred_at=touch.occurred_at, recorded_at=touch.recorded_at),
            channel=TouchChannel(touch.channel),
        )
        for touch in touches
        if touch.actor == TouchActor.HUMAN and not touch.is_inbound and touch.result in UNANSWERED
    ]
    needed = Needed(
        attempts=organisation.unreachable_attempts,
        days=organisation.unreachable_days,
        channels=organisation.unreachable_channels,
    )
    missing = missing_effort(attempts=attempts, needed=needed, zone=organisation.time_zone)
    if not proofs:
        return EvidenceAtHand(missing=missing)
    return EvidenceAtHand(
        proof=PROVING_RESULTS[TouchResult(proofs[-1].result)], proof_ref=f"touch:{proofs[-1].pk}", missing=missing
    )
