"""What columns and words probably mean, in both languages."""

import pytest

from leads.intake.guess import guess_columns, guess_meaning, guess_tag, guess_won

CRITERIA = {"budget": "Бюджет от 60 000 ₽ нет денег", "need": "Потребность есть", "contact": "Контакт действителен"}
REASONS = {"price": "Дорого", "competitor": "Ушёл к конкуренту"}


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("Телефон", "phone"),
        ("E-mail", "email"),
        ("Номер телефона", "phone"),
        ("ФИО", "name"),
        ("Дата создания", "created_at"),
        ("Lead Source", "source"),
        ("utm_source", "utm_source"),
        ("Ответственный", "owner"),
        ("Причина отказа", "lost_reason"),
        ("Погода", ""),
    ],
)
def test_a_heading_tells_what_a_column_is(heading: str, key: str) -> None:
    assert guess_columns([heading], {}).get(heading, "") == key


@pytest.mark.parametrize(
    ("values", "key"),
    [
        (["8 (917) 220-14-08", "+79161234567", ""], "phone"),
        (["a@example.com", "b@example.com", "нет"], "email"),
        (["02.03.2026 10:30", "2026-03-03"], "created_at"),
        (["Казань", "Москва"], ""),
        ([], ""),
    ],
)
def test_values_tell_where_the_heading_does_not(values: list[str], key: str) -> None:
    assert guess_columns(["x"], {"x": values}).get("x", "") == key


def test_each_meaning_is_proposed_once_and_a_heading_is_stronger() -> None:
    phones = ["+79161234567"]
    found = guess_columns(["другой", "Телефон", "Phone"], {"другой": phones, "Телефон": phones, "Phone": phones})
    assert found == {"Телефон": "phone"}


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Целевой", ("target", "")),
        ("недозвон", ("touch:no_answer", "")),
        ("Нет бюджета", ("fails:budget", "")),
        ("дорого", ("nothing", "price")),
        ("тест", ("test", "")),
        ("???", ("", "")),
        ("позвонить завтра", ("", "")),
    ],
)
def test_a_tag_is_guessed_or_left_to_the_person(word: str, meant: tuple[str, str]) -> None:
    assert guess_tag(word, CRITERIA, REASONS) == meant


def test_a_word_that_fits_two_names_is_not_guessed() -> None:
    assert guess_meaning("звонок", {"a": "Звонок первый", "b": "Звонок второй"}) == ""
    assert guess_meaning("звонок", {"a": "Звонок первый", "звонок": "Другое"}) == "звонок"


def test_won_is_told_by_common_words_only() -> None:
    assert [guess_won(word) for word in ("Да", "0", "может быть")] == ["yes", "no", ""]
