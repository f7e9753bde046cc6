"""pyodata, SAP's own Python client, works against the stand-in with no special treatment."""

from datetime import UTC, datetime
from decimal import Decimal

import pyodata
import pytest


@pytest.fixture
def client(sap_gateway):
    with sap_gateway.session() as session:
        session.headers.pop("Accept")
        yield pyodata.Client(sap_gateway.service("ZINVOICE_SRV"), session)


def _create(client, invoice_id, value="440.00"):
    request = client.entity_sets.Invoices.create_entity()
    request.set(ID=invoice_id, Status="PAID", IssuedAt=datetime(2023, 10, 12, tzinfo=UTC), Value=value, Currency="USD")
    return request.execute()


def test_an_invoice_is_created_read_and_listed(client):
    created = _create(client, "inv_1")
    _create(client, "inv_2")

    read = client.entity_sets.Invoices.get_entity("inv_1").execute()
    listed = client.entity_sets.Invoices.get_entities().execute()

    assert created.ID == read.ID == "inv_1"
    assert Decimal(read.Value) == 440
    assert read.IssuedAt == datetime(2023, 10, 12, tzinfo=UTC)
    assert [invoice.ID for invoice in listed] == ["inv_1", "inv_2"]


def test_a_filter_is_answered(client):
    for number in range(5):
        _create(client, f"inv_{number}", value=str(number))

    found = client.entity_sets.Invoices.get_entities().filter("Value ge 2M and startswith(ID,'inv')").top(2).execute()

    assert [invoice.ID for invoice in found] == ["inv_2", "inv_3"]


def test_an_invoice_is_changed_and_deleted(client):
    _create(client, "a/b 'c'")

    client.entity_sets.Invoices.update_entity("a/b 'c'").set(Status="CANCELLED").execute()
    changed = client.entity_sets.Invoices.get_entity("a/b 'c'").execute()
    client.entity_sets.Invoices.delete_entity("a/b 'c'").execute()

    assert changed.Status == "CANCELLED"
    assert client.entity_sets.Invoices.get_entities().count().execute() == 0


def test_a_batch_with_reads_and_a_changeset_is_answered(client):
    _create(client, "inv_1")
    batch = client.create_batch()
    batch.add_request(client.entity_sets.Invoices.get_entity("inv_1"))
    changeset = client.create_changeset()
    creation = client.entity_sets.Invoices.create_entity()
    creation.set(ID="inv_2", Value="1", Currency="EUR")
    changeset.add_request(creation)
    batch.add_request(changeset)

    read, (created,) = batch.execute()

    assert (read.ID, created.ID) == ("inv_1", "inv_2")


def test_a_refusal_carries_saps_words(client):
    _create(client, "inv_1")

    with pytest.raises(pyodata.exceptions.HttpError) as refusal:
        _create(client, "inv_1")

    assert refusal.value.response.json()["error"]["message"]["value"] == "Invoice inv_1 already exists"
