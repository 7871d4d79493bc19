"""What the columns and words of a file probably mean: proposed to a person, never taken by itself."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from leads.intake.mapping import UTM_COLUMNS
from leads.intake.values import read_time
from leads.rules.search import fold

STEM = 5  # letters
ENOUGH = 0.6  # of the samples have to look like it
PHONE = re.compile(r"[+(]?\d[\d\s()./-]{8,18}\d")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

# What exports of CRMs, forms and spreadsheets call it, in both languages; the first that fits wins.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "external_id": ("id", "ид", "номер заявки", "номер", "lead id", "lead number", "prospect id", "№", "external id"),
    "first_touch_at": ("первое касание", "первый контакт", "first touch", "first contact", "дата первого звонка"),
    "lost_at": ("дата потери", "дата отказа", "lost at", "lost date", "потерян"),
    "won_at": ("дата оплаты", "дата продажи", "won at", "close date", "дата сделки", "оплачен"),
    "created_at": (
        "дата",
        "дата заявки",
        "создан",
        "дата создания",
        "created",
        "created at",
        "date",
        "дата и время",
        "received",
        "дата обращения",
        "поступил",
    ),
    "phone": ("телефон", "тел", "phone", "mobile", "мобильный", "номер телефона", "phone number", "рабочий телефон"),
    "email": ("email", "e mail", "почта", "эл почта", "электронная почта", "mail", "рабочий email"),
    "name": ("имя", "фио", "name", "контакт", "клиент", "full name", "contact", "контактное лицо", "имя клиента"),
    "company": ("компания", "организация", "company", "фирма", "account", "название компании"),
    "message": ("комментарий", "сообщение", "message", "comment", "текст", "текст заявки", "запрос", "описание"),
    "source": ("источник", "source", "lead source", "канал", "откуда", "рекламный канал", "источник заявки"),
    "first_source": ("первый источник", "источник первого визита", "first source", "original source"),
    "last_source": ("последний источник", "источник последнего визита", "last source", "latest source"),
    "campaign": ("кампания", "campaign", "рекламная кампания"),
    "segment": ("сегмент", "segment", "тип клиента", "сегмент клиента"),
    "owner": ("менеджер", "ответственный", "owner", "manager", "lead owner", "продавец", "ответственный менеджер"),
    "stage": ("этап", "стадия", "статус", "stage", "status", "lead stage", "этап сделки", "статус сделки"),
    "tag": ("тег", "теги", "tag", "tags", "метка", "пометка", "квалификация", "оценка"),
    "lost_reason": ("причина отказа", "причина потери", "lost reason", "loss reason", "причина", "reason"),
    "lost_note": ("комментарий отказа", "комментарий к отказу", "loss note", "lost note"),
    "won": ("продажа", "продан", "куплено", "won", "converted", "оплата", "успешен"),
    "amount": ("сумма", "бюджет", "стоимость", "amount", "revenue", "выручка", "сумма сделки", "чек"),
    **{name: (name.replace("_", " "),) for name in UTM_COLUMNS},
}


def guess_columns(columns: Iterable[str], samples: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Propose for every column what it is, each meaning once: by its heading, else by its values."""
    found: dict[str, str] = {}
    names = list(columns)
    for column in names:
        key = _by_heading(column)
        if key and key not in found.values():
            found[column] = key
    for column in names:
        key = "" if column in found else _by_values(samples.get(column, ()))
        if key and key not in found.values():
            found[column] = key
    return found


def _by_heading(column: str) -> str:
    plain = _plain(column)
    return next((key for key, names in HEADINGS.items() if plain in names), "")


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w№]+|_", " ", fold(text)).split())


def _by_values(values: Sequence[str]) -> str:
    told = [value.strip() for value in values if value.strip()]
    tests: Mapping[str, Callable[[str], object]] = {
        "email": EMAIL.fullmatch,
        "phone": _looks_like_a_phone,
        "created_at": lambda value: ("." in value or "-" in value) and read_time(value, dt.UTC),
    }
    for key, test in tests.items():
        if told and sum(bool(test(value)) for value in told) >= ENOUGH * len(told):
            return key
    return ""


def _looks_like_a_phone(value: str) -> bool:
    return bool(PHONE.fullmatch(value)) and read_time(value, dt.UTC) is None


def guess_meaning(word: str, known: Mapping[str, str]) -> str:
    """Propose which of the known codes a word stands for: by its code or name, or by the one name it is a part of."""
    plain = _plain(word)
    if not plain:
        return ""
    exact = [code for code, name in known.items() if plain in (_plain(code), _plain(name))]
    if exact:
        return exact[0]
    near = [code for code, name in known.items() if _stems(plain) & _stems(_plain(name))]
    return near[0] if len(near) == 1 else ""


def _stems(text: str) -> set[str]:
    """Cut words to their beginnings: Russian ends them by case and number."""
    return {word[:STEM] for word in text.split() if len(word) >= STEM}


TARGETS = ("целевой", "цел", "target", "qualified", "квал", "квалифицирован", "хороший")
SILENT = ("недозвон", "не дозвонились", "не берет трубку", "не отвечает", "no answer", "ringing", "нет ответа")
TESTS = ("тест", "test", "тестовая")
YES = ("да", "yes", "true", "1", "won", "успех", "оплачен", "оплачено", "куплено", "продано", "успешно реализовано")
NO = ("нет", "no", "false", "0", "lost", "отказ")


def guess_tag(word: str, criteria: Mapping[str, str], reasons: Mapping[str, str]) -> tuple[str, str]:
    """Propose what a tag means, and for which reason such leads are lost."""
    plain = _plain(word)
    fixed = {
        **dict.fromkeys(TARGETS, "target"),
        **dict.fromkeys(SILENT, "touch:no_answer"),
        **dict.fromkeys(TESTS, "test"),
    }
    if plain in fixed:
        return fixed[plain], ""
    criterion, reason = guess_meaning(word, criteria), guess_meaning(word, reasons)
    return f"fails:{criterion}" if criterion else ("nothing" if reason else ""), reason


def guess_won(word: str) -> str:
    """Propose whether a word says that the lead was won."""
    plain = _plain(word)
    return "yes" if plain in YES else "no" if plain in NO else ""
