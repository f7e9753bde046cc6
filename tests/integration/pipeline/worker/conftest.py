"""Workers as real processes, with a real RabbitMQ and a real PostgreSQL between them."""

import itertools
import os
import socket
import sys
from pathlib import Path

import psycopg
import pytest

HERE = Path(__file__).parent
for folder in (HERE, HERE.parents[2] / "support"):
    sys.path.insert(0, str(folder))

import postgres  # noqa: E402 - found through the path above
import rabbitmq  # noqa: E402 - as above
from crew import Books, Broker, Crew  # noqa: E402 - as above

_NUMBERS = itertools.count(1)


def _missing(text):
    if os.environ.get("CI") == "true":
        pytest.fail(text)
    pytest.skip(text)


@pytest.fixture(scope="session")
def own_broker():
    """A node that may be killed."""
    if rabbitmq.program() is None:
        _missing(rabbitmq.MISSING)
    with rabbitmq.node() as node:
        yield node


@pytest.fixture(scope="session")
def broker_url(request):
    """The broker that B2S_TEST_BROKER_URL names, or one of our own. In CI it may not be missing."""
    return os.environ.get("B2S_TEST_BROKER_URL") or request.getfixturevalue("own_broker").url


@pytest.fixture(scope="session")
def postgres_server():
    named = os.environ.get("B2S_POSTGRES_URL")
    if named:
        yield named.replace("+psycopg", "")
        return
    if postgres.programs() is None:
        _missing(postgres.MISSING)
    with postgres.server() as url:
        yield url.replace("+psycopg", "")


@pytest.fixture
def ledger_url(postgres_server):
    """An empty database."""
    name = f"b2s_worker_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield f"{postgres_server.rpartition('/')[0]}/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def broker(broker_url):
    """The broker, without anything of an earlier test."""
    found = Broker(broker_url)
    found.clear()
    return found


@pytest.fixture
def workplace(pipeline_to, billing_of, wire, broker, ledger_url):
    """A pipeline with invoices to deliver by workers: `enqueued` of them are in the ledger, their ticks are sent."""

    def build(invoices, **settings):
        given = {
            "B2S_LEDGER_URL": ledger_url,
            "B2S_BROKER_URL": broker.url,
            "B2S_SWEEP_SECONDS": "1",
            **settings,
        }
        return pipeline_to(billing_of(invoices), wire.url, **given)

    return build


@pytest.fixture
def enqueued(workplace, billing_of):
    def build(invoices, **settings):
        pipeline = workplace(invoices, **settings)
        done = pipeline.run("enqueue", "postman", "--json")
        assert done.code == 0, done.err
        assert done.json["totals"]["pending"] == invoices
        return pipeline

    return build


@pytest.fixture
def crew_of():
    crews = []

    def build(pipeline):
        crews.append(Crew(pipeline))
        return crews[-1]

    yield build
    for crew in crews:
        crew.kill()


@pytest.fixture
def free_port():
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def ledger_of(request, tmp_path):
    """An empty ledger of the wanted kind of database."""

    def name(kind):
        return request.getfixturevalue("ledger_url") if kind == "postgresql" else f"sqlite:///{tmp_path}/ledger.db"

    return name


@pytest.fixture
def books_of():
    """What is in the ledger of this URL."""
    opened = []

    def start(url):
        opened.append(Books(url))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.fixture
def books(books_of, ledger_url):
    return lambda: books_of(ledger_url)
