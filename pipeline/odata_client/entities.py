"""Documents of one entity set: created, looked up by key, read as a whole. What the wire looks like ends here.

Takes keys and frozen payloads, gives outcomes and sights. One document travels alone as a plain POST, several as one
$batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.clock import Clock
from pipeline.model.outcome import NotTaken, Outcome
from pipeline.model.stops import LogOnRefused, Misconfigured, Unavailable
from pipeline.odata_client import batch
from pipeline.odata_client.answer import Answer, NoAnswer
from pipeline.odata_client.answers import FORBIDDEN, LOG_ON_REFUSED, Expected, Sight, outcome, sight
from pipeline.odata_client.client import Client
from pipeline.odata_client.literals import key_predicate, moment, string_literal

PAGE = 500


@dataclass(frozen=True, kw_only=True)
class Document:
    """A key and the bytes that are to become its document.

    `request_id` is what an idempotent service knows the request by, when it comes again with the same `created`, the
    instant it was first sent; without it the target is not asked to be idempotent.
    """

    key: str
    payload: bytes
    request_id: str = ""
    created: int = 0

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The header fields of SAP Help, "Defining Settings for Idempotent Services"."""
        if not self.request_id:
            return ()
        return ("RequestID", self.request_id), ("RepeatabilityCreation", moment(self.created))


@dataclass(frozen=True, kw_only=True)
class EntitySet:
    """What must be known of an entity set.

    Its name, the property by which our documents are found, and the codes by which SAP says "already there". With
    `by_filter` that property is not SAP's own key; `items` is the navigation property that is to be shown, too.
    """

    name: str
    key_property: str
    duplicate_codes: frozenset[str] = frozenset()
    by_filter: bool = False
    items: str = ""

    def look(self, key: str) -> str:
        """The path under which SAP shows the document of this key."""
        expand = f"$expand={self.items}&" if self.items else ""
        if self.by_filter:
            return f"{self.name}?$filter={self.key_property}%20eq%20{string_literal(key)}&{expand}$format=json"
        return key_predicate(self.name, key) + (f"?{expand}$format=json" if expand else "")

    def page(self, after: str) -> str:
        """The path of one page of everything we may know, in the order of the key, behind this one.

        A key that is not SAP's own may be shared: then the page begins with this key once more.
        """
        expand = f"$expand={self.items}&" if self.items else ""
        beyond = "ge" if self.by_filter and after else "gt"
        place = f"$filter={self.key_property}%20{beyond}%20{string_literal(after)}&$orderby={self.key_property}"
        return f"{self.name}?{expand}{place}&$top={PAGE}&$format=json"


class Entities:
    """One entity set through one client."""

    def __init__(self, client: Client, entity_set: EntitySet, clock: Clock) -> None:
        self._client = client
        self._set = entity_set
        self._clock = clock

    def log_on(self) -> None:
        """Make sure that a token is there, before any document is marked as being sent.

        Raises Misconfigured or Unavailable.
        """
        self._client.token()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def create(self, documents: Sequence[Document]) -> list[Outcome]:
        """Create each document; the outcome of each, in their order. Never raises for what SAP answers."""
        try:
            answers = self._create_alone(documents[0]) if len(documents) == 1 else self._create_together(documents)
        except Misconfigured as stop:
            status = LOG_ON_REFUSED if isinstance(stop, LogOnRefused) else None
            return [NotTaken(why=str(stop), stops=str(stop), status=status)] * len(documents)
        except Unavailable as stop:
            return [NotTaken(why=str(stop))] * len(documents)
        return [outcome(answer, self._expected(one.key)) for answer, one in zip(answers, documents, strict=True)]

    def look(self, keys: Sequence[str]) -> list[Sight]:
        """What SAP shows under each key, in their order."""
        paths = [self._set.look(key) for key in keys]
        if len(keys) == 1:
            answers = [self._client.get(paths[0])]
        else:
            answers = self._batch([batch.Look(path=path) for path in paths])
        return [sight(answer, self._expected(key)) for answer, key in zip(answers, keys, strict=True)]

    def everything(self) -> Iterator[dict[str, Any]]:
        """Every entity of the set that has a key of ours, in the order of the key.

        Each page is asked for by the last key of the one before, so that neither its cost nor its content depends on
        how many there are or on what comes meanwhile. Raises Unavailable when SAP stops answering.
        """
        last = ""
        shown: set[str] = set()
        while True:
            results = self._page(self._client.get(self._set.page(last)))
            fresh = [entity for entity in results if _identity(entity) not in shown]
            yield from fresh
            if not fresh and len(results) >= PAGE:
                raise Unavailable(f"SAP shows more than {PAGE} {self._set.name} under one key, {last}: mend that first")
            if not fresh:
                return
            last = str(fresh[-1].get(self._set.key_property))
            shown = {_identity(entity) for entity in results if str(entity.get(self._set.key_property)) == last}

    def _page(self, answer: Answer | NoAnswer) -> list[dict[str, Any]]:
        if isinstance(answer, NoAnswer):
            raise Unavailable(f"SAP did not give its {self._set.name}: {answer.why}. Repeat later")
        results = (answer.entity or {}).get("results")
        if answer.status != 200 or not isinstance(results, list):
            said = f": {answer.error.message}" if answer.error else ""
            raise Unavailable(f"SAP did not give its {self._set.name} ({answer.status}{said}). Repeat later")
        return results

    def _create_alone(self, document: Document) -> list[Answer | NoAnswer]:
        sent = self._client.post(
            self._set.name, document.payload, content_type="application/json", fields=document.fields
        )
        return [sent]

    def _create_together(self, documents: Sequence[Document]) -> list[Answer | NoAnswer]:
        creates = [
            batch.Create(entity_set=self._set.name, payload=document.payload, fields=document.fields)
            for document in documents
        ]
        return self._batch(creates)

    def _batch(self, operations: Sequence[batch.Operation]) -> list[Answer | NoAnswer]:
        boundary = f"batch_{self._clock.guid()}"
        answer = self._client.post(
            "$batch",
            batch.write(operations, boundary),
            content_type=batch.content_type(boundary),
            accept="multipart/mixed",
        )
        if isinstance(answer, NoAnswer):
            return [answer] * len(operations)
        if answer.status == 202:
            return batch.read(answer, len(operations))
        return [_outer(answer)] * len(operations)

    def _expected(self, key: str) -> Expected:
        return Expected(
            key=key,
            key_property=self._set.key_property,
            duplicate_codes=self._set.duplicate_codes,
            now=self._clock.now(),
        )


def _identity(entity: dict[str, Any]) -> str:
    metadata = entity.get("__metadata")
    return str(metadata.get("uri")) if isinstance(metadata, dict) else str(entity)


def _outer(answer: Answer) -> Answer | NoAnswer:
    """What a batch answered as a whole means for each of its parts.

    A log-on, a token or a busy refusal is one for every part. Any other refusal of the whole is no statement on one
    document; a 403 would meet every other batch, too.
    """
    if answer.demands_token or answer.status in {401, 429, 503}:
        return answer
    stops = FORBIDDEN if answer.status == 403 else ""
    return NoAnswer(why=f"the batch as a whole was answered with {answer.status}", stops=stops)
