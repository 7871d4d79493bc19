"""A filter under a name, and the columns of the list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.rules.columns import COLUMNS, columns_offered


class FilterForm(forms.Form):
    """A name for what the list is narrowed by."""

    name = forms.CharField(label=_("Name of the filter"), max_length=80)
    is_shared = forms.BooleanField(label=_("Show to everybody"), required=False)


class SaveForm(FilterForm):
    """The same, with what is to be kept."""

    query = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)


class ColumnsForm(forms.Form):
    """Which columns the person wants to see."""

    columns = forms.MultipleChoiceField(label=_("Columns"), required=False)
    back = forms.CharField(required=False, max_length=2000)

    def __init__(self, data: object = None, *, with_contacts: bool) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["columns"].choices = [  # type: ignore[attr-defined]
            (name, COLUMNS[name]) for name in columns_offered(with_contacts=with_contacts)
        ]
