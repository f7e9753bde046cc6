"""Before a document is sent that is new in the ledger: whether SAP already shows one that this ledger never sent.

Then the ledger is older than SAP (a backup was put back, a file was lost), and whatever it believes to be ready may be
there already. It is distrusted until `reconcile --repair` has taken over what SAP has. The witness of the ledger finds
most of these cases; this look finds those where the witness was lost too. It asks for the oldest and the newest that
were never sent, since a run sends in the order of arrival. What arrives after a look waits for the next one.

One that SAP took once, did not show, and shows again is no such sign: somebody repeated its update (transaction SM13)
after a person had asked for it to be sent again. It is taken over alone.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from pipeline.delivery.resolve import Lookout
from pipeline.delivery.targets import Targets
from pipeline.ledger.rows import Claim
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.odata_client.answers import Found, Several
from pipeline.odata_client.literals import BadLiteral, typed

OLDER = (
    "SAP already shows {count} of the first {looked} invoices that this ledger never sent ({example}, for one): the "
    "ledger is older than SAP. Nothing is sent from it until billing-to-sap reconcile --repair has taken over what SAP "
    "shows"
)


def look_before_sending(
    lookout: Lookout, sources: Sequence[str] | None = None, targets: Targets | None = None
) -> Targets:
    """Ask these targets, or all, about what these sources, or all, have to send; gives those that may be sent to.

    None may where the ledger is not to be believed, and not the one that cannot be asked.
    """
    ledger, targets = lookout.ledger, targets or Targets()
    newest = ledger.last_document()
    if reason := ledger.distrusted():
        targets.give_up(Misconfigured(reason))
    unsent = sorted(ledger.unsent(ledger.sources() if sources is None else sources, lookout.at_once), key=_target)
    shown: list[Claim] = []
    for target, claims in groupby(unsent, key=_target):
        if target in targets:
            try:
                shown += _shown(lookout, target, claims)
            except (Misconfigured, Unavailable) as trouble:
                targets.give_up(trouble, target)
    still = ledger.never_sent([claim.id for claim in shown])  # another worker may have sent some since they were read
    back = ledger.vanished_before(list(still)) if still else set()
    if back:
        ledger.adopt(back)
    known = [claim for claim in shown if claim.id in still - back]
    if known:
        reason = OLDER.format(count=len(known), looked=len(unsent), example=known[0].doc_key)
        ledger.distrust(reason)
        targets.give_up(Misconfigured(reason))
    ledger.asked_about = newest
    return targets


def _target(claim: Claim) -> str:
    return claim.target


def _shown(lookout: Lookout, target: str, claims: Iterable[Claim]) -> list[Claim]:
    """Those of the claims whose document SAP shows as it would be sent, or more than once."""
    mine = list(claims)
    entities = lookout.connect(target)
    try:
        entities.log_on()
        sights = entities.look([claim.doc_key for claim in mine])
    finally:
        entities.close()
    return [
        claim
        for claim, sight in zip(mine, sights, strict=True)
        if isinstance(sight, Several) or (isinstance(sight, Found) and _is_equal(lookout, claim, sight))
    ]


def _is_equal(lookout: Lookout, claim: Claim, sight: Found) -> bool:
    form = lookout.forms[claim.target]
    try:
        return not form.differences(claim.payload, typed(sight.entity, form.types))
    except BadLiteral:
        return False
