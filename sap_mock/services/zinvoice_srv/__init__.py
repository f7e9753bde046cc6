"""ZINVOICE_SRV, the reference: invoices as the seed's SEGW project models them."""

from __future__ import annotations

from pathlib import Path

from sap_mock.provider.catalog import Service
from sap_mock.provider.model_provider import Mpc
from sap_mock.services.zinvoice_srv.dpc_ext import ZInvoiceDpc

SERVICE = Service(
    name="ZINVOICE_SRV",
    title="Invoices",
    mpc=Mpc(Path(__file__).with_name("metadata.xml")),
    dpc=ZInvoiceDpc,
)
