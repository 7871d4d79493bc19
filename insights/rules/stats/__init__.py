"""Closed forms of the statistics shown, standard library only; n = 0 gives None, never 0 and never an exception."""

from insights.rules.stats.agreement import (
    cohen_kappa,
    cohen_kappa_error,
    cohen_kappa_interval,
    fleiss_kappa,
    gwet_ac1,
    kripp_nominal,
    observed_agreement,
)
from insights.rules.stats.control import (
    ShareChart,
    ValueChart,
    between_groups,
    individuals,
    longest_run,
    p_prime,
    shrink,
    shrinking_factor,
)
from insights.rules.stats.intervals import (
    Difference,
    Interval,
    difference_in_differences,
    n_per_group,
    newcombe,
    quantile,
    wilson,
)
from insights.rules.stats.mix import MixAndRate, centred_mix, kitagawa, lmdi, substitution
from insights.rules.stats.significance import bh, contrast_p, fisher, holm, two_prop_p
from insights.rules.stats.survival import Step, aalen_johansen, percentile

__all__ = [
    "Difference",
    "Interval",
    "MixAndRate",
    "ShareChart",
    "Step",
    "ValueChart",
    "aalen_johansen",
    "between_groups",
    "bh",
    "centred_mix",
    "cohen_kappa",
    "cohen_kappa_error",
    "cohen_kappa_interval",
    "contrast_p",
    "difference_in_differences",
    "fisher",
    "fleiss_kappa",
    "gwet_ac1",
    "holm",
    "individuals",
    "kitagawa",
    "kripp_nominal",
    "lmdi",
    "longest_run",
    "n_per_group",
    "newcombe",
    "observed_agreement",
    "p_prime",
    "percentile",
    "quantile",
    "shrink",
    "shrinking_factor",
    "substitution",
    "two_prop_p",
    "wilson",
]
