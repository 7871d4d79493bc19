"""Money as a person types it."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from leads.intake.values import read_amount

LONGEST = 40


class MoneyField(forms.Field):
    """An amount, read as in files: `1500,50` is the same in every language, and what could mean two sums is refused."""

    widget = forms.TextInput
    default_error_messages = {
        "invalid": _(
            "“%(value)s” is not an amount, or may be read as two. "
            "Write it like 1500 or 1500.50, with two digits after the mark."
        )
    }

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Offer the keys for digits on a phone."""
        return {"inputmode": "decimal", "autocomplete": "off", "maxlength": LONGEST}

    def to_python(self, value: Any) -> Decimal | None:
        """Read an amount; nothing typed is no amount."""
        text = str(value or "").strip()
        if not text:
            return None
        amount = read_amount(text[:LONGEST])
        if amount is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": text[:LONGEST]})
        return amount
