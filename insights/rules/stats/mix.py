"""What a change is made of: the mixture, the rates, the factors."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class MixAndRate(NamedTuple):
    """Parts of a change of a share, by group: because of its weight, and because of its own share."""

    mix: dict[str, float]
    rate: dict[str, float]


def kitagawa(
    weights_before: Mapping[str, float],
    rates_before: Mapping[str, float],
    weights_after: Mapping[str, float],
    rates_after: Mapping[str, float],
) -> MixAndRate:
    """Return the exact split of Σ w·r's change into mix and rate.

    Kitagawa, Journal of the American Statistical Association 50 (1955) 1168–1194. A group present at one end only
    borrows the rate of that end, so that all of its effect is mix.
    """
    mix: dict[str, float] = {}
    rate: dict[str, float] = {}
    for group in sorted(set(rates_before) | set(rates_after)):
        before, after = weights_before.get(group, 0.0), weights_after.get(group, 0.0)
        first = rates_before[group] if group in rates_before else rates_after[group]
        last = rates_after[group] if group in rates_after else rates_before[group]
        mix[group] = (after - before) * (first + last) / 2
        rate[group] = (last - first) * (before + after) / 2
    return MixAndRate(mix, rate)


def centred_mix(
    weights_before: Mapping[str, float],
    rates_before: Mapping[str, float],
    weights_after: Mapping[str, float],
    rates_after: Mapping[str, float],
) -> dict[str, float]:
    """Return each group's mix part measured from the whole's mean rate; the sum stays that of `kitagawa`.

    Then growth of a worse group and shrinking of a better one are both positive, as readers expect.
    """
    mix, _rate = kitagawa(weights_before, rates_before, weights_after, rates_after)
    whole_before = sum(weights_before[group] * rates_before[group] for group in rates_before)
    whole_after = sum(weights_after[group] * rates_after[group] for group in rates_after)
    mean = (whole_before + whole_after) / 2
    return {
        group: part - (weights_after.get(group, 0.0) - weights_before.get(group, 0.0)) * mean
        for group, part in mix.items()
    }


def lmdi(before: Sequence[float], after: Sequence[float]) -> list[float] | None:
    """Return what each factor of a product contributed to the product's change; nothing when a factor is not positive.

    Logarithmic mean Divisia index: Ang, Energy Policy 33 (2005) 867–871. Exact, and the order of factors is immaterial.
    """
    if any(factor <= 0 for factor in (*before, *after)):
        return None
    first, last = math.prod(before), math.prod(after)
    mean = first if first == last else (last - first) / math.log(last / first)
    return [mean * math.log(new / old) for old, new in zip(before, after, strict=True)]


def substitution(before: Sequence[float], after: Sequence[float]) -> list[float]:
    """Return each factor's contribution when they are replaced one after another: for factors at zero.

    Exact too, but it depends on the order of the factors, which the page must say.
    """
    parts = []
    current = list(before)
    for index, new in enumerate(after):
        value = math.prod(current)
        current[index] = new
        parts.append(math.prod(current) - value)
    return parts
