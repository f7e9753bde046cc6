"""Between the ledger's values and the rows of its statements. No SQL, no decisions."""

import json
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import Row

from pipeline.ledger.receiving import Entering
from pipeline.ledger.rows import Claim, Entry, Verdict
from pipeline.ledger.states import PERHAPS_IN_SAP, State, path_to


def document_row(entering: Entering, now: int) -> dict[str, Any]:
    """A new revision, in the state it enters with."""
    arrival = entering.arrival
    return {
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
        "reasons": json.dumps(entering.reasons, ensure_ascii=False),
        "fence": 0,
        "lease_until": 0,
        "attempts": 0,
        "not_before": 0,
        "received_at": now,
        "changed_at": now,
        "needs": entering.needs or None,
    }


def path_steps(entering: Entering) -> list[dict[str, Any]]:
    """The transitions of a new revision, for `statements.insert_paths`."""
    path = path_to(entering.state)
    where = {"at_source_id": entering.arrival.source_id, "at_revision": entering.number}
    return [
        {**where, "step_before": before, "step_after": after, "step_why": ""}
        for before, after in pairwise((None, *path))
    ]


def step(document_id: int, before: State, after: State, at: int, why: str = "") -> dict[str, Any]:
    """One transition, for `statements.insert_history`."""
    return {"document_id": document_id, "before": before, "after": after, "at": at, "why": why}


def claim(row: Row[Any]) -> Claim:
    """A claimed row."""
    return Claim(
        id=row.id,
        owner=row.owner,
        fence=row.fence,
        source=row.source,
        source_id=row.source_id,
        target=row.target,
        doc_key=row.doc_key,
        payload=row.payload,
        attempts=row.attempts,
        sent_at=row.sent_at,
    )


def at(claim: Claim) -> dict[str, Any]:
    """What tells this claim from any other."""
    return {"at_id": claim.id, "at_owner": claim.owner, "at_fence": claim.fence}


def with_attempt(claim: Claim, attempt: str, now: int) -> Claim:
    """The claim as it is being sent."""
    return replace(claim, attempt=attempt, attempts=claim.attempts + 1, sent_at=now)


def attempt_row(claim: Claim, batch_id: str, position: int, now: int) -> dict[str, Any]:
    """The intent: one request for one document."""
    return {
        "id": claim.attempt,
        "document_id": claim.id,
        "batch_id": batch_id,
        "position": position,
        "created_at": now,
    }


def settled_row(verdict: Verdict, before: State) -> dict[str, Any]:
    """The end of a claim, for `statements.settle`."""
    return {
        **at(verdict.claim),
        "at_before": before,
        "to_state": verdict.after,
        "to_why": verdict.why,
        "to_reasons": json.dumps(verdict.reasons, ensure_ascii=False),
        "to_not_before": verdict.not_before,
        "to_look_at": verdict.look_at,
    }


def outcome_row(verdict: Verdict) -> dict[str, Any]:
    """What came of an attempt, for `statements.settle_attempts`."""
    return {
        "of_attempt": verdict.claim.attempt,
        "of_outcome": verdict.outcome,
        "of_status": verdict.status,
        "of_code": verdict.code,
        "of_message": verdict.why,
    }


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
        reasons=tuple(json.loads(row.reasons)),
        due=due,
    )
