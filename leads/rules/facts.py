"""The vocabulary of facts about leads."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class AssessmentKind(StrEnum):
    """Why a lead was judged. A correction says the tag was wrong; a change says the world changed."""

    ASSESS = "assess"
    CHANGE = "change"
    CORRECT = "correct"
    AUDIT = "audit"
    IMPORT = "import"


class Channel(StrEnum):
    """The door an act came through."""

    PAGE = "page"
    API = "api"
    IMPORT = "import"
    FORM = "form"
    HOOK = "hook"
    RULE = "rule"


class TransitionKind(StrEnum):
    ARRIVE = "arrive"
    ADVANCE = "advance"
    LOSE = "lose"
    WIN = "win"
    REOPEN = "reopen"


class LinkKind(StrEnum):
    """How a lead relates to an earlier one."""

    DUPLICATE = "duplicate"
    REPEAT = "repeat"
    MERGE = "merge"
    UNMERGE = "unmerge"


class TouchChannel(StrEnum):
    CALL = "call"
    MESSAGE = "message"
    EMAIL = "email"
    MEETING = "meeting"


class TouchResult(StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    SENT = "sent"
    WRONG_PERSON = "wrong_person"
    NUMBER_DOES_NOT_EXIST = "number_does_not_exist"
    BOUNCED = "bounced"


class TouchActor(StrEnum):
    HUMAN = "human"
    BOT = "bot"
    INTEGRATION = "integration"


class Evidence(StrEnum):
    """What an answer rests on."""

    NONE = ""
    NUMBER_DOES_NOT_EXIST = "number_does_not_exist"
    WRONG_PERSON = "wrong_person"
    BOUNCED = "bounced"
    ATTEMPTS = "attempts"
    CALL = "call"
    MESSAGE = "message"
    DOCUMENT = "document"
    IMPORTED = "imported"


class SaleKind(StrEnum):
    FIRST = "first"
    REPEAT = "repeat"
    REFUND = "refund"


class PointKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"


class SubmissionState(StrEnum):
    """What became of what arrived. Pending waits to be processed, quarantined for a person, a test asks for nothing."""

    PENDING = "pending"
    QUARANTINED = "quarantined"
    TEST = "test"
    ACCEPTED = "accepted"
    RECOGNISED = "recognised"
    FAILED = "failed"
    UNDONE = "undone"


ASSESSMENT_KIND_LABELS = {
    AssessmentKind.ASSESS: _("judged"),
    AssessmentKind.CHANGE: _("changed"),
    AssessmentKind.CORRECT: _("corrected"),
    AssessmentKind.AUDIT: _("audited"),
    AssessmentKind.IMPORT: _("imported"),
}
CHANNEL_LABELS = {
    Channel.PAGE: _("page"),
    Channel.API: _("API"),
    Channel.IMPORT: _("import"),
    Channel.FORM: _("form"),
    Channel.HOOK: _("webhook"),
    Channel.RULE: _("rule"),
}
TRANSITION_KIND_LABELS = {
    TransitionKind.ARRIVE: _("arrived"),
    TransitionKind.ADVANCE: _("moved"),
    TransitionKind.LOSE: _("lost"),
    TransitionKind.WIN: _("won"),
    TransitionKind.REOPEN: _("reopened"),
}
LINK_KIND_LABELS = {
    LinkKind.DUPLICATE: _("duplicate"),
    LinkKind.REPEAT: _("repeat request"),
    LinkKind.MERGE: _("merged by a person"),
    LinkKind.UNMERGE: _("separated by a person"),
}
TOUCH_CHANNEL_LABELS = {
    TouchChannel.CALL: _("call"),
    TouchChannel.MESSAGE: _("message"),
    TouchChannel.EMAIL: _("e-mail"),
    TouchChannel.MEETING: _("meeting"),
}
TOUCH_RESULT_LABELS = {
    TouchResult.REACHED: _("reached"),
    TouchResult.NO_ANSWER: _("no answer"),
    TouchResult.BUSY: _("busy"),
    TouchResult.SENT: _("sent"),
    TouchResult.WRONG_PERSON: _("wrong person"),
    TouchResult.NUMBER_DOES_NOT_EXIST: _("number does not exist"),
    TouchResult.BOUNCED: _("e-mail bounced"),
}
TOUCH_ACTOR_LABELS = {
    TouchActor.HUMAN: _("person"),
    TouchActor.BOT: _("bot"),
    TouchActor.INTEGRATION: _("integration"),
}
EVIDENCE_LABELS = {
    Evidence.NONE: _("none"),
    Evidence.NUMBER_DOES_NOT_EXIST: _("number does not exist"),
    Evidence.WRONG_PERSON: _("wrong person confirmed"),
    Evidence.BOUNCED: _("e-mail bounced"),
    Evidence.ATTEMPTS: _("enough attempts"),
    Evidence.CALL: _("call"),
    Evidence.MESSAGE: _("message"),
    Evidence.DOCUMENT: _("document"),
    Evidence.IMPORTED: _("imported tag"),
}
SALE_KIND_LABELS = {SaleKind.FIRST: _("first"), SaleKind.REPEAT: _("repeat"), SaleKind.REFUND: _("refund")}
PHONE_AS_TOLD, EMAIL_AS_TOLD = "phone_as_told", "email_as_told"  # attributes that keep what could not be read
AS_TOLD_LABELS = {PHONE_AS_TOLD: _("phone as told"), EMAIL_AS_TOLD: _("e-mail as told")}
POINT_KIND_LABELS = {PointKind.PHONE: _("phone"), PointKind.EMAIL: _("e-mail")}
SUBMISSION_STATE_LABELS = {
    SubmissionState.PENDING: _("waits to be processed"),
    SubmissionState.QUARANTINED: _("suspected spam"),
    SubmissionState.TEST: _("test of a connection"),
    SubmissionState.ACCEPTED: _("accepted"),
    SubmissionState.RECOGNISED: _("recognised"),
    SubmissionState.FAILED: _("failed"),
    SubmissionState.UNDONE: _("undone"),
}
