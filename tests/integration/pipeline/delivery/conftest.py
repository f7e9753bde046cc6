"""The pipeline's delivery in this process, on a clock that moves when told, with a live sap-mock behind a hostile wire."""

import json
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "unit/pipeline"))
sys.path.insert(0, str(Path(__file__).parent))

from between import Between
from pipeline_stands import MovedClock

from pipeline.assembly import FORMS
from pipeline.clock import Clock
from pipeline.delivery.deliver import Route, deliver
from pipeline.delivery.pace import Paces
from pipeline.delivery.resolve import Lookout, resolve
from pipeline.delivery.slots import Slots
from pipeline.delivery.stop import Stop
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Arrival, Place
from pipeline.odata_client.client import Client
from pipeline.odata_client.entities import Entities, EntitySet
from pipeline.odata_client.target import Target

GRACE = 660_000


class QuickClock(MovedClock):
    """Runs fifty times as fast as the real one, for threads that wait for each other; may be moved besides."""

    SPEED = 50

    @property
    def at(self):
        return self._begin + time.monotonic_ns() * self.SPEED // 1_000_000

    @at.setter
    def at(self, instant):
        self._begin = instant - time.monotonic_ns() * self.SPEED // 1_000_000

    def sleep(self, milliseconds):
        threading.Event().wait(max(milliseconds, 0) / 1000 / self.SPEED)


class Delivering:
    """A ledger, and what leaves it for SAP. With one slot its clock stands still unless somebody waits."""

    def __init__(self, folder, url, *, grace=GRACE, slots=2, batch_size=10, read_timeout=20_000):
        self.url, self.clock, self.stop = url, MovedClock() if slots == 1 else QuickClock(), Stop()
        self.stop.wait = self.clock.sleep
        self.ledger = Ledger.open(f"sqlite:///{folder}/ledger.db", self.clock, grace=grace, lease=300_000)
        self.slots = Slots(self.ledger, self.clock, most=slots, stop=self.stop)
        self.batch_size, self.senders, self.read_timeout = batch_size, slots, read_timeout
        self.paces = Paces(self.clock, batch_size)

    def receive(self, *arrivals):
        self.ledger.receive("postman", arrivals, Place(stream="invoices"))

    def connect(self, name):
        form = FORMS[name]
        target = Target(
            base_url=self.url,
            service=form.service,
            user="DEVELOPER",
            password="Sap-mock1",
            read_timeout=self.read_timeout,
        )
        entity_set = EntitySet(
            name=form.entity_set,
            key_property=form.key,
            duplicate_codes=form.duplicate_codes,
            by_filter=form.by_filter,
            items=form.items,
        )
        # The deadlines of requests are real: a slot that waits moves the other clock by days.
        return Entities(Client(target, Clock(), in_flight=self.slots.held), entity_set, self.clock)

    def deliver(self):
        route = Route(
            ledger=self.ledger,
            connect=self.connect,
            clock=self.clock,
            slots=self.slots,
            paces=self.paces,
            senders=self.senders,
        )
        return deliver(route, ["postman"], stop=self.stop, progress=lambda _count: None)

    @property
    def lookout(self):
        return Lookout(ledger=self.ledger, forms=FORMS, connect=self.connect, clock=self.clock, at_once=self.batch_size)

    def resolve(self):
        return resolve(self.lookout, ["postman"], stop=self.stop)

    def after_grace(self):
        self.clock.at += self.ledger.grace
        return self.resolve()

    @property
    def states(self):
        return {entry.source_id: entry.state for entry in self.ledger.entries(["postman"])}

    def attempts(self, source_id):
        (story,) = self.ledger.stories("postman", source_id)
        return story.attempts


def invoice(number, **changed):
    """A sound invoice as the judge makes it."""
    content = {
        "ID": f"inv_{number:03d}",
        "Status": "PAID",
        "IssuedAt": "2023-10-12T00:00:00",
        "Value": f"{number}.50",
        "Currency": "USD",
        "Link": "",
        **changed,
    }
    return Arrival(
        source="postman",
        source_id=content["ID"],
        target="ZINVOICE_SRV/Invoices",
        record="{}",
        digest=json.dumps(content),
        doc_key=content["ID"],
        payload=json.dumps(content).encode(),
        currency="USD",
    )


@pytest.fixture
def invoices():
    """So many sound invoices."""
    return lambda count: [invoice(number) for number in range(1, count + 1)]


@pytest.fixture
def an_invoice():
    return invoice


@pytest.fixture
def between(sap_gateway):
    wire = Between(sap_gateway.url)
    yield wire
    wire.close()


@pytest.fixture
def delivering(tmp_path, between):
    """A delivery through the hostile wire."""
    started = []

    def start(arrivals=(), **options):
        started.append(Delivering(tmp_path, options.pop("url", between.url), **options))
        if arrivals:
            started[-1].receive(*arrivals)
        return started[-1]

    yield start
    for one in started:
        one.ledger.close()
