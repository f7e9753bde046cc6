"""Names of methods, messages and initial values: what a data provider is made of."""

import json
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from sap_mock.edm.facets import Facets
from sap_mock.edm.model import EntitySet, EntityType, Property
from sap_mock.edm.primitives import TYPES
from sap_mock.odata.errors import ODataError, T100Message
from sap_mock.provider.data_provider import Dpc
from sap_mock.provider.exceptions import business_exception, technical_exception
from sap_mock.provider.initial_values import initial
from sap_mock.provider.message_container import MessageContainer


class WarehouseDpc(Dpc):
    not_implemented = frozenset({"openwarehousetas_create_entity"})

    def __init__(self):
        self.messages = MessageContainer()

    def openwarehousetas_get_entityset(self, context):
        return "redefined"


TASKS = EntitySet(
    name="OpenWarehouseTaskSet", entity_type=EntityType(name="Task", namespace="X", properties=(), key=())
)


def test_a_method_is_found_under_the_first_sixteen_characters_of_its_set():
    assert WarehouseDpc().method(TASKS, "get_entityset")(None) == "redefined"
    assert WarehouseDpc().method(TASKS, "get_entity").__name__ == "get_entity"


def test_a_method_that_is_not_offered_is_named_in_saps_words():
    with pytest.raises(ODataError) as refusal:
        WarehouseDpc().method(TASKS, "create_entity")
    assert refusal.value.text == "Method 'OPENWAREHOUSETAS_CREATE_ENTITY' not implemented in data provider class"


INITIAL = [
    ("Edm.String", True, ""), ("Edm.Boolean", True, False), ("Edm.Int32", True, 0), ("Edm.Decimal", False, Decimal(0)),
    ("Edm.Double", True, 0.0), ("Edm.Binary", True, b""), ("Edm.DateTime", True, None), ("Edm.DateTime", False, None),
    ("Edm.DateTimeOffset", False, None), ("Edm.Time", True, None), ("Edm.Time", False, timedelta()),
    ("Edm.Guid", True, None), ("Edm.Guid", False, UUID(int=0)),
]  # fmt: skip


@pytest.mark.parametrize(("type_name", "nullable", "value"), INITIAL)
def test_every_type_has_its_initial_value(type_name, nullable, value):
    assert initial(Property(name="P", type=TYPES[type_name], facets=Facets(nullable=nullable))) == value


def test_the_leading_message_comes_first_in_the_header_and_the_others_stay_in_order():
    messages = MessageContainer()
    messages.add_text("one", severity="info")
    messages.add(T100Message(class_="Z", number="002", text="zwei: ü"), severity="warning", is_leading=True)
    messages.add_text("three", severity="success", target="Total")
    header = messages.header()
    assert header.isascii()
    shown = json.loads(header)
    assert (shown["code"], shown["message"], shown["severity"]) == ("Z/002", "zwei: ü", "warning")
    assert [detail["message"] for detail in shown["details"]] == ["one", "three"]


def test_no_messages_make_no_header():
    assert MessageContainer().header() is None


MESSAGE = T100Message(class_="Z", number="001", text="Closed")
EXCEPTIONS = [
    (lambda: business_exception("Text"), 400, "/IWBEP/CM_MGW_RT/022", "Text", False),
    (lambda: business_exception(MESSAGE), 400, "Z/001", "Closed", False),
    (lambda: business_exception(MESSAGE, status=409), 409, "Z/001", "Closed", False),
    (lambda: business_exception("Text", code="MINE"), 400, "MINE", "Text", False),
    (business_exception, 400, "/IWBEP/CM_MGW_RT/022", "An exception was raised", False),
    (lambda: technical_exception("Text"), 500, "/IWBEP/CX_MGW_TECH_EXCEPTION", "Text", True),
    (lambda: technical_exception(MESSAGE, status=503), 503, "Z/001", "Closed", True),
]


@pytest.mark.parametrize(("raised", "status", "code", "text", "logged"), EXCEPTIONS)
def test_an_exception_takes_its_code_and_text_from_what_it_was_given(raised, status, code, text, logged):
    error = raised()
    assert (error.status, error.code, error.text, error.logged) == (status, code, text, logged)
    assert error.details[-1].code.startswith("/IWBEP/CX_MGW_")
