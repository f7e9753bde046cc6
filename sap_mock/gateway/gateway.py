"""The gateway: the steps from a request to its answer, one line each, and the one place where errors become answers."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial

from sap_mock import clock
from sap_mock.faults.fault import Effect
from sap_mock.faults.striking import Faults
from sap_mock.formats import error_document
from sap_mock.formats.error_document import Circumstances
from sap_mock.gateway import documents, languages, repeatability
from sap_mock.gateway.batch_runner import BatchRunner
from sap_mock.gateway.dispatch import handler, method_name
from sap_mock.gateway.operation import Operation
from sap_mock.gateway.scope import scope_of
from sap_mock.gateway.sessions import SAFE_METHODS, Logon, NotAdmitted
from sap_mock.journal.exchange import Exchange, Journal
from sap_mock.odata.errors import ODataError, Refusal, Terminated, refused
from sap_mock.odata.messages import ODataRequest, ODataResponse
from sap_mock.odata.negotiation import Format, check_version, choose_for_error
from sap_mock.odata.uri import binding, query_options, resource_path
from sap_mock.odata.uri.target import Target, TargetKind
from sap_mock.provider.catalog import LONGEST_KEPT_ADDRESS, Catalog, Location, Service
from sap_mock.provider.data_provider import Dpc, Runtime
from sap_mock.provider.deferral import Collected
from sap_mock.storage.database import Database
from sap_mock.storage.unit_of_work import UnitOfWork

_PROCESSED = {
    True: "ODataBEP=,crp=,RAL=,st=X,MedCacheHub=Table,MedCacheBEP=Table,codeployed=X,softstate=",
    False: "ODataBEP=,crp=,RAL=,st=,MedCacheHub=Table,codeployed=X,softstate=",
}
_STATISTICS = (
    "total={milliseconds},fw={milliseconds},app=0,gwtotal={milliseconds},gwhub={milliseconds},gwrfcoh=0,gwbe=0,gwapp=0,"
    "gwnongw=0"
)
_NO_EFFECT = Effect()


class Gateway:
    """``handle`` is all there is to call; it never raises."""

    def __init__(  # noqa: PLR0913 - what a gateway is made of
        self,
        *,
        catalog: Catalog,
        database: Database,
        logon: Logon,
        faults: Faults,
        journal: Journal | None = None,
        lenient: bool = False,
    ) -> None:
        self.catalog = catalog
        self._database = database
        self._logon = logon
        self._faults = faults
        self._journal = journal
        self._lenient = lenient
        self._batches = BatchRunner(
            alone=self._part,
            together=self._changeset,
            unit_of_work=partial(database.unit_of_work, writes=True),
            refuse=self._refusal,
            struck=self._struck,
        )

    def handle(self, request: ODataRequest) -> ODataResponse:
        """The answer to a request; it is in the journal before it is sent."""
        begun, started, scope = clock.elapsed(), clock.now(), scope_of(request)
        response = self._always(partial(self._faults.around, scope=scope, answer=self._answer), request)
        response = self._completed(response, request, begun)
        if self._journal is not None:
            about, seconds = (scope.service, scope.entity_set), clock.elapsed() - begun
            self._journal.record(Exchange.of(request, response, about=about, started=started, seconds=seconds))
        return response

    # The steps -------------------------------------------------------------------------------------------------

    def _answer(self, request: ODataRequest) -> ODataResponse:
        return self._always(self._admitted, request)

    def _admitted(self, request: ODataRequest) -> ODataResponse:
        admission = self._logon.admit(request)
        response = self._always(self._served, request)
        return response.with_headers(*admission.headers) if admission.headers else response

    def _served(self, request: ODataRequest) -> ODataResponse:
        languages.check(request.query)
        check_version(request.headers.get("dataserviceversion"))
        location = self.catalog.find(request.path)
        if location.behind == "$batch":
            if request.method != "POST":
                raise refused(Refusal.METHOD_NOT_ALLOWED)
            return self._batches.run(request, location)
        return self._unstruck(_tunnelled(request))

    def _part(self, request: ODataRequest) -> ODataResponse:
        return self._always(self._unstruck, request)

    def _unstruck(self, part: ODataRequest) -> ODataResponse:
        effect = self._struck(part)
        if effect.error is not None:
            raise effect.error
        return self._operation(part, self.catalog.find(part.path), keep=not effect.loses_update)

    def _struck(self, request: ODataRequest) -> Effect:
        return self._faults.effect(request, scope_of(request)) if self._faults.in_force else _NO_EFFECT

    def _operation(self, request: ODataRequest, location: Location, *, keep: bool) -> ODataResponse:
        with self._database.unit_of_work(writes=request.method not in SAFE_METHODS) as unit_of_work:
            response = self._performed(request, location, unit_of_work, lambda: self._dpc(location, unit_of_work))
            if keep:
                unit_of_work.commit()
        return response

    def _performed(
        self, request: ODataRequest, location: Location, unit_of_work: UnitOfWork, dpc: Callable[[], Dpc]
    ) -> ODataResponse:
        """One operation; at an idempotent service only the first time that its RequestID comes."""
        modifies = request.method not in SAFE_METHODS
        identifier = repeatability.request_id(request) if location.service.idempotent and modifies else None
        if identifier is None:
            return self._handled(request, location, dpc)
        memory = self._database.request_ids(unit_of_work)
        return repeatability.once(identifier, memory, clock.now(), lambda: self._handled(request, location, dpc))

    def _handled(self, request: ODataRequest, location: Location, dpc: Callable[[], Dpc]) -> ODataResponse:
        target = _target(request, location)
        method = "GET" if request.method == "HEAD" else request.method
        if target.kind in _DOCUMENTS:
            if method != "GET":
                raise refused(Refusal.METHOD_NOT_ALLOWED)
            return _DOCUMENTS[target.kind](location, request, target.options)
        handle = handler(target, method)
        operation = Operation(request=request, location=location, target=target, dpc=dpc(), lenient=self._lenient)
        return handle(operation)

    def _dpc(self, location: Location, unit_of_work: UnitOfWork) -> Dpc:
        service = location.service
        return service.dpc(
            Runtime(
                model=service.model,
                store=self._database.store(unit_of_work, service.tables),
                number_ranges=self._database.number_ranges(unit_of_work),
                many_operations_per_changeset=service.many_operations_per_changeset,
            )
        )

    def _changeset(self, location: Location, unit_of_work: UnitOfWork) -> ChangesetWork:
        return ChangesetWork(unit_of_work, partial(self._dpc, location, unit_of_work), self._performed, self.catalog)

    # Errors and completion -------------------------------------------------------------------------------------

    def _always(self, work: Callable[[ODataRequest], ODataResponse], request: ODataRequest) -> ODataResponse:
        try:
            return work(request)
        except Terminated as end:
            if request.in_batch:
                raise
            return end.response
        except Exception as error:  # noqa: BLE001 - a defect of ours still answers as SAP would
            return self._refusal(error, request)

    def _refusal(self, error: Exception, request: ODataRequest) -> ODataResponse:
        if isinstance(error, NotAdmitted):
            return error.response
        if not isinstance(error, ODataError):
            said = "".join(traceback.format_exception(error))
            sys.stderr.write(f"transaction {request.notes.transaction_id}: {said}")
            error = refused(Refusal.SHORT_DUMP)
        circumstances = Circumstances(
            transaction_id=request.notes.transaction_id,
            moment=clock.now(),
            service=self._service_of(request),
            in_batch=request.in_batch,
        )
        if choose_for_error(request.query, request.headers.get("accept")) is Format.JSON:
            content_type, body = error_document.JSON_TYPE, error_document.write_json(error, circumstances)
        else:
            content_type, body = error_document.XML_TYPE, error_document.write_xml(error, circumstances)
        fields = (("content-type", content_type), ("dataserviceversion", "1.0"), *error.headers)
        return ODataResponse(status=error.status, headers=fields, body=body)

    def _service_of(self, request: ODataRequest) -> tuple[str, str] | None:
        try:
            service = self.catalog.find(request.path).service
        except ODataError:
            return None
        return service.name, f"{service.version:04d}"

    def _completed(self, response: ODataResponse, request: ODataRequest, begun: float) -> ODataResponse:
        """The header fields that every answer of the system carries, and no body for HEAD."""
        microseconds = round((clock.elapsed() - begun) * 1_000_000)
        fields = [
            ("sap-perf-fesrec", f"{microseconds}.000000"),
            ("sap-processing-info", _PROCESSED[response.provided]),
            ("sap-server", "true"),
        ]
        if "sap-statistics" in request.headers or "sap-statistics=true" in request.query:
            fields.append(("sap-statistics", _STATISTICS.format(milliseconds=microseconds // 1000)))
        body = response.body
        if request.method == "HEAD":
            fields.append(("content-length", str(len(body))))
            body = b""
        return ODataResponse(
            status=response.status,
            headers=(*response.headers, *fields),
            body=body,
            transmission=response.transmission,
            amount=response.amount,
        )


class ChangesetWork:
    """The unit of work of one changeset; see :class:`sap_mock.gateway.batch_runner.Work`."""

    def __init__(
        self,
        unit_of_work: UnitOfWork,
        dpc: Callable[[], Dpc],
        perform: Callable[[ODataRequest, Location, UnitOfWork, Callable[[], Dpc]], ODataResponse],
        catalog: Catalog,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._dpc = dpc()
        self._perform = perform
        self._catalog = catalog

    def begin(self, requests: Sequence[ODataRequest]) -> None:
        """Announce the operations to the data provider; where it defers them, let it process them all at once."""
        if not self._dpc.changeset_begin([_operation_name(request, self._catalog) for request in requests]):
            return
        deferral = self._dpc.deferred()
        collected = []
        for request in requests:
            try:
                self.perform(request)
            except Collected as found:
                collected.append(found.operation)
        deferral.answer(self._dpc.changeset_process(collected))

    def perform(self, request: ODataRequest) -> ODataResponse:
        """Perform one operation with the shared data provider; its messages go with this operation only."""
        request = _tunnelled(request)
        self._dpc.messages.details.clear()
        self._dpc.messages.leading = None
        return self._perform(request, self._catalog.find(request.path), self._unit_of_work, lambda: self._dpc)

    def end(self, *, keep: bool) -> None:
        """Commit, unless the update is to fail afterwards."""
        self._dpc.changeset_end()
        if keep:
            self._unit_of_work.commit()
        else:
            self._unit_of_work.rollback()

    def discard(self) -> None:
        """Roll back."""
        self._unit_of_work.rollback()


_DOCUMENTS = {
    TargetKind.SERVICE_DOCUMENT: documents.service_root,
    TargetKind.METADATA: documents.metadata,
}


def _target(request: ODataRequest, location: Location) -> Target:
    address = location.service, location.behind, request.query
    short = len(location.behind) + len(request.query) < LONGEST_KEPT_ADDRESS
    return _bound(*address) if short else _bound.__wrapped__(*address)


@lru_cache(maxsize=1024)
def _bound(service: Service, behind: str, query: str) -> Target:
    """What an address means; kept, because the parts of a batch and the pages of a client repeat their addresses."""
    return binding.bind(resource_path.parse(behind), query_options.parse(query), service.model)


def _operation_name(request: ODataRequest, catalog: Catalog) -> str:
    """What ``changeset_begin`` is told; an address that cannot be bound is refused when its turn comes."""
    request = _tunnelled(request)
    try:
        return method_name(_target(request, catalog.find(request.path)), request.method)
    except ODataError:
        return request.method.lower()


def _tunnelled(request: ODataRequest) -> ODataRequest:
    """POST with X-HTTP-Method is that method ([MS-ODATA] 2.2.5.8)."""
    method = request.headers.get("x-http-method")
    return replace(request, method=method.upper()) if method and request.method == "POST" else request
