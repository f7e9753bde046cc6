"""A billing-mock without sockets: Flask's test client over an app of its own."""

import pytest

from billing_mock.app import create_app
from billing_mock.dataset import Dataset
from billing_mock.options import Options


@pytest.fixture
def client_of():
    def start(**choices):
        return create_app(Options(**choices)).test_client()

    return start


@pytest.fixture
def client(client_of):
    return client_of(invoices=50)


@pytest.fixture
def drawn(monkeypatch):
    """The positions of the records that were made, in turn: whoever tells one has to draw it first."""
    positions = []
    draw = Dataset.invoice

    def remembered(dataset, position):
        positions.append(position)
        return draw(dataset, position)

    monkeypatch.setattr(Dataset, "invoice", remembered)
    return positions
