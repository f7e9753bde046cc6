"""The reference model with a data provider that says something: function imports, messages and every exception."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sap_mock.odata.entity import Entity, EntityInput
from sap_mock.odata.errors import T100Message
from sap_mock.provider.catalog import Service
from sap_mock.provider.data_provider import Dpc
from sap_mock.provider.deferral import ChangesetOperation
from sap_mock.provider.exceptions import business_exception, technical_exception
from sap_mock.provider.model_provider import Mpc
from sap_mock.provider.request_context import RequestContext

ADDRESS = {"Street": "Hauptstraße 1", "City": "Köln", "Country": {"Code": "DE", "Population": 84_000_000}}


def message(number: str, text: str, *variables: str) -> T100Message:
    """A message of this service's own class."""
    return T100Message(class_="ZTALK", number=number, text=text, variables=variables)


class TalkingDpc(Dpc):
    """What an order is called decides what happens to it."""

    not_implemented = frozenset({"switches_delete_entity", "tags_get_entity"})
    page_size = 3

    def orders_create_entity(self, context: RequestContext, data: EntityInput) -> Entity:
        """Refuse, warn or book, as the order's ID asks."""
        order_id = str(data.get("OrderId"))
        refuse = _REFUSALS.get(order_id)
        if refuse:
            raise refuse(self)
        if order_id == "WARN":
            self.messages.add(message("010", "Größe geschätzt"), severity="warning", target="Total")
            self.messages.add_text("And more", severity="info")
        if order_id == "STATUS":
            context.set_response_status(202)
            context.set_header("x-booked-by", "TALKING")
        return self.insert(context, data)

    def orders_create_deep_entity(self, context: RequestContext, data: EntityInput) -> Entity:
        """Only orders are created together with what belongs to them."""
        return self.insert_deep(context, data)

    def profiles_get_entityset(self, context: RequestContext) -> list[Entity]:
        """Nobody reads profiles."""
        raise technical_exception()

    def changeset_begin(self, operations: Sequence[str]) -> bool:
        """As many operations as one likes, but only one deletion; customers are deferred."""
        if list(operations).count("orders_delete_entity") > 1:
            raise business_exception(f"Too much at once: {', '.join(operations)}")
        return set(operations) == {"customers_create_entity"}

    def changeset_process(self, operations: Sequence[ChangesetOperation]) -> list[Entity | None]:
        """Customers that come together must have different names, and are told how many they are."""
        bodies = [operation.data for operation in operations if operation.data is not None]
        names = [body.get("Name") for body in bodies]
        if len(set(names)) < len(names):
            raise business_exception("Two customers of one name")
        for body in bodies:
            body.values["Name"] = f"{body.get('Name')}, one of {len(bodies)}"
        return [self.insert(operation.context, body) for operation, body in zip(operations, bodies, strict=True)]

    def execute_action(self, context: RequestContext) -> Any:
        """Every function import of the model."""
        return _ACTIONS[context.action](self, context)

    def largest_order(self, context: RequestContext) -> Entity:
        """The order of which there is most."""
        orders = self.store.query(context.entity_set, _everything())
        return max(orders, key=lambda order: order["Total"])

    def all_orders(self, context: RequestContext) -> list[Entity]:
        """Every order."""
        return self.store.query(context.entity_set, _everything())


def _everything() -> Any:
    from sap_mock.storage.entity_store import Query  # noqa: PLC0415 - a service seldom asks the store directly

    return Query()


def _container(dpc: TalkingDpc) -> Exception:
    dpc.messages.add(message("001", "Total is missing", "V1"), target="Total")
    dpc.messages.add(message("002", "Order is closed"), severity="warning", is_leading=True)
    return business_exception(container=dpc.messages)


_REFUSALS: dict[str, Any] = {
    "TEXT": lambda _: business_exception("Only a text"),
    "T100": lambda _: business_exception(message("003", "Order T100 is closed", "T100"), property_ref="OrderId"),
    "CODE": lambda _: business_exception("Robot not found", code="ROBOT_NOT_FOUND", status=404),
    "CONTAINER": _container,
    "TECHNICAL": lambda _: technical_exception(message("004", "Update task is down")),
    "BARE": lambda _: technical_exception(),
    "DUMP": lambda _: ZeroDivisionError("not caught"),
}
_ACTIONS: dict[str, Any] = {
    "Ping": lambda *_: None,
    "Restart": lambda *_: None,
    "Add": lambda _, context: context.parameters["Left"] + (context.parameters.get("Right") or Decimal(0)),
    "CountUp": lambda *_: 9_007_199_254_740_993,
    "FirstDays": lambda _, context: [datetime(context.parameters["Year"], month, 1) for month in (1, 2)],
    "DrawNumbers": lambda *_: [3, 1, 2],
    "AddressOf": lambda *_: ADDRESS,
    "CorrectAddress": lambda *_: ADDRESS,
    "AllAddresses": lambda *_: [ADDRESS, ADDRESS],
    "CorrectAddresses": lambda *_: [],
    "LargestOrder": TalkingDpc.largest_order,
    "ReleaseOrder": TalkingDpc.largest_order,
    "OrdersBetween": TalkingDpc.all_orders,
    "ReleaseOrders": TalkingDpc.all_orders,
}

SERVICE = Service(
    name="TALKING_SRV",
    title="Talking",
    mpc=Mpc(Path(__file__).with_name("metadata.xml").resolve()),
    dpc=TalkingDpc,
)
