"""What a test does with the stand-ins; the fixtures of ``sap_mock.pytest_plugin`` are made of it."""

from sap_mock.testing.billing import BillingMock
from sap_mock.testing.containers import gateway_in_container
from sap_mock.testing.fault_plans import FaultPlans
from sap_mock.testing.gateway import SapGateway
from sap_mock.testing.in_process import WsgiAdapter, gateway_in_process
from sap_mock.testing.starting import NotStarted, started_billing, started_gateway

__all__ = [
    "BillingMock",
    "FaultPlans",
    "NotStarted",
    "SapGateway",
    "WsgiAdapter",
    "gateway_in_container",
    "gateway_in_process",
    "started_billing",
    "started_gateway",
]
