"""The rules the two departments agreed on."""

from funnels.models.criterion import Criterion, CriterionVersion
from funnels.models.definition import Definition, DefinitionCriterion
from funnels.models.funnel import Funnel, Stage
from funnels.models.loss_reason import LossReason, StageLossReason

__all__ = [
    "Criterion",
    "CriterionVersion",
    "Definition",
    "DefinitionCriterion",
    "Funnel",
    "LossReason",
    "Stage",
    "StageLossReason",
]
