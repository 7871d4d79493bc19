"""Read the rules."""

from funnels.queries.definitions import (
    CriterionInForce,
    NoDefinition,
    blocking_bits,
    criteria_of,
    current_definition,
    definitions_agreed,
    in_force,
    last_agreed,
    stamp_of,
)
from funnels.queries.dictionaries import (
    FunnelHasNoStage,
    FunnelNotNamed,
    UnknownFunnel,
    first_stage,
    funnel_by_code,
    funnel_named,
    funnels_in_use,
    reasons_of,
    stages_of,
    won_stage,
)

__all__ = [
    "CriterionInForce",
    "FunnelHasNoStage",
    "FunnelNotNamed",
    "NoDefinition",
    "UnknownFunnel",
    "blocking_bits",
    "criteria_of",
    "current_definition",
    "definitions_agreed",
    "first_stage",
    "funnel_by_code",
    "funnel_named",
    "funnels_in_use",
    "in_force",
    "last_agreed",
    "reasons_of",
    "stages_of",
    "stamp_of",
    "won_stage",
]
