"""The catalogue service tells what the system offers, in the ways that SAP's tools ask."""

import pytest

ROOT = "/sap/opu/odata/IWFND/CATALOGSERVICE;v=2"


@pytest.fixture
def get(sap_gateway):
    with sap_gateway.session() as session:
        yield lambda path, **headers: session.get(f"{sap_gateway.url}{ROOT}{path}", headers=headers, timeout=10)


def test_every_service_is_listed_with_its_addresses(get, sap_gateway):
    services = get("/ServiceCollection?$format=json").json()["d"]["results"]

    invoices = next(service for service in services if service["ID"] == "ZINVOICE_SRV_0001")
    assert invoices["ServiceUrl"] == f"{sap_gateway.url}/sap/opu/odata/sap/ZINVOICE_SRV"
    assert invoices["MetadataUrl"] == f"{sap_gateway.url}/sap/opu/odata/sap/ZINVOICE_SRV/$metadata"
    assert invoices["TechnicalServiceVersion"] == 1
    assert invoices["IsSapService"] is False
    assert "__deferred" in invoices["EntitySets"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/ServiceCollection?$filter=Title eq 'ZINVOICE_SRV' and TechnicalServiceVersion eq 1", 1),
        ("/ServiceCollection?$filter=Title eq 'ZNOTHING_SRV'", 0),
        ("/ServiceCollection?search=zinvoice", 1),
        ("/ServiceCollection('ZINVOICE_SRV_0001')/EntitySets", 1),
        ("/ServiceCollection('ZINVOICE_SRV_0001')/Annotations", 0),
        ("/CatalogCollection", 1),
    ],
)
def test_the_tools_questions_are_answered(get, path, found):
    answer = get(path)

    assert answer.status_code == 200, answer.text
    assert len(answer.json()["d"]["results"]) == found


def test_nothing_can_be_written(sap_gateway):
    with sap_gateway.session() as session:
        answer = session.post(f"{sap_gateway.url}{ROOT}/ServiceCollection", json={"ID": "X"}, timeout=10)

    assert answer.status_code == 501
    message = answer.json()["error"]["message"]["value"]
    assert message == "Method 'SERVICECOLLECTIO_CREATE_ENTITY' not implemented in data provider class"


def test_another_version_is_not_registered(sap_gateway):
    with sap_gateway.session() as session:
        answer = session.get(f"{sap_gateway.url}/sap/opu/odata/sap/ZINVOICE_SRV;v=2/", timeout=10)

    assert answer.status_code == 403
    assert answer.json()["error"]["message"]["value"] == (
        "No service found for namespace '', name 'ZINVOICE_SRV', version '0002'"
    )
