"""What is said of a broker that cannot be used, and of what is wrong with the address."""

import socket

import pytest

from pipeline.model.stops import Unavailable
from pipeline.worker import engine
from pipeline.worker.ticks import Ticks

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
    turn, longest_exchange = 30, 120
    assert turn + longest_exchange < engine.SOFT_LIMIT < engine.HARD_LIMIT
    assert engine.CONSUMER_TIMEOUT >= 3 * engine.HARD_LIMIT
