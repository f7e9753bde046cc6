"""API_SUPPLIERINVOICE_PROCESS_SRV: the part of SAP's API that posts invoices without a goods receipt.

Field names, types and lengths are those that SAP publishes for its API (CSN of the SAP Cloud SDK's package, version
2.1.0); metadata.xml is ours and leaves out what an invoice from a billing system never fills.
"""

from __future__ import annotations

from pathlib import Path

from sap_mock.provider.catalog import Service
from sap_mock.provider.model_provider import Mpc
from sap_mock.services.accounting.customizing import Customizing
from sap_mock.services.api_supplierinvoice_process_srv.dpc_ext import SupplierInvoiceDpc


def service(customizing: Customizing) -> Service:
    """The service over other company data than the built-in one."""
    return Service(
        name="API_SUPPLIERINVOICE_PROCESS_SRV",
        title="Supplier invoices",
        mpc=Mpc(Path(__file__).with_name("metadata.xml")),
        dpc=type("SupplierInvoiceDpc", (SupplierInvoiceDpc,), {"customizing": customizing}),
    )


SERVICE = service(SupplierInvoiceDpc.customizing)
