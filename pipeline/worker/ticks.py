"""Ticks sent to the broker, and what the broker says of its queues. Trouble with it is told in one sentence."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

from amqp.exceptions import AccessRefused, AMQPError, MessageNacked, NotAllowed, PreconditionFailed
from celery import Celery
from kombu import Connection
from kombu.exceptions import KombuError, OperationalError

from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.worker import engine

OLDEST = (3, 10)
"""The first RabbitMQ that brings the dead safely to their queue (x-dead-letter-strategy=at-least-once)."""
_PATIENCE = 10


class Ticks:
    """The sender's side of the queues."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        parts = urlsplit(app.conf.broker_url)
        self.address = f"{parts.hostname}:{parts.port or (5671 if parts.scheme == 'amqps' else 5672)}"

    def prepare(self) -> str:
        """Make the queues, where they are not there yet; gives the broker's name and version.

        Raises Misconfigured or Unavailable.
        """
        with self._connected() as connection:
            properties = connection.connection.server_properties
            product, version = str(properties.get("product")), str(properties.get("version"))
            numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
            if product != "RabbitMQ" or numbers < OLDEST:
                raise Misconfigured(f"B2S_BROKER_URL: RabbitMQ 3.10 or newer is needed, not {product} {version}")
            for queue in (engine.DEAD_LETTERS, *self._app.conf.task_queues):
                queue(connection.default_channel).declare()
        return f"{product} {version}"

    def send(self, targets: Sequence[str]) -> None:
        """Send one tick for each, and wait until the broker has it. Raises Misconfigured or Unavailable."""
        with self._connected() as connection:
            producer = self._app.amqp.Producer(connection)
            for target in targets:
                self._app.send_task(
                    engine.TICK,
                    (target,),
                    queue=engine.queue(target).name,
                    producer=producer,
                    retry=False,
                    confirm_timeout=_PATIENCE,
                )

    def waiting(self, targets: Sequence[str]) -> dict[str, int]:
        """How many ticks of each target wait for a worker. Raises Misconfigured or Unavailable."""
        with self._connected() as connection:
            return {target: _length(connection, engine.queue(target).name) for target in targets}

    def dead(self) -> int:
        """How many messages are in the dead-letter queue. Raises Misconfigured or Unavailable."""
        with self._connected() as connection:
            return _length(connection, engine.DEAD_LETTERS.name)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with self._translated(), self._app.connection_for_write(connect_timeout=_PATIENCE) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Says what is wrong with the broker, and whose turn it is."""
        try:
            yield
        except AccessRefused as error:
            raise Misconfigured(f"RabbitMQ at {self.address} refuses the log-on: check B2S_BROKER_URL") from error
        except NotAllowed as error:
            raise Misconfigured(f"RabbitMQ at {self.address} does not open that vhost: check B2S_BROKER_URL") from error
        except PreconditionFailed as error:
            why = f"has a queue of ours with other arguments ({error.reply_text}): let it run empty, then delete it"
            raise Misconfigured(f"RabbitMQ at {self.address} {why}") from error
        except MessageNacked as error:
            why = f"takes no more ticks: {engine.MOST_WAITING} wait already. Start workers, then repeat"
            raise Unavailable(f"RabbitMQ at {self.address} {why}") from error
        except (OperationalError, KombuError, AMQPError, OSError) as error:
            root = error.__cause__ or error
            if isinstance(root, AccessRefused):
                raise Misconfigured(f"RabbitMQ at {self.address} refuses the log-on: check B2S_BROKER_URL") from error
            raise Unavailable(
                f"RabbitMQ at {self.address} does not answer ({type(root).__name__}): check B2S_BROKER_URL, then repeat"
            ) from error


def _length(connection: Connection, name: str) -> int:
    """How many messages of a queue are ready, which its passive declaration tells."""
    return int(connection.default_channel.queue_declare(name, passive=True).message_count)
