"""The fixture of other people's tests over the image that this suite has built: the same surface, the same rules."""

import pytest
import requests

SERVICE, ENTITY_SET = "ZINVOICE_SRV", "Invoices"


def posted(gateway, number):
    with gateway.session() as session:
        url = f"{gateway.service(SERVICE)}{ENTITY_SET}"
        return session.post(url, json={"ID": number, "Currency": "EUR"}, timeout=30)


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_has_an_empty_gateway_that_it_may_break(started, sap_gateway_container, time):
    gateway = sap_gateway_container
    assert gateway.entities(SERVICE, ENTITY_SET) == []
    assert posted(gateway, "1").status_code == 201
    gateway.faults.add("lost_response", method="POST")
    with pytest.raises(requests.ConnectionError):
        posted(gateway, "2")
    assert [one["ID"] for one in gateway.entities(SERVICE, ENTITY_SET)] == ["1", "2"]
    assert len(gateway.exchanges(fault="lost_response")) == 1
