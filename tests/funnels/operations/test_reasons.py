"""Reasons are added, changed, offered at stages and ordered; losses keep theirs."""

import pytest

from crm.models import AuditEvent
from funnels.models import LossReason
from funnels.operations.dictionaries import BelongsToAnotherFunnel, archive_reason
from funnels.operations.reasons import (
    ReasonContent,
    ReasonIsAtTheEnd,
    ReasonNameIsTaken,
    add_reason,
    change_reason,
    move_reason,
    offer_reasons,
    restore_reason,
)
from funnels.queries import reasons_of
from funnels.queries.overview import reasons_in_use
from funnels.rules.definitions import Side
from tests.factories.funnels import LONG_AGO, make_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def rules():
    return make_rules()


def content(name="No answer", **said):
    return ReasonContent(**{"name": name, "side": Side.SALES} | said)


def add(rules, *stages, **said):
    return add_reason(
        funnel=rules.funnel,
        content=content(**said),
        stages=[rules.stages[code] for code in stages],
        by=None,
        at=LONG_AGO,
    )


def offer(rules, shown, chosen):
    return offer_reasons(funnel=rules.funnel, shown=shown, chosen=chosen, by=None, at=LONG_AGO)


def names_at(stage):
    return {reason.code for reason in reasons_of(stage=stage)}


def test_a_reason_is_added_last_with_a_code_of_its_name(rules):
    reason = add(rules, "new", needs_note=True, implied_criterion=rules.versions["need"].criterion)
    assert (reason.code, reason.needs_note, reason.implied_criterion.code) == ("no_answer", True, "need")
    assert reason.position > rules.reasons["other"].position
    assert "no_answer" in names_at(rules.stages["new"])


def test_two_reasons_in_use_are_not_called_alike(rules):
    with pytest.raises(ReasonNameIsTaken):
        add(rules, name="PRICE")
    with pytest.raises(ReasonNameIsTaken):
        change_reason(reason=rules.reasons["early"], content=content("Price"), by=None, at=LONG_AGO)
    archive_reason(reason=rules.reasons["price"], by=None, at=LONG_AGO)
    assert add(rules, name="Price").code == "price"[:5] + "_2"
    with pytest.raises(ReasonNameIsTaken):
        restore_reason(reason=LossReason.objects.get(code="price"), by=None, at=LONG_AGO)


def test_a_change_is_written_with_what_was_before(rules):
    price = rules.reasons["price"]
    said = content("Too dear", implied_criterion=rules.versions["budget"].criterion)
    for _again in range(2):
        change_reason(reason=price, content=said, by=None, at=LONG_AGO)
    price.refresh_from_db()
    assert (price.name, price.side, price.code) == ("Too dear", "sales", "price")
    (event,) = AuditEvent.objects.filter(action="loss_reason.change")
    assert event.changes["from"] == {"name": "Price", "side": "client", "implied_criterion": None}
    assert event.changes["to"]["implied_criterion"] == "budget"


def test_a_criterion_of_another_funnel_is_not_implied(rules):
    foreign = make_rules(code="other").versions["need"].criterion
    with pytest.raises(BelongsToAnotherFunnel):
        change_reason(reason=rules.reasons["price"], content=content(implied_criterion=foreign), by=None, at=LONG_AGO)


def test_only_what_a_person_changed_is_changed(rules):
    new, early = rules.stages["new"], rules.reasons["early"]
    offered = {(new.pk, rules.reasons[code].pk) for code in ("price", "competitor", "early", "other")}
    one, two = (rules.stages["offer"].pk, early.pk), (new.pk, early.pk)
    assert offer(rules, offered, offered | {one}) == 1
    assert offer(rules, offered, offered - {two}) == 1  # a second person, who had not seen the first one's tick
    assert "early" in names_at(rules.stages["offer"])
    assert "early" not in names_at(new)
    assert offer(rules, offered, offered - {two}) == 0
    assert AuditEvent.objects.filter(action="loss_reason.offer").count() == 2


def test_a_cell_of_another_funnel_is_refused(rules):
    foreign = make_rules(code="other")
    with pytest.raises(BelongsToAnotherFunnel):
        offer(rules, set(), {(foreign.stages["new"].pk, rules.reasons["price"].pk)})


def test_reasons_change_places_within_their_side(rules):
    late = add(rules, "new")
    move_reason(reason=late, up=True, by=None, at=LONG_AGO)
    of_sales = [reason.code for reason in reasons_in_use(funnel=rules.funnel) if reason.side == Side.SALES]
    assert of_sales == ["no_answer", "other"]
    late.refresh_from_db()
    with pytest.raises(ReasonIsAtTheEnd):
        move_reason(reason=late, up=True, by=None, at=LONG_AGO)


def test_a_restored_reason_is_offered_where_it_was(rules):
    price = rules.reasons["price"]
    archive_reason(reason=price, by=None, at=LONG_AGO)
    assert "price" not in names_at(rules.stages["new"])
    restore_reason(reason=price, by=None, at=LONG_AGO)
    assert "price" in names_at(rules.stages["new"])
    assert AuditEvent.objects.filter(action="loss_reason.restore").count() == 1


def test_a_reason_restored_from_an_old_page_keeps_what_was_changed_since(rules):
    price = LossReason.objects.get(code="price")
    archive_reason(reason=price, by=None, at=LONG_AGO)
    seen = LossReason.objects.get(code="price")
    change_reason(reason=price, content=content(name="Too dear"), by=None, at=LONG_AGO)
    restore_reason(reason=seen, by=None, at=LONG_AGO)
    restored = LossReason.objects.get(code="price")
    assert (restored.archived_at, restored.name) == (None, "Too dear")
