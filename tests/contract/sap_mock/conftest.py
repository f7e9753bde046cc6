"""The databases that a store keeps its contract on."""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import postgres  # noqa: E402 - found through the path above

from sap_mock.edm import csdl_reader  # noqa: E402 - after the path above
from sap_mock.storage.database import Database  # noqa: E402 - after the path above
from sap_mock.storage.engine import open_database  # noqa: E402 - after the path above
from sap_mock.storage.tables import Tables  # noqa: E402 - after the path above

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server():
    """The URL of a server: the one that B2S_POSTGRES_URL names, or one of our own. In CI it may not be missing."""
    named = os.environ.get("B2S_POSTGRES_URL")
    if named:
        yield named
        return
    if postgres.programs() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(postgres.MISSING)
        pytest.skip(postgres.MISSING)
    with postgres.server() as url:
        yield url


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.processes, pytest.mark.xdist_group("postgresql")])]
)
def database_url(request, tmp_path):
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"b2s_{os.getpid()}_{next(_NUMBERS)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


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
