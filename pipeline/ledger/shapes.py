"""Between the ledger's values and the rows of its statements. No SQL, no decisions."""

import json
from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from pipeline.ledger.receiving import Entering
from pipeline.ledger.rows import Claim, Entry, Holding, Known, Transition, Verdict
from pipeline.ledger.states import IN_SAP, LIVE, PERHAPS_IN_SAP, State, path_to

NO_REASONS = "[]"


def document_row(entering: Entering, document_id: int, now: int) -> dict[str, Any]:
    """A new revision, in the state it enters with."""
    arrival = entering.arrival
    return {
        "id": document_id,
        "source": arrival.source,
        "source_id": arrival.source_id,
        "revision": entering.number,
        "target": arrival.target,
        "doc_key": arrival.doc_key,
        "record": arrival.record,
        "payload": arrival.payload,
        "digest": arrival.digest,
        "currency": arrival.currency,
        "amount": None if arrival.amount is None else format(arrival.amount, "f"),
        "state": entering.state,
        "reasons": text(entering.reasons),
        "fence": 0,
        "lease_until": 0,
        "attempts": 0,
        "not_before": 0,
        "received_at": now,
        "changed_at": now,
        "needs": entering.needs or None,
        "live_key": arrival.doc_key if entering.state in LIVE else None,
    }


def path(entering: Entering, document_id: int, now: int) -> list[Transition]:
    """The transitions of a new revision."""
    one, steps = entering.arrival, path_to(entering.state)
    return [
        Transition(
            document_id=document_id,
            source=one.source,
            source_id=one.source_id,
            revision=entering.number,
            target=one.target,
            before=before,
            after=after,
            at=now,
        )
        for before, after in zip((None, *steps), steps, strict=False)
    ]


def history_row(step: Transition, actor: int) -> dict[str, Any]:
    """One transition, for `statements.insert_history`."""
    return {
        "document_id": step.document_id,
        "before": step.before,
        "after": step.after,
        "at": step.at,
        "why": step.why,
        "attempt": step.attempt or None,
        "actor": actor,
    }


def claim(row: Row[Any], attempt: str = "", attempted_at: int | None = None) -> Claim:
    """A claimed row, with the request that is made for it, or was made last."""
    return Claim(
        id=row.id,
        owner=row.owner,
        fence=row.fence,
        source=row.source,
        source_id=row.source_id,
        revision=row.revision,
        target=row.target,
        doc_key=row.doc_key,
        payload=row.payload,
        attempts=row.attempts,
        sent_at=row.sent_at,
        attempt=attempt,
        attempted_at=attempted_at,
    )


def attempt_row(claim: Claim, batch_id: str, position: int, now: int) -> dict[str, Any]:
    """The intent: one request for one document."""
    return {
        "id": claim.attempt,
        "document_id": claim.id,
        "batch_id": batch_id,
        "position": position,
        "created_at": now,
    }


def text(reasons: tuple[str, ...]) -> str:
    """Reasons as the document keeps them."""
    return json.dumps(reasons, ensure_ascii=False) if reasons else NO_REASONS


def outcome_row(verdict: Verdict, now: int) -> dict[str, Any]:
    """What came of an attempt, for `statements.settle_attempts`."""
    return {
        "of_attempt": verdict.claim.attempt,
        "of_settled_at": now,
        "of_outcome": verdict.outcome,
        "of_http_status": verdict.status,
        "of_sap_code": verdict.code,
        "of_sap_message": verdict.why,
        "of_sap_transaction_id": verdict.transaction_id,
    }


def known(row: Row[Any]) -> Known:
    """A revision, with as much of it as was selected."""
    values = {name: value for name, value in values_of(row).items() if value is not None and name in _KNOWN}
    reasons = tuple(json.loads(values.pop("reasons", "[]")))
    return Known(**{**values, "state": State(row.state), "reasons": reasons})


def values_of(row: Row[Any]) -> dict[str, Any]:
    """A row by the names of its columns."""
    return dict(zip(row._fields, row, strict=True))


_KNOWN = {one.name for one in fields(Known)}


def holding(members: Sequence[Row[Any]]) -> Holding | None:
    """What an invoice is in SAP, from its revisions, oldest first: the one that was delivered, or sent and is not."""
    accepted = any(row.state == State.ACCEPTED for row in members)
    for row in members:
        sent = row.state == State.CONFLICT and row.attempts
        if row.state in {*IN_SAP, State.VANISHED} or sent or (accepted and row.doc_key):
            return Holding(
                id=row.id,
                source=row.source,
                target=row.target,
                doc_key=row.doc_key,
                currency=row.currency,
                amount=Decimal(row.amount),
                state=State(row.state),
                changed_at=row.changed_at,
                accepted=accepted,
            )
    return None


def entry(row: Row[Any]) -> Entry:
    """The current revision of an invoice."""
    state = State(row.state)
    due = row.look_at if state in PERHAPS_IN_SAP else row.not_before
    return Entry(
        source=row.source,
        source_id=row.source_id,
        revision=row.revision,
        doc_key=row.doc_key,
        state=state,
        currency=row.currency,
        amount=None if row.amount is None else Decimal(row.amount),
        reasons=() if row.reasons == NO_REASONS else tuple(json.loads(row.reasons)),
        due=due,
        changed_at=row.changed_at,
        needs=getattr(row, "needs", None) or "",
    )
