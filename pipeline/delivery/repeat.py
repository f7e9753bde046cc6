"""The very same request once more, for targets that promised to do it only once.

Where a target has answered `RepeatabilityResult: accepted`, a request whose fate is unknown is sent again with its
RequestID, its instant and its bytes: SAP does it now, or repeats its first answer. No look and no grace period are
needed; but SAP may do a repeat as late as a first request, so the grace period counts anew from each. That holds for as
long as SAP keeps its answers (6 hours where nobody changed SAP's clean-up job); after that, or where the answer is gone
(/IWBEP/CM_COS/005), somebody looks. Source: SAP Help, "Defining Settings for Idempotent Services".
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby, islice
from operator import attrgetter

from pipeline.clock import Clock
from pipeline.delivery import retry
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Claim, Verdict
from pipeline.ledger.states import State
from pipeline.model.outcome import Ambiguous, Delivered, NotTaken, Outcome, Refused
from pipeline.odata_client.entities import Document

ACCEPTED, UNSUPPORTED = "accepted", "unsupported"


def may_be_repeated(claim: Claim, repeatability: str | None, now: int, retention: int) -> bool:
    """Whether the claim's last request may go once more: the target promised, and still knows its answer.

    Only the last request that was made may (`Claim.attempt`): after a later one this one says nothing any more.
    """
    known_since = claim.attempted_at
    return repeatability == ACCEPTED and known_since is not None and now < known_since + retention


def lots(claims: Sequence[Claim], most: int) -> Iterator[list[Claim]]:
    """What goes together once more: what was sent as often, half as many for each time.

    So a document that brings down whatever request it is part of is alone in the end (`Dispatch.claim`).
    """
    for tried, alike in groupby(sorted(claims, key=attrgetter("attempts")), key=attrgetter("attempts")):
        while lot := list(islice(alike, max(most >> tried, 1))):
            yield lot


def request_of(claim: Claim) -> Document:
    """The request as it was, or is to be, sent: same id, same instant, same bytes."""
    return Document(key=claim.doc_key, payload=claim.payload, request_id=claim.attempt, created=claim.attempted_at or 0)


def verdict(claim: Claim, outcome: Outcome, ledger: Ledger, clock: Clock) -> Verdict | None:
    """What the answer to a repeated request means for its document; None: look it up now.

    The claim is as it was before the repeat: a refusal shows that the repeat itself is over. It is final only if it is
    SAP's first answer. Any other one tells nothing of what was sent before, which may still be under way and hold a
    lock, or may have done its work: then somebody looks, once nothing can be under way.
    """
    evidence = partial(Verdict, claim=claim, status=outcome.status, transaction_id=outcome.transaction_id)
    match outcome:
        case Delivered():
            why = "the same request once more: SAP has created it"
            return evidence(after=State.DELIVERED, why=why, outcome="delivered")
        case Refused() if outcome.repeatability == ACCEPTED:
            return evidence(
                after=State.REJECTED,
                why=outcome.message,
                reasons=outcome.reasons,
                outcome="refused",
                code=outcome.code,
            )
        case Ambiguous(exists=True):
            return None
        case Refused() if ledger.grace_is_over(claim):
            return None
        case Refused():
            why, look_at = f"refused so far: {outcome.message}", ledger.now() + ledger.grace
        case NotTaken():
            why, look_at = outcome.why, ledger.now() + max(retry.wait(outcome, 1, clock.chance), retry.LOOK_AGAIN)
        case Ambiguous():
            why, look_at = outcome.why, ledger.now() + max(retry.asked(outcome), retry.LOOK_AGAIN)
    return Verdict(claim=claim, after=State.AMBIGUOUS, why=why, reasons=(why,), look_at=look_at)
