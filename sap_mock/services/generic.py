"""Any other $metadata document, served from the store with no code: full CRUD, queries and deep insert."""

from __future__ import annotations

from pathlib import Path

from sap_mock.odata.entity import Entity, EntityInput
from sap_mock.provider.catalog import Service
from sap_mock.provider.data_provider import Dpc
from sap_mock.provider.model_provider import Mpc
from sap_mock.provider.request_context import RequestContext


class GenericDpc(Dpc):
    """The defaults of the base class, and deep insert of any depth."""

    def create_deep_entity(self, context: RequestContext, data: EntityInput) -> Entity:
        return self.insert_deep(context, data)


def service(name: str, metadata: Path) -> Service:
    """A service of this name over a metadata document."""
    return Service(name=name, title=name, mpc=Mpc(metadata), dpc=GenericDpc)
