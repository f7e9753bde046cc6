"""The catalogue of services, at /sap/opu/odata/IWFND/CATALOGSERVICE;v=2: what else this system offers.

The members are those that SAP's own tools ask for (open-ux-tools' axios-extension; ServiceCollection as captured).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sap_mock.provider.catalog import Service
from sap_mock.provider.model_provider import Mpc
from sap_mock.services.catalogservice.dpc_ext import catalog_dpc

_METADATA = Path(__file__).with_name("metadata.xml")


def service(offered: Sequence[Service]) -> Service:
    """The catalogue over these services."""
    return Service(
        name="CATALOGSERVICE",
        namespace="IWFND",
        version=2,
        title="Catalog Service Version 2",
        mpc=Mpc(_METADATA),
        dpc=catalog_dpc(offered),
    )
