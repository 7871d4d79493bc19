"""Who may do what. The table is the whole truth; tests and pages read it, nobody repeats it."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from crm.rules.roles import Role


class Permission(StrEnum):
    READ_LEADS = "read_leads"
    SEE_CONTACTS = "see_contacts"
    CREATE_LEAD = "create_lead"
    EDIT_LEAD = "edit_lead"
    JUDGE_LEAD = "judge_lead"
    DISPUTE_VERDICT = "dispute_verdict"
    RULE_ON_DISPUTE = "rule_on_dispute"
    BULK_ACT = "bulk_act"
    MERGE_LEADS = "merge_leads"
    IMPORT_LEADS = "import_leads"
    IMPORT_MONEY = "import_money"
    EXPORT_ROWS = "export_rows"
    VIEW_BOARD = "view_board"
    DRILL_DOWN = "drill_down"
    SHARE_BOARD = "share_board"
    DRAFT_RULES = "draft_rules"
    SIGN_FOR_MARKETING = "sign_for_marketing"
    SIGN_FOR_SALES = "sign_for_sales"
    REVIEW = "review"
    READ_REVIEWS = "read_reviews"
    ADMINISTER = "administer"


class Reach(StrEnum):
    """How far a permission goes: everything, the own team, one's own, everything with contacts masked, leads of the
    sources a key is for, nothing.
    """

    ALL = "all"
    TEAM = "team"
    OWN = "own"
    MASKED = "masked"
    SOURCES = "sources"
    NONE = "none"


_P, _R = Permission, Reach

GRANTS: Mapping[Role, Mapping[Permission, Reach]] = {
    Role.ADMIN: {
        permission: _R.ALL
        for permission in Permission
        if permission not in (_P.DISPUTE_VERDICT, _P.SIGN_FOR_MARKETING, _P.SIGN_FOR_SALES)
    },
    Role.HEAD: {
        _P.READ_LEADS: _R.TEAM,
        _P.SEE_CONTACTS: _R.TEAM,
        _P.CREATE_LEAD: _R.TEAM,
        _P.EDIT_LEAD: _R.TEAM,
        _P.JUDGE_LEAD: _R.TEAM,
        _P.RULE_ON_DISPUTE: _R.TEAM,
        _P.BULK_ACT: _R.TEAM,
        _P.MERGE_LEADS: _R.TEAM,
        _P.IMPORT_LEADS: _R.TEAM,
        _P.IMPORT_MONEY: _R.TEAM,
        _P.EXPORT_ROWS: _R.TEAM,
        _P.VIEW_BOARD: _R.ALL,
        _P.DRILL_DOWN: _R.TEAM,
        _P.SHARE_BOARD: _R.ALL,
        _P.DRAFT_RULES: _R.ALL,
        _P.SIGN_FOR_SALES: _R.ALL,
        _P.REVIEW: _R.ALL,
        _P.READ_REVIEWS: _R.ALL,
    },
    Role.MANAGER: {
        _P.READ_LEADS: _R.OWN,
        _P.SEE_CONTACTS: _R.OWN,
        _P.CREATE_LEAD: _R.TEAM,
        _P.EDIT_LEAD: _R.OWN,
        _P.JUDGE_LEAD: _R.OWN,
        _P.BULK_ACT: _R.OWN,
        _P.VIEW_BOARD: _R.ALL,
        _P.DRILL_DOWN: _R.OWN,
        _P.READ_REVIEWS: _R.ALL,
    },
    Role.MARKETER: {
        _P.READ_LEADS: _R.MASKED,
        _P.DISPUTE_VERDICT: _R.ALL,
        _P.IMPORT_MONEY: _R.ALL,
        _P.EXPORT_ROWS: _R.MASKED,
        _P.VIEW_BOARD: _R.ALL,
        _P.DRILL_DOWN: _R.MASKED,
        _P.SHARE_BOARD: _R.ALL,
        _P.DRAFT_RULES: _R.ALL,
        _P.SIGN_FOR_MARKETING: _R.ALL,
        _P.REVIEW: _R.ALL,
        _P.READ_REVIEWS: _R.ALL,
    },
    Role.EXECUTIVE: {
        _P.READ_LEADS: _R.MASKED,
        _P.RULE_ON_DISPUTE: _R.ALL,
        _P.IMPORT_MONEY: _R.ALL,
        _P.EXPORT_ROWS: _R.MASKED,
        _P.VIEW_BOARD: _R.ALL,
        _P.DRILL_DOWN: _R.MASKED,
        _P.SHARE_BOARD: _R.ALL,
        _P.REVIEW: _R.ALL,
        _P.READ_REVIEWS: _R.ALL,
    },
}


def reach(role: str, permission: Permission) -> Reach:
    """Tell how far a role may go with a permission."""
    return GRANTS[Role(role)].get(permission, Reach.NONE)


def is_granted(role: str, permission: Permission) -> bool:
    """Tell whether a role has a permission at all."""
    return reach(role, permission) is not Reach.NONE


class NotAllowed(DomainError):
    """Somebody tried what the role does not grant."""

    def __init__(self) -> None:
        super().__init__(code="not_allowed", message=_("Your role does not allow this."))
