"""A ledger on each database, opened as often as wanted, and a way to look into its tables from outside."""

import pytest
from pipeline_stands import arrived
from sqlalchemy import create_engine, text

from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Place

GRACE = 660_000
LEASE = 300_000


@pytest.fixture
def open_ledger(database_url, clock):
    """Open one and the same ledger, as often as wanted."""
    opened = []

    def start(**changed):
        opened.append(Ledger.open(database_url, clock, **{"grace": GRACE, "lease": LEASE, **changed}))
        return opened[-1]

    yield start
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger):
    return open_ledger()


@pytest.fixture
def sql(database_url):
    """Run one statement from outside, as any other program could; gives the rows, if there are any."""
    engine = create_engine(database_url)

    def run(statement, **parameters):
        with engine.begin() as connection:
            found = connection.execute(text(statement), parameters)
            return found.fetchall() if found.returns_rows else []

    yield run
    engine.dispose()


@pytest.fixture
def arrival():
    return arrived


@pytest.fixture
def place():
    return Place(stream="invoices")
