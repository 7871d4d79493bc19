"""Definitions of "target": who signs them and when they may be published."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Side(StrEnum):
    """Whose part of the common work a reason or a signature belongs to."""

    MARKETING = "marketing"
    SALES = "sales"
    PRODUCT = "product"
    CLIENT = "client"


SIDE_LABELS = {
    Side.MARKETING: _("Marketing"),
    Side.SALES: _("Sales"),
    Side.PRODUCT: _("Product"),
    Side.CLIENT: _("Client"),
}
