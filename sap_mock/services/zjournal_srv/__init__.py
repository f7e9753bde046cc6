"""ZJOURNAL_SRV: journal entries by deep insert, as a SEGW project around BAPI_ACC_DOCUMENT_POST offers them."""

from __future__ import annotations

from pathlib import Path

from sap_mock.provider.catalog import Service
from sap_mock.provider.model_provider import Mpc
from sap_mock.services.accounting.customizing import Customizing
from sap_mock.services.zjournal_srv.dpc_ext import ZJournalDpc


def service(customizing: Customizing) -> Service:
    """The service over other company data than the built-in one."""
    return Service(
        name="ZJOURNAL_SRV",
        title="Journal entries",
        mpc=Mpc(Path(__file__).with_name("metadata.xml")),
        dpc=type("ZJournalDpc", (ZJournalDpc,), {"customizing": customizing}),
    )


SERVICE = service(ZJournalDpc.customizing)
