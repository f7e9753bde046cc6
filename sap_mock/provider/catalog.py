"""Service name → its model and data provider. Models are read when a service is first called."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cached_property, lru_cache

from sap_mock.edm.model import Model
from sap_mock.odata.errors import Refusal, refused
from sap_mock.provider.data_provider import Dpc
from sap_mock.provider.model_provider import Mpc
from sap_mock.storage.tables import Tables

LONGEST_KEPT_ADDRESS = 300  # characters of one whose meaning is remembered
_PREFIX = "/sap/opu/odata/"
_SERVICE = re.compile(r"/sap/opu/odata/(?:(?P<namespace>[^/;]+)/)?(?P<name>[^/;]+)(?P<parameters>(?:;[^/]*)?)")


@dataclass(frozen=True, kw_only=True, eq=False)
class Service:
    """One service: external name, version, SAP's classes. The switches depart from SEGW's defaults."""

    name: str
    mpc: Mpc
    dpc: type[Dpc]
    version: int = 1
    namespace: str = "sap"
    title: str = ""
    updated: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    many_operations_per_changeset: bool = False
    idempotent: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def path(self) -> str:
        """The service's root as its owner spells it, with a slash at both ends."""
        return f"{_PREFIX}{self.namespace}/{self.name}/"

    @cached_property
    def last_modified(self) -> str:
        """When the service's metadata changed, as an RFC 1123 date."""
        return format_datetime(self.updated, usegmt=True)

    @cached_property
    def model(self) -> Model:
        """The model, read on first use."""
        with self._lock:
            return self.mpc.define()

    @property
    def segments(self) -> frozenset[str]:
        """What may stand first behind its root."""
        return frozenset({"$batch", "$metadata", *self.model.entity_sets, *self.model.function_imports})

    @cached_property
    def tables(self) -> Tables:
        """Where the service's entities are kept."""
        return Tables(self.name, self.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A service as a request addressed it: its root in the caller's spelling, and the path behind it."""

    service: Service
    root_path: str
    behind: str


class Catalog:
    """The services of one gateway."""

    def __init__(self, services: Iterable[Service]) -> None:
        self._services: Mapping[str, Service] = {service.name.upper(): service for service in services}
        self._found = lru_cache(maxsize=1024)(self._find)  # the operations of a batch repeat their addresses

    def __iter__(self) -> Iterator[Service]:
        return iter(self._services.values())

    def find(self, path: str) -> Location:
        """The service that a path addresses; raises ODataError (403) for one that is not registered."""
        return self._found(path) if len(path) < LONGEST_KEPT_ADDRESS else self._find(path)

    def _find(self, path: str) -> Location:
        match = _SERVICE.match(path)
        if match is None:
            raise refused(Refusal.NOTHING_AT_URI)
        service = self._service(*match.groups())
        return Location(service=service, root_path=f"{match.group()}/", behind=path[match.end() :].lstrip("/"))

    def _service(self, namespace: str | None, name: str, parameters: str) -> Service:
        version = _version(parameters)
        namespace = (namespace or "sap").lower()
        service = self._services.get(name.upper())
        if service is None or service.namespace.lower() != namespace or service.version != version:
            shown = "" if namespace == "sap" else f"/{namespace.upper()}/"
            raise refused(Refusal.SERVICE_UNKNOWN, namespace=shown, name=name, version=f"{version:04d}")
        return service


def _version(parameters: str) -> int:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.lower() == "v" and value.isdigit():
            return int(value)
    return 1
