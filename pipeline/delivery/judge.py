"""A raw record → what enters the ledger: an invoice that can be sent, or a quarantined record with every reason.

Pure.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from pipeline.ledger.rows import Arrival
from pipeline.model.record import canonical, digest, plain, read_json
from pipeline.model.rejection import Rejection
from pipeline.sap.form import Form, FrozenEntity

UNPRINTABLE = "its id, or the one of what it reverses, contains characters that cannot be kept: mend it at the source"
TWICE = "the source gives this id more than once, with different content"


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Judges the records of one source by its schema and by the form they are to fill in SAP.

    `held` says why a sound document must wait, `needs` which other one of its source must be in SAP before it,
    `cancelled` whether its source has withdrawn it.
    """

    source: str
    load: Callable[[Any], Any]
    form: Form
    build: Callable[[Any], FrozenEntity | tuple[str, ...]]
    held: Callable[[Any], tuple[str, ...]] = lambda _: ()
    needs: Callable[[Any], str] = lambda _: ""
    cancelled: Callable[[Any], bool] = lambda _: False

    def judge(self, record: Any) -> Arrival:
        """One record, with all its reasons together if it has any."""
        text = canonical(record)
        loaded = self.load(record)
        if isinstance(loaded, Rejection):
            return self._quarantined(loaded.id, text, loaded.reasons)
        entity = self.build(loaded)
        if isinstance(entity, tuple):
            return self._quarantined(loaded.id, text, entity)
        needs = self.needs(loaded)
        if not (loaded.id.isprintable() and needs.isprintable()):
            return self._quarantined(loaded.id, text, (UNPRINTABLE,))
        return Arrival(
            source=self.source,
            source_id=loaded.id,
            target=self.form.name,
            record=text,
            digest=entity.digest,
            doc_key=entity.key,
            payload=entity.payload,
            currency=loaded.total.currency,
            amount=loaded.total.amount,
            held=self.held(loaded),
            needs=needs,
            cancelled=self.cancelled(loaded),
        )

    def judge_again(self, text: str) -> Arrival:
        """A record as the ledger keeps it."""
        return replace(self.judge(read_json(text.encode())), record=text)

    def judge_page(self, records: Iterable[Any]) -> tuple[list[Arrival], int]:
        """The records of a page, no id twice, and how many only repeated another one."""
        found: dict[str, Arrival] = {}
        repeated = 0
        for record in records:
            arrival = self.judge(record)
            known = found.get(arrival.source_id)
            if known is None:
                found[arrival.source_id] = arrival
                continue
            repeated += 1
            if known.digest != arrival.digest:
                found[arrival.source_id] = _contradiction(known, arrival)
        return list(found.values()), repeated

    def _quarantined(self, source_id: str, text: str, reasons: tuple[str, ...]) -> Arrival:
        content = digest(text.encode())
        return Arrival(
            source=self.source,
            source_id=plain(source_id) or f"without-id-{content[:16]}",
            target=self.form.name,
            record=text,
            digest=content,
            reasons=tuple(plain(reason) for reason in reasons),
        )


def _contradiction(one: Arrival, other: Arrival) -> Arrival:
    """One quarantined record of two; both are kept, so that neither becomes sound when it is judged again."""
    both = ",".join(sorted((one.record, other.record)))
    together = digest("".join(sorted((one.digest, other.digest))).encode())
    unsound = replace(one, doc_key=None, payload=None, currency=None, amount=None, held=(), needs="")
    return replace(unsound, record=f"[{both}]", digest=together, reasons=(TWICE,))
