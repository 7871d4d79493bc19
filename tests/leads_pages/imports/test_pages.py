"""The pages of an import: who may come, what is refused and how soon, what is handed back, what is undone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm.models import User
from crm.operations import jobs
from crm.rules.roles import Role
from leads.models import ImportBatch, ImportDraft, Lead, Submission
from leads.operations.imports import undoing
from tests.factories.crm import TeamFactory, UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.leads_pages.imports.walk import Walk

HEADINGS = "Имя;Телефон;Дата;Сумма;Тег"
STEPS = ("file", "columns", "words", "trial")


def csv(*rows: str) -> bytes:
    return "\n".join([HEADINGS, *rows]).encode("cp1251")


def errors(response: object) -> str:
    return str(response.context["form"].errors)  # type: ignore[attr-defined]


def test_a_stranger_is_sent_to_the_login_page(client: Client, walk: Walk) -> None:
    walk.upload(csv("Анна;;;;"))
    for url in (reverse("imports:list"), reverse("imports:upload"), *(walk.url(step) for step in STEPS)):
        assert client.get(url)["Location"].startswith("/login/")


@pytest.mark.parametrize("role", [Role.MANAGER, Role.MARKETER, Role.EXECUTIVE])
def test_the_wrong_role_is_refused(
    role: Role, users: dict[Role, User], walk: Walk, client_of: Callable[[User], Client]
) -> None:
    walk.upload(csv("Анна;;;;"))
    client = client_of(users[role])
    assert client.get(reverse("imports:list")).status_code == HTTPStatus.FORBIDDEN
    assert client.post(walk.url("start")).status_code == HTTPStatus.FORBIDDEN


def test_one_funnel_is_not_asked_for_and_of_several_one_is_chosen(walk: Walk, rules: Rules) -> None:
    page = walk.client.get(reverse("imports:upload")).content.decode()
    assert 'type="hidden" name="funnel" value="sales"' in page
    make_rules(code="repeat")
    assert '<select name="funnel"' in walk.client.get(reverse("imports:upload")).content.decode()


def test_without_a_funnel_the_page_leads_to_the_rules(admin: User, client_of: Callable[[User], Client]) -> None:
    page = client_of(admin).get(reverse("imports:upload")).content.decode()
    assert "There is no funnel yet" in page
    assert 'type="file"' not in page


def test_the_button_counts_the_rows_that_come_in(walk: Walk) -> None:
    walk.upload(csv("Анна;;01.02.2026;;", "Пётр;;когда-нибудь;;"))
    walk.columns()
    walk.check()
    assert "Import 1 row" in walk.client.get(walk.url("trial")).content.decode()


def test_samples_of_a_column_do_not_repeat_themselves(walk: Walk) -> None:
    walk.upload(csv("Анна;;;;x", "Анна;;;;x", "Пётр;;;;x"))
    (first, *_others) = walk.client.get(walk.url("columns")).context["form"].rows
    assert first[1] == ["Анна", "Пётр"]


def test_what_a_tag_may_mean_says_whether_a_criterion_is_met(walk: Walk) -> None:
    walk.upload(csv("Анна;;;;нет бюджета"))
    walk.columns()
    page = walk.client.get(walk.url("words")).content.decode()
    assert "✓ budget" in page
    assert "✕ no budget" in page
    assert "lost because" in page


def test_who_looks_on_is_told_when_nothing_moves_any_more(walk: Walk, settings: LazySettings) -> None:
    walk.upload(csv("Анна;;;;", "Пётр;;;;"))
    walk.columns()
    walk.client.post(walk.url("trial"))
    assert "Keep this page open" in walk.client.get(walk.url("trial")).content.decode()
    settings.REDIS_URL = "redis://nobody.invalid:1/0"
    assert "it goes on without you" in walk.client.get(walk.url("trial")).content.decode()
    ImportDraft.objects.update(totals=walk.draft.totals | {"rows": 1})  # then the worker was killed

    def looked(*, done: int, at: datetime) -> str:
        seen = {"done": str(done), "moved_at": at.isoformat()}
        return walk.client.post(walk.url("progress"), seen, headers={"hx-request": "true"}).content.decode()

    said, then = "Nothing has moved for a minute", timezone.now() - timedelta(seconds=61)
    page = looked(done=1, at=then)
    assert said in page
    assert f'name="moved_at" value="{then.isoformat()}"' in page  # it is brought again with the next look
    assert said not in looked(done=1, at=timezone.now())
    page = looked(done=0, at=then)
    assert said not in page
    assert then.isoformat() not in page


def test_an_import_of_another_team_does_not_exist(walk: Walk, client_of: Callable[[User], Client]) -> None:
    walk.upload(csv("Анна;;;;"))
    other = client_of(UserFactory(role=Role.HEAD, team=TeamFactory(name="South")))
    for step in (*STEPS, "run", "failed", "undo"):
        assert other.get(walk.url(step)).status_code == HTTPStatus.NOT_FOUND
    assert "leads.csv" not in other.get(reverse("imports:list")).content.decode()


def test_an_administrator_sees_the_imports_of_all(walk: Walk, admin: User, client_of: Callable[[User], Client]) -> None:
    walk.upload(csv("Анна;;;;"))
    assert "leads.csv" in client_of(admin).get(reverse("imports:list")).content.decode()


def test_the_list_asks_the_database_as_often_for_many(
    walk: Walk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        walk.upload(csv(f"Анна {number};;;;"))
    with django_assert_max_num_queries(8):
        assert walk.client.get(reverse("imports:list")).status_code == HTTPStatus.OK


def test_a_thousand_broken_rows_are_told_handed_back_and_come_in_corrected(walk: Walk) -> None:
    rows = [
        f"Клиент {number};+79{number:09d};{'когда-то' if number % 3 == 0 else '02.03.2026'};;" for number in range(3000)
    ]
    rows[1] += ";лишнее"
    draft = walk.through(csv(*rows), source="Партнёр")
    assert draft.batch is not None
    assert (draft.batch.created_count, draft.batch.failed_count) == (1999, 1001)
    page = walk.client.get(walk.url("run"))
    assert [(kind.column, kind.count) for kind in page.context["outcome"].kinds] == [("Дата", 1000), ("", 1)]
    handed_back = walk.client.get(walk.url("failed"))
    assert handed_back["Content-Disposition"].startswith("attachment")
    lines = handed_back.content.decode("cp1251").splitlines()
    assert len(lines) == 1002
    corrected = handed_back.content.decode("cp1251").replace("когда-то", "03.03.2026").replace(";лишнее", "")
    again = walk.through(corrected.encode("cp1251"), source="Партнёр")
    assert again.batch is not None
    assert (again.batch.created_count, again.batch.failed_count) == (1001, 0)
    assert Lead.objects.count() == 3000


def test_what_is_handed_back_is_no_formula_and_comes_in_as_it_was(walk: Walk) -> None:
    walk.through(csv('=HYPERLINK("x");+79161234567;never;;', "@sum;;never;;"))
    text = walk.client.get(walk.url("failed")).content.decode("cp1251")
    cells = [cell.strip('"') for line in text.splitlines() for cell in line.split(";")]
    assert [cell for cell in cells if cell.startswith(("=", "@"))] == []
    assert "+79161234567" in cells
    walk.through(text.replace("never", "").encode("cp1251"))
    assert set(Lead.objects.values_list("contact__name", flat=True)) == {'=HYPERLINK("x")', "@sum"}


def test_the_same_file_is_warned_of_and_changes_nothing(walk: Walk, head: User) -> None:
    content = csv("Анна;+79161234567;;;")
    walk.through(content)
    walk.upload(content)
    for step in ("file", "trial"):
        assert head.name in walk.client.get(walk.url(step)).content.decode()
    again = walk.through(content)
    assert again.batch is not None
    assert (again.batch.created_count, again.batch.recognised_count) == (0, 1)


def test_a_start_sent_twice_starts_once(walk: Walk) -> None:
    walk.upload(csv("Анна;;;;"))
    walk.columns()
    walk.check()
    for _click in range(2):
        assert walk.client.post(walk.url("start"))["Location"] == walk.url("run")
    assert ImportBatch.objects.count() == 1


def test_start_without_a_check_is_refused(walk: Walk) -> None:
    walk.upload(csv("Анна;;;;"))
    walk.client.post(walk.url("start"))
    assert not ImportBatch.objects.exists()


def test_a_refusal_keeps_what_was_chosen(walk: Walk) -> None:
    walk.upload(csv("Анна;;;;"))
    response = walk.columns(**{"Имя": "phone", "Телефон": "phone"})
    assert response.status_code == HTTPStatus.OK
    assert response.context["form"]["column_0"].value() == "phone"
    assert "cannot both" in response.content.decode()


def test_words_are_asked_about_and_may_be_ignored(walk: Walk) -> None:
    walk.upload(csv("Анна;;;;странный"))
    walk.columns()
    response = walk.words()
    assert "Choose what it means" in errors(response)
    assert walk.words(rest_is_ignored="on")["Location"] == walk.url("trial")


def test_progress_is_told_as_a_part_of_the_page(walk: Walk) -> None:
    walk.upload(csv(*(f"Клиент {number};;;;" for number in range(700))))
    walk.columns()
    walk.client.post(walk.url("trial"))
    part = walk.client.post(walk.url("progress"), headers={"HX-Request": "true"})
    assert part.context["progress"].done == 500
    assert "<html" not in part.content.decode()
    end = walk.client.post(walk.url("progress"), headers={"HX-Request": "true"})
    assert end["HX-Redirect"] == walk.url("trial")


def test_stopping_keeps_what_is_in(walk: Walk) -> None:
    walk.upload(csv(*(f"Клиент {number};;;;" for number in range(700))))
    walk.columns()
    walk.check()
    walk.client.post(walk.url("start"))
    walk.client.post(walk.url("progress"))
    assert walk.client.post(walk.url("cancel"))["Location"] == walk.url("run")
    assert (walk.draft.state, Lead.objects.count()) == ("stopped", 500)
    assert walk.client.get(walk.url("run")).status_code == HTTPStatus.OK


def test_an_import_is_undone_after_saying_what_goes(walk: Walk) -> None:
    walk.through(csv("Анна;;;;", "Пётр;;;;"))
    assert walk.client.get(walk.url("undo")).context["undoing"].leads == 2
    assert Lead.objects.count() == 2
    for _click in range(2):
        walk.client.post(walk.url("undo"))
    assert not Lead.objects.exists()
    assert Submission.objects.filter(state="undone").count() == 2
    assert "undone" in walk.client.get(walk.url("run")).content.decode()


def test_a_large_import_is_undone_by_the_worker(
    walk: Walk, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, now: object
) -> None:
    draft = walk.through(csv("Анна;;;;", "Пётр;;;;"))
    monkeypatch.setattr(undoing, "AT_ONCE", 1)
    settings.REDIS_URL = "redis://nobody.invalid:1/0"
    monkeypatch.setattr(jobs, "_hint", lambda: None)
    walk.client.post(walk.url("undo"))
    assert (walk.draft.state, Lead.objects.count()) == ("undoing", 2)
    assert walk.client.get(walk.url("run")).status_code == HTTPStatus.OK
    assert draft.finished_at is not None
    jobs.drain(at=ImportDraft.objects.get().uploaded_at.replace(year=2100))
    assert (walk.draft.state, Lead.objects.count()) == ("done", 0)


def test_a_file_may_be_forgotten_before_it_is_imported_and_not_after(walk: Walk) -> None:
    walk.upload(csv("Анна;;;;"))
    walk.client.post(walk.url("discard"))
    assert not ImportDraft.objects.exists()
    walk.through(csv("Анна;;;;"))
    walk.client.post(walk.url("discard"))
    assert ImportDraft.objects.exists()


def test_an_upload_sent_twice_is_one_import(walk: Walk) -> None:
    number = str(uuid4())
    for _click in range(2):
        walk.upload(csv("Анна;;;;"), request_id=number)
    assert ImportDraft.objects.count() == 1
