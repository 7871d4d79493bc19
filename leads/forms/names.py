"""Names as an administrator types and joins them."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads.queries.names import Named


class NameForm(forms.Form):
    """A name."""

    name = forms.CharField(label=pgettext_lazy("of a source", "Name"), max_length=150)


class AliasForm(forms.Form):
    """Another name of a source."""

    name = forms.CharField(label=_("Another name"), max_length=100)


class MergeForm(forms.Form):
    """What a name is joined to."""

    into = forms.ChoiceField(label=_("It is another name of"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, others: Sequence[Named]) -> None:
        super().__init__(data)
        self._others = {str(other.pk): other for other in others}
        field = cast(forms.ChoiceField, self.fields["into"])
        field.choices = [("", "—"), *((str(other.pk), other.name) for other in others)]

    @property
    def chosen(self) -> Named:
        """The name it is joined to."""
        return self._others[self.cleaned_data["into"]]
