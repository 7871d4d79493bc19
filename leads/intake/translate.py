"""One row of a spreadsheet and the mapping → an IntakeRow, or what is wrong with the row."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from leads.intake.mapping import UTM_COLUMNS, ImportMapping, TagMeaning, compared
from leads.intake.row import IntakeRow
from leads.intake.values import When, read_amount, read_time

LONGEST = {
    "external_id": 200,
    "source": 100,
    "first_source": 100,
    "last_source": 100,
    "campaign": 150,
    "segment": 100,
    "name": 200,
    "company": 200,
    "owner": 254,
}
REASON_SEPARATORS = str.maketrans("|\n", ";;")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in one cell. `column` is the name in the file, empty when the whole row is meant."""

    column: str
    message: str | Promise


def translate(
    values: Mapping[str, str], mapping: ImportMapping, *, zone: dt.tzinfo, source: str = "", fallback_id: str = ""
) -> IntakeRow | list[RowError]:
    """Say a row in our words; `source` and `fallback_id` are for rows that name none."""
    return _Translation(values, mapping, zone).row(source, fallback_id)


class _Translation:
    def __init__(self, values: Mapping[str, str], mapping: ImportMapping, zone: dt.tzinfo) -> None:
        self.values = values
        self.mapping = mapping
        self.zone = zone
        self.errors: list[RowError] = []

    def row(self, source: str, fallback_id: str) -> IntakeRow | list[RowError]:
        meaning = self._tag()
        received = self._time("created_at")
        won, won_at = self._won(received)
        lost_at = self._after("lost_at", received)
        reasons = tuple(dict.fromkeys((*meaning.lost, *self._reasons())))
        own_id = self._short("external_id")
        row = IntakeRow(
            external_id=own_id or fallback_id,
            has_own_id=bool(own_id),
            source=self._short("source") or source,
            first_source=self._short("first_source"),
            last_source=self._short("last_source"),
            campaign=self._short("campaign"),
            segment=self._short("segment"),
            name=self._short("name"),
            phone=self._cell("phone"),
            email=self._cell("email"),
            company=self._short("company"),
            message=self._cell("message"),
            owner=self._short("owner"),
            received_at=received.at if received else None,
            first_touch_at=self._after("first_touch_at", received),
            stage=self._line("stage"),
            lost_at=lost_at,
            lost_reasons=reasons,
            lost_note=self._cell("lost_note"),
            won=won,
            won_at=won_at,
            amount=self._amount(),
            verdict="target" if meaning.is_target else None,
            fails=meaning.fails,
            meets=meaning.meets,
            touch=meaning.touch,
            attributes=self._attributes(),
            utm={key: self._line(key) for key in UTM_COLUMNS if self._line(key)},
            is_test=meaning.is_test,
            raw=dict(self.values),
        )
        return self.errors or row

    def _cell(self, key: str) -> str:
        name = self.mapping.columns.get(key)
        value = self._value(name) if name is not None else ""
        replaced = self.mapping.values.get(key)
        return replaced.get(compared(value), value) if replaced and value else value

    def _value(self, column: str) -> str:
        value = self.values.get(column, "").strip()
        return "" if value in self.mapping.empty_values else value

    def _line(self, key: str) -> str:
        return " ".join(self._cell(key).split())

    def _short(self, key: str) -> str:
        text = self._line(key)
        if len(text) > LONGEST[key]:
            self._wrong(key, format_lazy(_("It is longer than {limit} characters."), limit=LONGEST[key]))
        return text

    def _attributes(self) -> dict[str, str]:
        return {name: value for name in self.mapping.attributes if (value := self._value(name))}

    def _tag(self) -> TagMeaning:
        tag = self._line("tag")
        meaning = self.mapping.tag_values.get(compared(tag))
        if meaning is None and tag:
            self._wrong("tag", format_lazy(_("The tag “{tag}” is not in the mapping: add it to tag_values."), tag=tag))
        return meaning or TagMeaning()

    def _reasons(self) -> list[str]:
        parts = self._cell("lost_reason").translate(REASON_SEPARATORS).split(";")
        return [" ".join(part.split()) for part in parts if part.strip()]

    def _won(self, received: When | None) -> tuple[bool, dt.datetime | None]:
        told = self._line("won")
        won_at = self._after("won_at", received)
        if not told:
            return won_at is not None, won_at
        won = self.mapping.won_values.get(compared(told))
        if won is None:
            self._wrong(
                "won", format_lazy(_("The value “{value}” is not in the mapping: add it to won_values."), value=told)
            )
        return bool(won), won_at if won else None

    def _time(self, key: str) -> When | None:
        text = self._line(key)
        if not text:
            return None
        when = read_time(text, self.zone, self.mapping.date_formats)
        if when is None:
            self._wrong(
                key,
                format_lazy(_("“{value}” is not a time; write 2026-03-02 10:30 or 02.03.2026 10:30."), value=text),
            )
        return when

    def _after(self, key: str, received: When | None) -> dt.datetime | None:
        """Read the time of a later event. On the day of arrival an event without an hour is not before the arrival."""
        when = self._time(key)
        if when is None:
            return None
        if when.is_day and received and when.at.date() == received.at.astimezone(self.zone).date():
            return max(when.at, received.at)
        return when.at

    def _amount(self) -> Decimal | None:
        text = self._cell("amount")
        if not text:
            return None
        amount = read_amount(text)
        if amount is None:
            self._wrong("amount", format_lazy(_("“{value}” is not an amount of money."), value=text))
        return amount

    def _wrong(self, key: str, message: str | Promise) -> None:
        self.errors.append(RowError(self.mapping.columns[key], message))
