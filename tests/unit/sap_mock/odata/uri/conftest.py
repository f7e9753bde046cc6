"""The reference model, and binding an address in one call."""

from __future__ import annotations

from pathlib import Path

import pytest

from sap_mock.edm import csdl_reader
from sap_mock.odata.uri import binding, query_options, resource_path

METADATA = Path(__file__).parents[4] / "reference_service" / "metadata.xml"


@pytest.fixture(scope="session")
def model():
    return csdl_reader.read(METADATA.read_bytes())


@pytest.fixture
def bind(model):
    """Bind an address: path, then raw query."""

    def bound(path, query=""):
        return binding.bind(resource_path.parse(path), query_options.parse(query), model)

    return bound
