"""One row → the same operations as every other door, in the order in which things happen to a lead."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from crm.models import User
from crm.rules.errors import DomainError
from funnels.models import Funnel, Stage
from funnels.rules.criteria import Result
from funnels.rules.moves import Milestone, ReasonNeedsNote, ReasonNotOfThisStage
from leads.intake.row import IntakeRow
from leads.models import ImportBatch, Lead
from leads.operations import arrivals, assessments, moves, touches
from leads.operations.arrivals import Arrival, Received
from leads.operations.assessments import Answer
from leads.operations.desk import Desk
from leads.operations.imports.vocabulary import ReasonNotAtStage, ReasonWithoutNote, Vocabulary
from leads.rules.facts import AssessmentKind, Channel, Evidence, TouchChannel, TouchResult


@dataclass(frozen=True, slots=True)
class Importer:
    """What every row of a batch shares."""

    batch: ImportBatch
    funnel: Funnel
    vocabulary: Vocabulary
    by: User | None
    at: datetime
    desk: Desk

    def arrival(self, row: IntakeRow, raw: Mapping[str, object], line: int) -> Arrival:
        """Prepare a row to be taken in."""
        return Arrival(
            row=row,
            funnel=self.funnel,
            by=self.by,
            at=self.at,
            channel=Channel.IMPORT,
            batch=self.batch,
            row_number=line,
            default_received_at=self.batch.arrived_at,
            raw=dict(raw),
            desk=self.desk,
        )

    def bring_in(self, arrival: Arrival, *, is_news: bool) -> Received:
        """Take a row in and add what it says of its lead; the caller has it all written.

        A row that came before changes nothing, whatever it says now.
        """
        with _as_columns(received_at="created_at"):
            received = arrivals.take_in_news(arrival) if is_news else arrivals.receive_arrival(arrival)
        if received.outcome != "existing":
            row = arrival.row
            with _as_columns(occurred_at="first_touch_at"):
                self._touch(received.lead, row)
            with _as_columns(answers="tag"):
                self._judge(received.lead, row)
            self._move(received.lead, row)
        return received

    def _touch(self, lead: Lead, row: IntakeRow) -> None:
        if row.touch is None and row.first_touch_at is None:
            return
        # A time of the first touch without its result: something was sent, and nobody says that it reached anyone.
        result = row.touch or TouchResult.SENT
        touches.log(
            lead=lead,
            result=result,
            channel=TouchChannel.MESSAGE if row.touch is None else TouchChannel.CALL,
            direction="out",
            occurred_at=row.first_touch_at or self.at,
            by=self.by,
            at=self.at,
            desk=self.desk,
        )

    def _judge(self, lead: Lead, row: IntakeRow) -> None:
        failed = dict.fromkeys(row.fails, Result.FAILED)
        met = dict.fromkeys(row.meets, Result.MET)
        if row.verdict == "target":
            met |= dict.fromkeys(self.vocabulary.blocking, Result.MET)
        answers = {code: Answer(result=result, evidence=Evidence.IMPORTED) for code, result in (failed | met).items()}
        if answers:
            assessments.judge(
                lead=lead,
                answers=answers,
                kind=AssessmentKind.IMPORT,
                by=self.by,
                occurred_at=self.at,
                at=self.at,
                desk=self.desk,
            )

    def _move(self, lead: Lead, row: IntakeRow) -> None:
        with _as_columns(to="stage", reasons="lost_reason", note="lost_note", occurred_at="lost_at"):
            stage = self.vocabulary.stage(row.stage) if row.stage else lead.stage
            is_won = row.won or stage.milestone == Milestone.WON
            if not is_won:
                self._advance_or_lose(lead, row, stage)
        if is_won:
            with _as_columns(occurred_at="won_at"):
                self._win(lead, row)

    def _advance_or_lose(self, lead: Lead, row: IntakeRow, stage: Stage) -> None:
        if stage.pk != lead.stage_id:
            moves.advance(
                lead=lead,
                to=stage.code,
                by=self.by,
                occurred_at=row.lost_at or self.at,  # it was at this stage when it was lost
                at=self.at,
                channel=Channel.IMPORT,
                desk=self.desk,
            )
        if row.lost_reasons or row.lost_at:
            self._lose(lead, row, stage)

    def _lose(self, lead: Lead, row: IntakeRow, stage: Stage) -> None:
        # The reason is compulsory here too: a row with a time of loss and no reason is refused by the operation.
        try:
            moves.lose(
                lead=lead,
                reasons=[self.vocabulary.reason(name) for name in row.lost_reasons],
                note=row.lost_note,
                by=self.by,
                occurred_at=row.lost_at or self.at,
                at=self.at,
                channel=Channel.IMPORT,
                desk=self.desk,
            )
        except ReasonNotOfThisStage as refusal:
            name = self.vocabulary.reason_names[refusal.reason]
            raise ReasonNotAtStage(reason=name, stage=stage.name) from refusal
        except ReasonNeedsNote as refusal:
            raise ReasonWithoutNote(reason=self.vocabulary.reason_names[refusal.reason]) from refusal

    def _win(self, lead: Lead, row: IntakeRow) -> None:
        # A row may be both won and lost: it tells where the lead stands now, and what a salesperson once wrote.
        # Without two times the loss cannot be placed before the win, and a reopening between them would be a fact
        # nobody told. So the lead is won; what was written stays in the raw row, and the report counts such rows.
        moves.win(
            lead=lead,
            by=self.by,
            occurred_at=row.won_at or self.at,
            at=self.at,
            amount=row.amount,
            channel=Channel.IMPORT,
            desk=self.desk,
        )


@contextmanager
def _as_columns(**keys: str) -> Iterator[None]:
    """Let a refusal name the key of the mapping its value came from, instead of the operation's parameter."""
    try:
        yield
    except DomainError as refusal:
        refusal.field = keys.get(refusal.field or "", refusal.field)
        raise
