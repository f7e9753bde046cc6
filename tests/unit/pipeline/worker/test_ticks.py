"""What is said of a broker that cannot be used, and of what is wrong with the address."""

import socket

import pytest

from pipeline.assembly import FORMS
from pipeline.model.stops import Unavailable
from pipeline.odata_client.target import Target
from pipeline.worker import engine
from pipeline.worker.ticks import Ticks
from pipeline.worker.work import TURN

TARGETS = ["ZINVOICE_SRV/Invoices", "ZJOURNAL_SRV/JournalEntries"]


@pytest.fixture
def ticks():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return Ticks(engine.application(f"amqp://user:pass-CANARY@127.0.0.1:{port}//", TARGETS))


@pytest.mark.parametrize("ask", [Ticks.prepare, Ticks.dead, lambda ticks: ticks.send(TARGETS)])
def test_a_broker_that_is_down_is_named_in_one_sentence_without_its_password(ticks, ask):
    with pytest.raises(Unavailable) as raised:
        ask(ticks)
    assert str(raised.value).startswith(f"RabbitMQ at {ticks.address} does not answer")
    assert "CANARY" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_each_target_has_a_quorum_queue_whose_dead_are_kept():
    app = engine.application("amqp://h//", TARGETS)
    for target, queue in zip(TARGETS, app.conf.task_queues, strict=True):
        assert queue.routing_key == target
        assert queue.queue_arguments["x-queue-type"] == "quorum"
        assert queue.queue_arguments["x-dead-letter-exchange"] == engine.DEAD_LETTERS.exchange.name


def test_a_tick_outlives_neither_its_limits_nor_the_brokers_patience():
    """A worker holds one tick of each target for each of its processes, so the last one waits for the others."""
    longest_exchange = Target(base_url="", service="", user="", password="").deadline
    assert TURN + longest_exchange < engine.SOFT_LIMIT * 1_000 < engine.HARD_LIMIT * 1_000
    assert len(FORMS) * engine.HARD_LIMIT <= 15 * 60 < engine.CONSUMER_TIMEOUT
