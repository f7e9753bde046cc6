import sys
from decimal import Decimal
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pipeline_stands import AnsweringServer, MovedClock

from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Arrival, Place

GRACE = 660_000
LEASE = 300_000


@pytest.fixture
def clock():
    return MovedClock()


@pytest.fixture
def answering():
    """Start servers that answer as their script says."""
    servers = []

    def start(script):
        servers.append(AnsweringServer(script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def open_ledger(tmp_path, clock):
    """Open one and the same ledger file, as often as wanted."""
    opened = []

    def start(**changed):
        times = {"grace": GRACE, "lease": LEASE, **changed}
        opened.append(Ledger.open(f"sqlite:///{tmp_path}/ledger.db", clock, **times))
        return opened[-1]

    yield start
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger):
    return open_ledger()


@pytest.fixture
def arrival():
    """An arrival as the judge makes it; unsound if it has reasons."""

    def make(source_id="inv_1", content="a", *, source="postman", reasons=()):
        sound = not reasons
        return Arrival(
            source=source,
            source_id=source_id,
            target="ZINVOICE_SRV/Invoices",
            record=f'{{"id":"{source_id}","content":"{content}"}}',
            digest=f"{source_id}-{content}",
            doc_key=source_id if sound else None,
            payload=f'{{"ID":"{source_id}","x":"{content}"}}'.encode() if sound else None,
            currency="USD" if sound else None,
            amount=Decimal("440.00") if sound else None,
            reasons=tuple(reasons),
        )

    return make


@pytest.fixture
def place():
    return Place(stream="invoices")
