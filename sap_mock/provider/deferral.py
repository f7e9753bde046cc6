"""Deferred changesets: all operations of a changeset in one call, as SAP's CHANGESET_PROCESS gets them.

SAP Help, "Changesets": CHANGESET_BEGIN may ask to defer (``cv_defer_mode``); then the single methods are not called,
CHANGESET_PROCESS is, once, with every request, and gives one entity back for each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sap_mock.odata.entity import EntityInput
from sap_mock.provider.request_context import RequestContext

DEFERRED = frozenset({"create_entity", "create_deep_entity", "update_entity", "delete_entity"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesetOperation:
    """One operation of a deferred changeset: ``operation`` is ``create_entity`` and the like, ``data`` its body."""

    operation: str
    context: RequestContext
    data: EntityInput | None


class Collected(Exception):
    """Raised in the first pass, instead of performing an operation."""

    def __init__(self, operation: ChangesetOperation) -> None:
        super().__init__(operation.operation)
        self.operation = operation


class Deferral:
    """Two passes over the operations of a changeset: the first collects them, the second hands out the results."""

    def __init__(self) -> None:
        self._results: list[Any] | None = None

    def method(self, operation: str) -> Callable[..., Any]:
        """What stands in for the data provider's method: raises :class:`Collected`, or gives the next result."""

        def call(context: RequestContext, data: EntityInput | None = None) -> Any:
            if self._results is None:
                raise Collected(ChangesetOperation(operation=operation, context=context, data=data))
            return self._results.pop(0)

        return call

    def answer(self, results: Sequence[Any]) -> None:
        """Begin the second pass with these results, one for each operation in order."""
        self._results = list(results)
