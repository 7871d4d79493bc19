"""What a click on a number of the funnel asks for survives its address; what makes no sense is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.errors import DomainError
from funnels.rules.definitions import Side
from funnels.rules.moves import Milestone
from insights.rules import pick as picks
from insights.rules.losses import Level
from insights.rules.pick import Pick
from insights.rules.pick_funnel import Closed, Fate, FunnelPick

milestones = st.sampled_from(Milestone)
because = st.one_of(
    st.tuples(st.sampled_from([Level.REASON, Level.GROUP]), st.sampled_from(["price", "money"])),
    st.tuples(st.just(Level.SIDE), st.sampled_from([side.value for side in Side])),
)
funnel_picks = st.one_of(
    st.builds(FunnelPick, milestone=milestones, fate=st.sampled_from(Fate)),
    st.builds(FunnelPick, milestone=milestones, fate=st.just(Fate.LOST), because=because, sole=st.booleans()),
    st.builds(FunnelPick, closed=st.sampled_from(Closed)),
)


@given(funnel_picks)
def test_a_pick_is_read_back(pick: FunnelPick) -> None:
    assert picks.parse(Pick(funnel=pick).to_query()) == Pick(funnel=pick)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"milestone": ["OFFER"]}, "milestone"),
        ({"fate": ["lost"]}, "fate"),
        ({"milestone": ["offer"], "fate": ["sold"]}, "fate"),
        ({"milestone": ["offer"], "reason": ["price"]}, "fate"),
        ({"milestone": ["offer"], "fate": ["lost"], "reason_alone": ["1"]}, "reason_alone"),
        ({"milestone": ["offer"], "fate": ["lost"], "reason": ["price"], "reason_alone": ["yes"]}, "reason_alone"),
        ({"milestone": ["offer"], "fate": ["lost"], "reason": ["price"], "reason_side": ["sales"]}, "reason_side"),
        ({"milestone": ["offer"], "fate": ["lost"], "reason_side": ["nobody"]}, "reason_side"),
        ({"closed": ["yes"]}, "closed"),
        ({"closed": ["won"], "milestone": ["offer"]}, "milestone"),
        ({"kind": ["test"], "milestone": ["offer"]}, "milestone"),
        ({"kind": ["duplicate"], "closed": ["won"]}, "closed"),
    ],
)
def test_a_mistyped_pick_is_refused(query: dict[str, list[str]], named: str) -> None:
    with pytest.raises(DomainError) as refusal:
        picks.parse(query)
    assert refusal.value.field == named
