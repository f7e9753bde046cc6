"""P1: the pipeline dies between any two of its steps, and nothing is lost and nothing doubled.

One story leads invoices through every state of the ledger. It is told once without a death, which gives the list of all steps: each
statement that writes, each commit, each request before it leaves and after it is answered. Then it is told once for each of them,
dying there, and going on as a person would: the same command again, once the dead one's claims have run out.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pytest

from sap_mock.testing import SapGateway

pytestmark = pytest.mark.processes
ROOT = Path(__file__).parents[3]
DRIVER = ROOT / "tests" / "support" / "crashing.py"
GUARANTEE = ROOT / "docs" / "guarantee.md"
MINUTE = 60_000
DIED = 137
SYNC = ("sync", "postman", "--json", "--batch-size", "5", "--concurrency", "1")
RECONCILE = ("reconcile", "postman", "--json")
CHANGED, DELETED = "(the invoice that changed while it was in doubt)", "(the one deleted in SAP)"
ALL_IN_ITS_PLACE = {0, 3}


class Children:
    """The driver: runs the pipeline in children that can be made to die."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, **order):
        print(json.dumps(order), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def stop(self):
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def children():
    found = Children()
    yield found
    found.stop()


@dataclass(frozen=True)
class Chapter:
    """One command, how long after the one before, and what happens in the world before it."""

    name: str
    command: tuple
    minutes: int = 1
    world: str = ""
    dies: bool = True


STORY = (
    Chapter("first sync", SYNC, world="trouble_at_sap"),
    Chapter("sync within the grace period", SYNC, world="change_one_in_doubt"),
    Chapter("resolve after it", ("resolve", "postman"), minutes=20),
    Chapter("second sync", SYNC),
    Chapter("retry", ("retry", "postman")),
    Chapter("third sync", SYNC, world="change_one_that_is_there"),
    Chapter("reconcile", RECONCILE, minutes=60),
    Chapter("reconcile after a deletion in SAP", RECONCILE, minutes=60, world="delete_one_in_sap"),
    Chapter("retry what vanished", ("retry", "postman", "--id", DELETED)),
    Chapter("fourth sync", SYNC, dies=False),
    Chapter("accept a conflict", ("accept", "postman", CHANGED, "--reason", "SAP is right")),
)


class World:
    """Twelve sound invoices and two others, a SAP, and the ledger between them."""

    def __init__(self, children, billing, sap, wire, pipeline):
        self._children, self._billing, self._sap, self._wire, self._pipeline = children, billing, sap, wire, pipeline
        self._ahead = 0
        self._changed = {}
        self._deleted = ""
        self.points = {chapter.name: [] for chapter in STORY}
        self.at_death = ""

    def tell(self, chapter=None, point=None):
        """Tell the story; in this chapter the program dies when it first reaches this point, and only tidies up after that."""
        for one in STORY:
            self._ahead += one.minutes * MINUTE
            getattr(self, one.world or "nothing")()
            ended = self._run(one.command, [point, 1] if one.name == chapter else None)
            self.points[one.name] += dict.fromkeys(ended["points"])
            if one.name == chapter:
                assert ended["code"] == DIED, ended
                self.at_death = self._look()
                self._ahead += 20 * MINUTE
                ended = self._run(one.command)
            assert ended["code"] in {0, 2, 3, 4, 5, 6}, ended
            if one.name == chapter:
                break
        self._finish()
        self._compare()

    def _finish(self):
        """Go on until nothing is in doubt, nothing waits and nothing is refused."""
        if self._deleted:
            self._run(("retry", "postman", "--id", DELETED))
        for _ in range(6):
            self._ahead += 30 * MINUTE
            self._run(("resolve", "postman"))
            self._run(("retry", "postman"))
            ended = self._run(SYNC)
            told = (
                json.loads(ended["out"])["sources"]["postman"] if ended["code"] in ALL_IN_ITS_PLACE else {"rejected": 1}
            )
            if not told["rejected"]:
                return
        raise AssertionError(ended)

    def _compare(self):
        """Every sound invoice is in SAP, created once; one that was changed shows one of its two amounts."""
        told = self._billing.ask("/_mock/truth")["sources"]["postman"]
        in_sap = {entity["ID"]: Decimal(entity["Value"]) for entity in self._sap_entities()}
        assert len(in_sap) == told["delivered"]
        assert self._wire.duplicates == 0
        again = {invoice for invoice, times in self._wire.created.items() if times > 1}
        assert again <= {self._deleted}
        states = self._states()
        assert sum(states.values()) == told["delivered"] + told["quarantined"]
        assert states.keys() <= {"DELIVERED", "CONFIRMED", "CONFLICT", "ACCEPTED", "QUARANTINED"}
        missing = Decimal(told["sums"]["USD"]) - sum(in_sap.values())
        by_change = {Decimal(0), *self._changed.values(), sum(self._changed.values())}
        assert missing in by_change
        assert (missing == 0) == states.keys().isdisjoint({"CONFLICT", "ACCEPTED"})

    def _look(self):
        states = ", ".join(f"{count} {state}" for state, count in sorted(self._states().items()))
        return f"{states or 'nothing'} | {len(self._sap_entities())}"

    def _states(self):
        return json.loads(self._run(("status", "--json"))["out"]).get("postman", {})

    def _sap_entities(self):
        return SapGateway(url=self._sap.url).entities("ZINVOICE_SRV", "Invoices")

    def _run(self, command, dies_at=None):
        return self._children.run(
            arguments=[self._named(word) for word in command],
            folder=str(self._pipeline.folder),
            settings=self._pipeline.settings,
            ahead=self._ahead,
            dies_at=dies_at,
        )

    def _named(self, word):
        return {CHANGED: next(iter(self._changed), word), DELETED: self._deleted}.get(word, word)

    def nothing(self):
        """The world stays as it is."""

    def trouble_at_sap(self):
        """The first batch after the first look is booked and its answer lost; then one is too many; then one invoice is refused."""
        lost = {"fault": "lost_response", "method": "POST", "skip": 1, "times": 1}
        busy = {"fault": "no_free_process", "method": "POST", "retry_after": 0, "skip": 2, "times": 1}
        refused = {
            "fault": "http_error",
            "entity_set": "Invoices",
            "method": "POST",
            "status": 400,
            "skip": 7,
            "times": 1,
        }
        for plan in (lost, busy, refused):
            self._sap.ask("/_mock/faults", plan)

    def change_one_in_doubt(self):
        answered = self._wire.created.keys()
        booked = [entity["ID"] for entity in self._sap_entities()]
        self._change(next((one for one in booked if one not in answered), booked[0]), Decimal("1.00"))

    def change_one_that_is_there(self):
        *_, last = self._wire.created
        self._change(last, Decimal("2.00"))

    def delete_one_in_sap(self):
        self._deleted = next(one["ID"] for one in self._sap_entities() if one["ID"] not in self._changed)
        gateway = SapGateway(url=self._sap.url)
        with gateway.session() as session:
            session.delete(
                f"{gateway.service('ZINVOICE_SRV')}Invoices('{self._deleted}')", timeout=30
            ).raise_for_status()

    def _change(self, invoice, by):
        now = next(entity["Value"] for entity in self._sap_entities() if entity["ID"] == invoice)
        change = {"source": "postman", "id": invoice, "totalAmount": str(Decimal(now) + by)}
        self._billing.ask("/_mock/mutate", change)
        self._changed[invoice] = by


@pytest.fixture
def another_world(children, billing_of, sap, wire_to, pipeline_to, tmp_path_factory):
    """A new one each time it is called."""

    def build():
        sap.ask("/_mock/reset", {})
        billing = billing_of(12, bad=2)
        wire = wire_to(sap.url)
        pipeline = pipeline_to(billing, wire.url, B2S_GRACE_SECONDS="660")
        pipeline.folder = tmp_path_factory.mktemp("world")
        return World(children, billing, sap, wire, pipeline)

    return build


@pytest.mark.parametrize("chapter", [chapter.name for chapter in STORY if chapter.dies])
def test_a_death_at_any_step_loses_and_doubles_nothing(another_world, chapter):
    """P1: at each step of this chapter; the results are a table in docs/guarantee.md."""
    undisturbed = another_world()
    undisturbed.tell()
    seen = []
    for point in undisturbed.points[chapter]:
        world = another_world()
        try:
            world.tell(chapter, point)
        except AssertionError as failure:
            raise AssertionError(f"died in {chapter!r} at {point!r}") from failure
        seen.append((point, world.at_death))
    told = [
        f"| {chapter} | {'; '.join(point for point, _ in alike)} | {state} | each invoice once |"
        for state, alike in groupby(seen, key=itemgetter(1))
    ]
    assert table_in(GUARANTEE, chapter, told) == told


def table_in(page, chapter, told):
    """The rows of this chapter in the page's table; with UPDATE_GUARANTEE=1 they are written first."""
    begins = f"| {chapter} | "
    lines = page.read_text().splitlines()
    if os.environ.get("UPDATE_GUARANTEE"):
        known = [number for number, line in enumerate(lines) if line.startswith(begins)]
        at = known[0] if known else len(lines)
        lines = [line for line in lines if not line.startswith(begins)]
        lines[at:at] = told
        page.write_text("\n".join(lines) + "\n")
    return [line for line in lines if line.startswith(begins)]
