"""The pages of the rules: what they show to whom, what a form writes, what a refusal says."""

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from funnels.models import Definition, Funnel
from funnels.operations.definitions import draft_definition, publish_definition, sign_definition
from funnels.operations.dictionaries import create_criterion
from funnels.rules.definitions import Side
from tests.factories.funnels import content_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(rules):
    now = timezone.now()
    versions = [rules.versions["need"], rules.versions["budget"]]
    return draft_definition(
        funnel=rules.funnel, versions=versions, note="Because", effective_from_at=now, by=None, at=now
    )


def line_data(rules, *codes, note="Because", **more):
    """Fill in the form of a draft: these criteria in this order."""
    data = {"note": note, "effective_on": ""}
    for version in rules.versions.values():
        pk = version.criterion_id
        data |= {f"version_{pk}": version.pk, f"place_{pk}": 9}
    for place, code in enumerate(codes, start=1):
        pk = rules.versions[code].criterion_id
        data |= {f"ask_{pk}": "on", f"place_{pk}": place}
    return data | more


def test_everybody_reads_and_only_drafters_are_offered_changes(rules, users, client_of, page):
    for role, person in users.items():
        text = page(client_of(person), "overview")
        assert "Is there contact valid?" in text
        assert "Price" in text
        assert ("Draft a change" in text) is (role in ("admin", "head", "marketer"))


def test_the_overview_costs_the_same_for_more_rules(rules, manager, client_of, page):
    client = client_of(manager)

    def cost():
        with CaptureQueriesContext(connection) as asked:
            page(client, "overview")
        return len(asked)

    page(client, "overview")
    before = cost()
    for number in range(5):
        create_criterion(
            funnel=rules.funnel, code=f"c{number}", content=content_of(f"c{number}"), by=None, at=timezone.now()
        )
    assert cost() == before


def test_without_a_funnel_it_says_how_to_begin(head, manager, client_of, page, post):
    assert "preset" not in page(client_of(manager), "overview")
    client = client_of(head)
    assert reverse("rules:preset", args=["online-school"]) in page(client, "overview")
    assert "Dead contact" in page(client, "preset", "online-school")
    for _again in range(2):
        response = post(client, "rules:preset", "online-school")
        assert response.redirect_chain[-1][0] == reverse("rules:funnel", args=["online-school"])
    assert Funnel.objects.count() == 1


def test_an_unknown_preset_is_not_there(head, client_of):
    assert client_of(head).get(reverse("rules:preset", args=["nothing"])).status_code == HTTPStatus.NOT_FOUND


def test_a_draft_is_written_in_the_order_of_its_places(rules, head, client_of, post):
    client = client_of(head)
    for _again in range(2):
        response = post(client, "rules:draft_create", rules.funnel.code, **line_data(rules, "budget", "need"))
    draft = Definition.objects.get(published_at=None)
    asked = draft.entries.order_by("position").values_list("criterion_version__criterion__code", flat=True)
    assert list(asked) == ["budget", "need"]
    assert response.redirect_chain[-1][0] == reverse("rules:draft", args=[draft.pk])
    text = response.content.decode()
    assert "asked no more" in text
    assert "contact valid" in text


def test_a_draft_that_cannot_stand_is_said_so_and_nothing_typed_is_lost(rules, head, client_of, post):
    response = post(client_of(head), "rules:draft_create", rules.funnel.code, **line_data(rules, "budget", note="Oh"))
    text = response.content.decode()
    assert "at least one blocking criterion" in text
    assert "Oh" in text
    assert not Definition.objects.filter(published_at=None).exists()


def test_a_day_to_come_into_force_is_the_organisations_day(rules, head, client_of, post):
    day = (timezone.now() + timedelta(days=10)).date()
    post(client_of(head), "rules:draft_create", rules.funnel.code, **line_data(rules, "need", effective_on=str(day)))
    starts = Definition.objects.get(published_at=None).effective_from_at
    assert starts.isoformat() == f"{day - timedelta(days=1)}T21:00:00+00:00"  # Moscow's midnight


def test_two_sides_sign_and_it_is_published(rules, draft, head, marketer, client_of, page, post):
    heads, marketers = client_of(head), client_of(marketer)
    assert "Sign for sales" in page(heads, "draft", draft.pk)
    assert "Sign for sales" not in page(marketers, "draft", draft.pk)
    for _again in range(2):
        response = post(marketers, "rules:draft_sign", draft.pk, side="marketing")
    assert "You have signed already." in response.content.decode()
    assert Definition.objects.get(pk=draft.pk).published_at is None
    post(heads, "rules:draft_sign", draft.pk, side="sales")
    for _again in range(2):
        response = post(heads, "rules:draft_publish", draft.pk)
    assert "published already" in response.content.decode()
    assert Definition.objects.get(pk=draft.pk).published_at is not None
    assert client_of(head).get(reverse("rules:draft", args=[draft.pk])).status_code == HTTPStatus.FOUND
    history = page(heads, "history", rules.funnel.code)
    assert head.name in history
    assert marketer.name in history


def test_whose_signature_a_draft_waits_for_is_said(rules, draft, head, marketer, client_of, page):
    assert f"not signed yet · may sign: {marketer.name}" in page(client_of(head), "draft", draft.pk)
    assert f"not signed yet · may sign: {head.name}" in page(client_of(marketer), "draft", draft.pk)
    type(marketer).objects.filter(pk=marketer.pk).update(is_active=False)
    assert "have an administrator invite a marketer" in page(client_of(head), "draft", draft.pk)


def test_a_wrong_side_signs_nothing(draft, head, admin, client_of, post):
    for person, side in ((head, "marketing"), (admin, "sales"), (head, "client"), (head, "nobody")):
        post(client_of(person), "rules:draft_sign", draft.pk, side=side)
    draft = Definition.objects.get(pk=draft.pk)
    assert (draft.marketing_signed_at, draft.sales_signed_at) == (None, None)


def test_an_edit_after_a_signature_says_that_it_is_gone(rules, draft, head, client_of, post):
    sign_definition(definition=draft, side=Side.SALES, by=head, at=timezone.now())
    response = post(client_of(head), "rules:draft_edit", draft.pk, **line_data(rules, "need"))
    assert "both sides sign anew" in response.content.decode()


def hidden(text, name):
    return re.search(rf'name="{name}" value="([^"]+)"', text)[1]


def test_a_draft_changed_while_somebody_reads_it_is_not_signed(rules, draft, head, marketer, client_of, page, post):
    seen = hidden(page(client_of(head), "draft", draft.pk), "seen")
    post(client_of(marketer), "rules:draft_edit", draft.pk, **line_data(rules, "need", note="Theirs"))
    response = post(client_of(head), "rules:draft_sign", draft.pk, side="sales", seen=seen)
    assert "Somebody changed this draft" in response.content.decode()
    assert Definition.objects.get(pk=draft.pk).sales_signed_at is None
    post(client_of(head), "rules:draft_sign", draft.pk, side="sales", seen=hidden(response.content.decode(), "seen"))
    assert Definition.objects.get(pk=draft.pk).sales_signed_by == head


def test_what_another_wrote_meanwhile_is_told_before_it_is_overwritten(
    rules, draft, head, marketer, client_of, page, post
):
    seen = hidden(page(client_of(head), "draft_edit", draft.pk), "seen")
    post(client_of(marketer), "rules:draft_edit", draft.pk, **line_data(rules, "need", note="Theirs"))
    mine = line_data(rules, "budget", "need", note="Mine")
    text = post(client_of(head), "rules:draft_edit", draft.pk, **mine, seen=seen).content.decode()
    assert "Somebody changed this draft" in text
    assert "What it says now" in text
    assert "Mine" in text
    assert Definition.objects.get(pk=draft.pk).note == "Theirs"
    post(client_of(head), "rules:draft_edit", draft.pk, **mine, seen=hidden(text, "seen"))
    assert Definition.objects.get(pk=draft.pk).note == "Mine"


def test_an_outdated_draft_shows_what_has_changed_meanwhile(rules, draft, head, marketer, client_of, page):
    now = timezone.now()
    other = draft_definition(
        funnel=rules.funnel, versions=[rules.versions["need"]], note="", effective_from_at=now, by=None, at=now
    )
    for side, person in ((Side.MARKETING, marketer), (Side.SALES, head)):
        sign_definition(definition=other, side=side, by=person, at=now)
    publish_definition(definition=other, by=head, at=now)
    text = page(client_of(head), "draft", draft.pk)
    assert "Version 3 was published after this draft was written." in text
    assert "Sign for sales" not in text


def test_what_is_agreed_on_for_later_is_seen_coming(rules, head, marketer, manager, client_of, page):
    now = timezone.now()
    later = draft_definition(
        funnel=rules.funnel,
        versions=[rules.versions["need"]],
        note="From next month",
        effective_from_at=now + timedelta(days=30),
        by=None,
        at=now,
    )
    for side, person in ((Side.MARKETING, marketer), (Side.SALES, head)):
        sign_definition(definition=later, side=side, by=person, at=now)
    publish_definition(definition=later, by=head, at=now)
    text = page(client_of(manager), "overview")
    assert "Version 1 is in force" in text
    assert "Version 2 comes into force on" in text
    assert "to come" in page(client_of(manager), "history", rules.funnel.code)


def test_a_draft_is_put_away_and_taken_back(draft, head, client_of, page, post):
    client = client_of(head)
    post(client, "rules:draft_discard", draft.pk)
    assert "Take the draft back" in page(client, "draft", draft.pk)
    post(client, "rules:draft_take_back", draft.pk)
    assert "Change the draft" in page(client, "draft", draft.pk)


@pytest.mark.parametrize("name", ["draft", "criterion"])
def test_what_does_not_exist_is_not_there(name, head, client_of):
    assert client_of(head).get(reverse(f"rules:{name}", args=[999])).status_code == HTTPStatus.NOT_FOUND
