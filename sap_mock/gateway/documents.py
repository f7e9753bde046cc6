"""The documents that describe a service: at its root and at ``$metadata``, with the header fields SAP gives each."""

from __future__ import annotations

from functools import lru_cache

from sap_mock.edm import csdl_writer
from sap_mock.formats import service_document
from sap_mock.odata.errors import Refusal, refused
from sap_mock.odata.messages import ODataRequest, ODataResponse
from sap_mock.odata.negotiation import Format, accepts_xml, choose
from sap_mock.odata.uri.query_options import QueryOptions
from sap_mock.provider.catalog import Location, Service

_NO_CACHE = (
    ("cache-control", "no-store, no-cache, must-revalidate, max-age=0, post-check=0, pre-check=0"),
    ("expires", "Tue, 03 Jul 2001 06:00:00 GMT"),
    ("pragma", "no-cache"),
)
_SERVICE_DOCUMENT = "application/atomsvc+xml"
LANGUAGE = "en"


def service_root(location: Location, request: ODataRequest, options: QueryOptions) -> ODataResponse:
    """The service document: DataServiceVersion 1.0, never cached (captured)."""
    model = location.service.model
    root = request.origin + location.root_path
    wanted = choose(options.format, request.headers.get("accept"), atom_type=_SERVICE_DOCUMENT)
    if wanted is Format.JSON:
        content_type, body = "application/json; charset=utf-8", service_document.write_json(model)
    else:
        content_type, body = _SERVICE_DOCUMENT, service_document.write_xml(model, root, LANGUAGE)
    modified = location.service.last_modified
    fields = (
        ("content-type", content_type),
        ("dataserviceversion", "1.0"),
        *_NO_CACHE,
        ("last-modified", modified),
        ("sap-metadata-last-modified", modified),
    )
    return ODataResponse(status=200, headers=fields, body=body)


def metadata(location: Location, request: ODataRequest, options: QueryOptions) -> ODataResponse:
    """$metadata, in XML only: JSON by $format is 400, by Accept 406 (both captured)."""
    if options.format is not None and options.format.lower() not in ("xml", "application/xml"):
        raise refused(Refusal.OPTION_VALUE)
    if options.format is None and not accepts_xml(request.headers.get("accept")):
        raise refused(Refusal.NOT_ACCEPTABLE)
    fields = (
        ("content-type", "application/xml"),
        ("dataserviceversion", "2.0"),
        ("cache-control", "max-age=0"),
        ("last-modified", location.service.last_modified),
    )
    return ODataResponse(
        status=200, headers=fields, body=_written(location.service, request.origin + location.root_path)
    )


@lru_cache(maxsize=64)
def _written(service: Service, root: str) -> bytes:
    return csdl_writer.write(service.model, service_url=root, language=LANGUAGE)
