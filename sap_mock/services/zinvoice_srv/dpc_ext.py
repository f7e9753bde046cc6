"""What ZINVOICE_SRV does by itself: an invoice needs an ID and a currency, and exists only once."""

from __future__ import annotations

from sap_mock.odata.entity import Entity, EntityInput
from sap_mock.provider.data_provider import Dpc
from sap_mock.provider.exceptions import business_exception
from sap_mock.provider.request_context import RequestContext
from sap_mock.services.zinvoice_srv.messages import message


class ZInvoiceDpc(Dpc):
    """The data provider extension class of ZINVOICE_SRV."""

    def invoices_create_entity(self, context: RequestContext, data: EntityInput) -> Entity:
        """Create an invoice; raises a business exception with every message at once."""
        invoice_id = data.get("ID") or ""
        if not invoice_id:
            self.messages.add(message("002"), target="ID", is_leading=True)
        if data.get("Value") and not data.get("Currency"):
            self.messages.add(message("003", invoice_id), target="Currency")
        if self.messages.has_errors:
            raise business_exception(container=self.messages)
        return self.insert(context, data)

    def duplicate_key(self, context: RequestContext, entity: Entity) -> Exception:
        return business_exception(message("001", entity["ID"]), property_ref="ID")
