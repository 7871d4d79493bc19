"""Criteria, stages, reasons and funnels are changed through their pages."""

import pytest

from funnels.models import CriterionVersion, Funnel, LossReason, Stage
from tests.factories.leads import make_lead

pytestmark = pytest.mark.django_db


def criterion_data(**said):
    data = {"name": "City", "failed_name": "Not our city", "wording": "Which city?", "is_blocking": "on"}
    return data | {"answer_type": "yes_no", "comparison": "at_least", "judged_by": "person", "evidence": "none"} | said


def test_a_criterion_of_every_kind_is_written(rules, head, client_of, post):
    client = client_of(head)
    post(client, "rules:criterion_create", rules.funnel.code, **criterion_data())
    post(
        client,
        "rules:criterion_create",
        rules.funnel.code,
        **criterion_data(name="Size", answer_type="number", threshold="5", unit="people", comparison="at_most"),
    )
    post(
        client,
        "rules:criterion_create",
        rules.funnel.code,
        **criterion_data(name="Format", answer_type="choice", options_met="Online\nEvening", options_failed="Day"),
    )
    post(
        client,
        "rules:criterion_create",
        rules.funnel.code,
        **criterion_data(name="Region", judged_by="rule", rule_kind="region_in_list", rule_values="Kazan\nMoscow"),
    )
    made = {version.name: version for version in CriterionVersion.objects.filter(criterion__bit__gte=3)}
    assert made["City"].criterion.code == "city"
    assert (made["Size"].threshold, made["Size"].rule) == (5, {"operator": "at_most"})
    assert [(option["value"], option["met"]) for option in made["Format"].options] == [
        ("online", True),
        ("evening", True),
        ("day", False),
    ]
    assert made["Region"].rule == {"kind": "region_in_list", "values": ["Kazan", "Moscow"]}


def test_a_criterion_nobody_could_answer_is_refused(rules, head, client_of, post):
    response = post(
        client_of(head), "rules:criterion_create", rules.funnel.code, **criterion_data(answer_type="number")
    )
    assert "a number needs a threshold" in response.content.decode()


def test_a_new_version_is_written_and_the_old_one_stays(rules, head, client_of, post):
    criterion = rules.versions["need"].criterion
    data = criterion_data(name="need", failed_name="no need", wording="Is there really need?")
    response = None
    for _again in range(2):
        response = post(client_of(head), "rules:criterion_edit", criterion.pk, **data)
    text = response.content.decode()
    assert "Nothing changed" in text
    assert "other wording" in text
    assert [version.wording for version in criterion.versions.order_by("number")] == [
        "Is there need?",
        "Is there really need?",
    ]


def test_a_criterion_in_force_is_not_archived(rules, head, client_of, post):
    criterion = rules.versions["need"].criterion
    text = post(client_of(head), "rules:criterion_archive", criterion.pk).content.decode()
    assert "publish one without it first" in text


def test_stages_are_added_renamed_and_moved(rules, head, client_of, post):
    client, offer = client_of(head), rules.stages["offer"]
    post(client, "rules:stage_create", rules.funnel.code, name="Trial", milestone="OFFER")
    trial = Stage.objects.get(code="trial")
    post(client, "rules:stage_move", trial.pk, to="up")
    trial.refresh_from_db()
    offer.refresh_from_db()
    assert trial.position < offer.position
    post(client, "rules:stage_edit", offer.pk, name="Proposal")
    assert Stage.objects.get(pk=offer.pk).name == "Proposal"
    text = post(client, "rules:stage_edit", offer.pk, name="Trial").content.decode()
    assert "already called so" in text


def test_a_stage_with_leads_is_refused_with_their_number_and_a_link(rules, head, client_of, post):
    lead = make_lead(rules)
    lead.stage = rules.stages["offer"]
    lead.save()
    client = client_of(head)
    text = post(client, "retiring:stage", rules.stages["offer"].pk).content.decode()
    assert "1 open lead is there" in text
    assert "stage=offer" in text
    lead.stage = rules.stages["contract"]
    lead.save()
    post(client, "retiring:stage", rules.stages["offer"].pk)
    assert Stage.objects.get(code="offer").archived_at is not None
    post(client, "rules:stage_restore", rules.stages["offer"].pk)
    assert Stage.objects.get(code="offer").archived_at is None


def test_the_table_of_reasons_is_saved(rules, head, client_of, post):
    client = client_of(head)
    stage, reason = rules.stages["offer"], rules.reasons["early"]
    shown = f"{rules.stages['new'].pk}:{reason.pk}"
    post(client, "rules:reasons", rules.funnel.code, shown=shown, offered=[shown, f"{stage.pk}:{reason.pk}"])
    assert list(reason.stages.order_by("position")) == [rules.stages["new"], stage]
    text = post(client, "rules:reasons", rules.funnel.code, shown="x", offered=["1:"]).content.decode()
    assert "load the page again" in text


def test_a_reason_is_added_changed_archived_and_restored(rules, head, client_of, page, post):
    client = client_of(head)
    post(client, "rules:reason_create", rules.funnel.code, name="Far", side="client", stages=["new", "offer"])
    far = LossReason.objects.get(code="far")
    assert far.stages.count() == 2
    post(client, "rules:reason_edit", far.pk, name="Too far", side="product", implied_criterion="need", needs_note="on")
    far.refresh_from_db()
    assert (far.name, far.side, far.implied_criterion.code, far.needs_note) == ("Too far", "product", "need", True)
    post(client, "rules:reason_archive", far.pk)
    assert "Archived reasons" in page(client, "reasons", rules.funnel.code)
    post(client, "rules:reason_restore", far.pk)
    far.refresh_from_db()
    assert far.archived_at is None


def test_a_funnel_is_made_renamed_and_archived(rules, head, client_of, post):
    client = client_of(head)
    for _again in range(2):
        text = post(client, "rules:funnel_create", name="Retail").content.decode()
    assert "already called so" in text
    post(client, "rules:funnel_edit", "retail", name="Shops")
    assert Funnel.objects.get(code="retail").name == "Shops"
    post(client, "retiring:funnel", "retail")
    assert Funnel.objects.get(code="retail").archived_at is not None
    post(client, "rules:funnel_restore", "retail")
    assert Funnel.objects.get(code="retail").archived_at is None
