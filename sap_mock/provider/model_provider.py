"""The model provider class: defines a service's model, as SAP's ``…_MPC`` does in its DEFINE method."""

from __future__ import annotations

from pathlib import Path

from sap_mock.edm import csdl_reader
from sap_mock.edm.model import Model


class Mpc:
    """A model read from a $metadata document. A service may redefine ``define``."""

    def __init__(self, metadata: Path) -> None:
        self.metadata = metadata

    def define(self) -> Model:
        """The model; raises :class:`sap_mock.edm.csdl_reader.MetadataError` for a document that is none."""
        return csdl_reader.read(self.metadata.read_bytes())
