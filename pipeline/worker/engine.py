"""Celery as we need it: quorum queues, late acknowledgement, a queue for the dead. Each setting has its reason.

Measured on Celery 5.7 and RabbitMQ 3.10: with these settings every killed child, worker and broker was made up for
without help; with Celery's own defaults a killed child's message was lost.
"""

from typing import Any

from celery import Celery
from kombu import Exchange, Queue

TICK = "billing_to_sap.tick"
DELIVER = Exchange("billing-to-sap.deliver", type="topic", durable=True)
DEAD = Exchange("billing-to-sap.dead", type="fanout", durable=True)
DEAD_LETTERS = Queue("billing-to-sap.dead", DEAD, durable=True, queue_arguments={"x-queue-type": "quorum"})
DELIVERY_LIMIT = 5
MOST_WAITING = 10_000
SOFT_LIMIT, HARD_LIMIT = 240, 300
CONSUMER_TIMEOUT = 1_800
"""RabbitMQ's own default in seconds.

A process holds up to one tick of each target (measured: quorum queues count the prefetch each by itself). So a broker
with less than three times HARD_LIMIT would take ticks back too early.
"""


def queue(target: str) -> Queue:
    """The queue of one target, so that one target's trouble stays in one queue."""
    name = f"billing-to-sap.deliver.{target}"
    return Queue(
        name,
        DELIVER,
        routing_key=target,
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",  # survives the loss of a node; a classic queue does not
            "x-delivery-limit": DELIVERY_LIMIT,  # a tick that kills its worker so often is dead, not retried for ever
            "x-dead-letter-exchange": DEAD.name,
            "x-dead-letter-strategy": "at-least-once",  # the dead are not lost on the way to their queue ...
            "x-overflow": "reject-publish",  # ... which asks for this; and who sends learns that the queue is full
            "x-max-length": MOST_WAITING,
        },
    )


CONFIGURATION: dict[str, Any] = {
    # The sender waits until the broker has the tick: `enqueue` says "sent" only of what was taken.
    "broker_transport_options": {"confirm_publish": True},
    # A broker that restarts is waited for, for as long as it takes; systemd would only start us into the same.
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_connection_timeout": 10,
    # Celery would create a missing queue as a classic one.
    "task_create_missing_queues": False,
    "task_default_queue_type": "quorum",
    "task_default_exchange_type": "topic",
    "worker_detect_quorum_queues": True,
    # A tick is acknowledged when it is done, and comes again when its process was killed. Without the second line a
    # killed child's tick was lost (measured).
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    # What fails is in the ledger with its reason; it need not go round in the broker.
    "task_acks_on_failure_or_timeout": True,
    # One tick at a time for each child: a tick is up to half a minute of work.
    "worker_prefetch_multiplier": 1,
    # Above a turn and the longest exchange (30 + 120 seconds), below the broker's consumer_timeout.
    "task_soft_time_limit": SOFT_LIMIT,
    "task_time_limit": HARD_LIMIT,
    # The lease already keeps a tick that comes twice from doing anything twice; to kill it would only leave doubt.
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    # A second signal ends the worker, but not before an exchange under way has had its minute.
    "worker_soft_shutdown_timeout": 60,
    # An idle worker has no tick put off in its memory (we use no countdown), so it may end at once.
    "worker_enable_soft_shutdown_on_idle": False,
    # Memory that a library loses is found again.
    "worker_max_tasks_per_child": 1_000,
    "worker_max_memory_per_child": 300_000,
    # Results are in the ledger. No pickle anywhere.
    "task_ignore_result": True,
    "task_serializer": "json",
    "accept_content": ["json"],
    # Others may watch (Flower), nobody may command.
    "worker_send_task_events": True,
    "worker_enable_remote_control": False,
    # Ours are set up by `telemetry.logs`, with redaction.
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "enable_utc": True,
}


def application(broker_url: str, targets: list[str]) -> Celery:
    """The application, with a queue for each target. Connects to nothing yet."""
    app = Celery("billing-to-sap", broker=broker_url, set_as_current=False)
    app.conf.update(CONFIGURATION)
    app.conf.task_queues = [queue(target) for target in targets]
    app.conf.task_default_queue = app.conf.task_queues[0].name
    return app
