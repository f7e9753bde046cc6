"""Without a socket a test sees what it would see over one: the answers to the byte, and what is lost or cut."""

from pathlib import Path

import pytest
import requests

from sap_mock.faults import FAULTS
from sap_mock.replay.player import Player
from sap_mock.testing import gateway_in_process
from sap_mock.wire.case_file import read_file
from sap_mock.wire.rules import LAYOUT

CASES = sorted((Path(__file__).parents[2] / "wire" / "cases").glob("*.http"))
QUICK = {
    "latency": {"milliseconds": 1},
    "late_response": {"milliseconds": 1},
    "slow_drip": {"bytes_per_second": 20_000},
}
INVOICE = {"ID": "1", "Currency": "EUR"}


@pytest.fixture(scope="module")
def many():
    with gateway_in_process(changeset_operations="many") as gateway:
        yield gateway


def posted(gateway, session, **options):
    return session.post(f"{gateway.service('ZINVOICE_SRV')}Invoices", json=INVOICE, **options)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_wire_case_is_answered_to_the_byte(many, path):
    many.reset()
    logon = many.user, many.password
    player = Player(many.url, logon, session=many.connection(), without=[LAYOUT], keeps_host=True)
    assert [found for played in player.play(read_file(path)) for found in played.differences] == []


@pytest.mark.parametrize("fixture", ["sap_gateway", "sap_gateway_in_process"])
@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("lost_response", requests.ConnectionError, "Remote end closed connection without response"),
        ("cut_body", requests.exceptions.ChunkedEncodingError, "Connection broken: IncompleteRead"),
    ],
)
def test_what_does_not_arrive_is_the_same_exception(request, fixture, fault, error, said):
    gateway = request.getfixturevalue(fixture)
    gateway.faults.add(fault, method="POST")
    with gateway.session() as session, pytest.raises(error, match=said):
        posted(gateway, session)
    assert [one["ID"] for one in gateway.entities("ZINVOICE_SRV", "Invoices")] == ["1"]


def told(gateway, fault):
    """What a client hears of one POST under a fault: an exception, or status, type and body of the answer."""
    gateway.faults.add(fault, method="POST", may_stay_idle=True, **QUICK.get(fault, {}))
    with gateway.session() as session:
        try:
            answer = posted(gateway, session, timeout=30)
        except requests.RequestException as error:
            return type(error)
    return answer.status_code, answer.headers["content-type"], len(answer.text.replace(gateway.url, ""))


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_every_fault_is_heard_as_over_a_connection(sap_gateway, sap_gateway_in_process, fault):
    assert told(sap_gateway_in_process, fault) == told(sap_gateway, fault)


@pytest.mark.parametrize("fixture", ["sap_gateway", "sap_gateway_in_process"])
@pytest.mark.parametrize("patience", [0.01, (5, 0.01)])
def test_an_answer_that_comes_too_late_is_a_time_out(request, fixture, patience):
    gateway = request.getfixturevalue(fixture)
    gateway.faults.add("latency", milliseconds=80, method="POST")
    with gateway.session() as session, pytest.raises(requests.ReadTimeout):
        posted(gateway, session, timeout=patience)


@pytest.mark.parametrize("body", ['{"ID":"1","Currency":"EUR"}', iter([b'{"ID":"1",', b'"Currency":"EUR"}'])])
def test_a_body_of_any_kind_arrives(sap_gateway_in_process, body):
    gateway = sap_gateway_in_process
    with gateway.session() as session:
        headers = {"Content-Type": "application/json"}
        answer = session.post(f"{gateway.service('ZINVOICE_SRV')}Invoices", data=body, headers=headers, timeout=5)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{gateway.url}/sap/opu/odata/sap/ZINVOICE_SRV/Invoices('1')"


def test_a_long_answer_is_compressed_and_read_as_over_a_connection(sap_gateway_in_process):
    gateway = sap_gateway_in_process
    for number in range(9):
        gateway.create("ZINVOICE_SRV", "Invoices", ID=str(number), Currency="EUR", Link="x" * 500)
    with gateway.session() as session:
        answer = session.get(f"{gateway.service('ZINVOICE_SRV')}Invoices", timeout=5)
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.json()["d"]["results"]) == 9


def test_two_gateways_in_one_process_know_nothing_of_each_other(many, sap_gateway_in_process):
    many.reset()
    many.create("ZINVOICE_SRV", "Invoices", **INVOICE)
    assert sap_gateway_in_process.entities("ZINVOICE_SRV", "Invoices") == []


def test_what_is_asked_is_in_the_journal(sap_gateway_in_process):
    sap_gateway_in_process.create("ZINVOICE_SRV", "Invoices", **INVOICE)
    assert [one["request"]["method"] for one in sap_gateway_in_process.journal] == ["GET", "POST"]
