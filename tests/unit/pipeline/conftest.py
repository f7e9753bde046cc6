import logging
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pipeline_stands import AnsweringServer, MovedClock, arrived

from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Place

GRACE = 660_000
LEASE = 300_000


@pytest.fixture
def clock():
    return MovedClock()


@pytest.fixture
def answering():
    """Start servers that answer as their script says."""
    servers = []

    def start(script, tls=None):
        servers.append(AnsweringServer(script, tls))
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
    return arrived


@pytest.fixture
def place():
    return Place(stream="invoices")


@pytest.fixture(autouse=True)
def logging_as_it_was():
    """A command sets up logging for its process; after a test everything is pytest's own again."""
    root, ours = logging.getLogger(), logging.getLogger("billing_to_sap")
    hooks = sys.excepthook, threading.excepthook
    before = (root.handlers, root.level, ours.level)
    yield
    root.handlers, level, own = before
    root.setLevel(level)
    ours.setLevel(own)
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(capture=False)
