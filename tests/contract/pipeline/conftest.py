import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "pipeline"))
sys.path.insert(0, str(Path(__file__).parent))

from pipeline_stands import AnsweringServer, MovedClock


@pytest.fixture
def clock():
    return MovedClock()


@pytest.fixture
def answering():
    servers = []

    def start(script):
        servers.append(AnsweringServer(script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
