"""Lines of the table under panel 6: who tags more strictly than others at the same sources."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.rules import formats
from funnels.rules.verdict import Verdict
from insights.rules.pick import Pick
from insights.rules.slice import NOBODY, GroupBy, Slice
from insights.rules.strictness import MARKS, OwnerCount
from insights.rules.table import Key
from insights.views.links import leads_url


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """What somebody tagged and what was to be expected; rows stand in the order of names."""

    name: str
    numbers: OwnerCount
    url: str
    observed_url: str
    expected: str
    usual: str
    word: str


def person_line(key: Key, count: OwnerCount, slice: Slice) -> PersonLine:
    """Say of one person what was tagged, what was to be expected, and whether that is unusual."""
    group = (GroupBy.OWNER, key.value)
    is_few = formats.is_few(count.n)
    usual = "—"
    if count.share_low is not None and count.share_high is not None:
        usual = f"{formats.number(count.share_low * 100, 0)}–{formats.percent(count.share_high, 0)}"
    return PersonLine(
        name=key.label,
        numbers=count,
        url=leads_url(slice, Pick(group=group)),
        observed_url=leads_url(slice, Pick(verdict=Verdict.NON_TARGET, group=group)),
        expected="—" if count.expected_share is None or is_few else formats.percent(count.expected_share),
        usual=usual,
        word=_word(count) if key.value != NOBODY else "",
    )


def _word(count: OwnerCount) -> str:
    if count.mark is not None:
        return str(MARKS[count.mark])
    return _("within the usual") if count.low is not None else _("too few leads to say")
