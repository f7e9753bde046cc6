"""A store on each of the databases, and the model it keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from sap_mock.edm import csdl_reader
from sap_mock.storage.database import Database
from sap_mock.storage.engine import open_database
from sap_mock.storage.tables import Tables

ROOT = Path(__file__).parents[3]


@pytest.fixture
def database(database_url):
    engine = open_database(database_url, durable=False)
    yield Database(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def model():
    return csdl_reader.read((ROOT / "tests" / "reference_service" / "metadata.xml").read_bytes())


@pytest.fixture
def tables(model):
    return Tables("REFERENCE_SRV", model)
