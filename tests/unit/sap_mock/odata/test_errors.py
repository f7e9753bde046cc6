"""The table of refusals."""

import pytest

from sap_mock.odata.errors import Refusal, refused

GAPS = {
    name: name.upper()
    for name in ("namespace", "name", "version", "segment", "entity_type", "method", "options", "option", "expected",
                 "property", "type", "function", "position", "word", "offset", "value", "language")
}  # fmt: skip


@pytest.mark.parametrize("refusal", Refusal, ids=lambda refusal: refusal.name)
def test_every_refusal_has_a_client_status_or_is_the_servers_own(refusal):
    error = refused(refusal, **GAPS)
    assert 400 <= error.status <= 501
    assert error.code
    assert "{" not in error.text
    assert error.logged is (error.status >= 500)


@pytest.mark.parametrize(
    ("refusal", "message_class", "number"),
    [(Refusal.ENTITY_UNKNOWN, "/IWBEP/CM_MGW_RT", "020"), (Refusal.SERVICE_UNKNOWN, "/IWFND/MED", "170")],
)
def test_a_code_of_class_and_number_is_a_message_of_t100(refusal, message_class, number):
    t100 = refused(refusal, **GAPS).t100
    assert (t100.class_, t100.number) == (message_class, number)


def test_a_code_that_is_an_identifier_is_no_message_of_t100():
    assert refused(Refusal.SEGMENT_UNKNOWN, segment="X").t100 is None
    assert refused(Refusal.PROPERTY_VALUE, **GAPS).t100 is None
