"""An idempotent service does a request once, however often its RequestID comes (SAP Help, "Idempotent Services")."""

import uuid

import pytest
import requests

from sap_mock.testing import started_gateway


@pytest.fixture(scope="module")
def idempotent_gateway():
    with started_gateway(["--database", "sqlite://", "--idempotent"]) as gateway:
        yield gateway


@pytest.fixture
def gateway(idempotent_gateway):
    idempotent_gateway.reset()
    return idempotent_gateway


def _post(gateway, session, request_id, invoice_id="inv_1"):
    return session.post(
        f"{gateway.service('ZINVOICE_SRV')}Invoices",
        json={"ID": invoice_id, "Value": "1.00", "Currency": "EUR"},
        headers={"RequestID": request_id, "RepeatabilityCreation": "/Date(1697068800000)/"},
        timeout=10,
    )


def test_the_same_request_again_gets_the_first_answer_and_books_nothing(gateway):
    request_id = uuid.uuid4().hex
    with gateway.session() as session:
        first, again = (_post(gateway, session, request_id) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.headers["location"] == again.headers["location"]
    assert first.headers["RepeatabilityResult"] == again.headers["RepeatabilityResult"] == "accepted"
    assert len(gateway.entities("ZINVOICE_SRV", "Invoices")) == 1


def test_another_request_id_is_another_request(gateway):
    with gateway.session() as session:
        _post(gateway, session, uuid.uuid4().hex)
        second = _post(gateway, session, uuid.uuid4().hex)

    assert second.status_code == 400
    assert second.json()["error"]["code"] == "ZINVOICE/001"


def test_a_refused_request_may_come_again(gateway):
    request_id = uuid.uuid4().hex
    with gateway.session() as session:
        refused = _post(gateway, session, request_id, invoice_id="x" * 41)
        accepted = _post(gateway, session, request_id)

    assert (refused.status_code, accepted.status_code) == (400, 201)


def test_after_a_lost_answer_the_same_request_id_tells_what_happened(gateway):
    request_id = uuid.uuid4().hex
    gateway.faults.add("lost_response", method="POST", times=1)
    with gateway.session() as session:
        with pytest.raises(requests.ConnectionError):
            _post(gateway, session, request_id)
        again = _post(gateway, session, request_id)

    assert again.status_code == 201
    assert len(gateway.entities("ZINVOICE_SRV", "Invoices")) == 1


def test_a_service_that_is_not_idempotent_does_not_know_the_header(sap_gateway):
    request_id = uuid.uuid4().hex
    with sap_gateway.session() as session:
        first, again = (_post(sap_gateway, session, request_id) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 400)
    assert "RepeatabilityResult" not in first.headers
