"""Reads the catalogue from the services themselves; nothing of it is kept in the store, nothing can be written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sap_mock.odata.entity import Entity
from sap_mock.provider.catalog import Service
from sap_mock.provider.data_provider import Dpc
from sap_mock.provider.data_util import selected
from sap_mock.provider.exceptions import resource_not_found
from sap_mock.provider.request_context import RequestContext

_WRITES = ("create_entity", "update_entity", "delete_entity")


def catalog_dpc(offered: Sequence[Service]) -> type[Dpc]:
    """A data provider class over these services."""
    return type("CatalogDpc", (_CatalogDpc,), {"offered": tuple(offered)})


class _CatalogDpc(Dpc):
    offered: ClassVar[tuple[Service, ...]] = ()
    not_implemented = frozenset(
        f"{entity_set}_{write}"
        for entity_set in ("servicecollectio", "entitysetcollect", "tagcollection", "annotations", "catalogcollectio")
        for write in _WRITES
    )

    def get_entityset(self, context: RequestContext) -> list[Entity]:
        return selected(self._entities(context), context)

    def get_entity(self, context: RequestContext) -> Entity:
        for entity in self._entities(context):
            if all(entity[name] == value for name, value in (context.key or {}).items()):
                return entity
        raise resource_not_found(context.entity_type.name)

    def _entities(self, context: RequestContext) -> list[Entity]:
        wanted = None
        if context.source is not None and context.source[1].source.name == "ServiceCollection":
            wanted = context.source[0]["ID"]
        match context.entity_set.name:
            case "ServiceCollection":
                found = [_service(one, context.origin) for one in self.offered]
                search = context.custom_options.get("search", "").strip('"').lower()
                return [one for one in found if search in f"{one['Title']} {one['Description']}".lower()]
            case "EntitySetCollection":
                return [entity for one in self.offered if wanted in (None, _id(one)) for entity in _entity_sets(one)]
            case "CatalogCollection":
                return [_catalog(context.origin)]
            case _:
                return []


def _id(service: Service) -> str:
    return f"{service.name}_{service.version:04d}"


def _service(service: Service, origin: str) -> Entity:
    address = f"{origin}{service.path.rstrip('/')}"
    return Entity(
        values={
            "ID": _id(service),
            "Description": service.title,
            "Title": service.name,
            "Author": "DEVELOPER",
            "TechnicalServiceVersion": service.version,
            "MetadataUrl": f"{address}/$metadata",
            "TechnicalServiceName": service.name,
            "ImageUrl": "",
            "ServiceUrl": address,
            "UpdatedDate": service.updated.replace(tzinfo=None),
            "ReleaseStatus": "",
            "Category": "",
            "IsSapService": not service.name.upper().startswith(("Y", "Z")),
        }
    )


def _entity_sets(service: Service) -> list[Entity]:
    return [
        Entity(
            values={
                "ID": name,
                "SrvIdentifier": _id(service),
                "Description": name,
                "TechnicalServiceName": service.name,
                "TechnicalServiceVersion": service.version,
            }
        )
        for name in service.model.entity_sets
    ]


def _catalog(origin: str) -> Entity:
    return Entity(
        values={
            "ID": "LOCAL",
            "Description": "Services of this system",
            "ImageUrl": "",
            "Title": "Catalog",
            "Url": f"{origin}/sap/opu/odata/IWFND/CATALOGSERVICE;v=2",
        }
    )
