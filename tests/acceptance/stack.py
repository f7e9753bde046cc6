"""The running containers, and what a test does with them: ask, sync, stop, start, and count what is in SAP."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import requests
from pytest_docker.plugin import Services, get_docker_services

SECRETS = {
    "SAP_PASSWORD": "Acceptance1",
    "SAP_DATABASE_PASSWORD": "p@ss/w:rd",  # what would break an address that it is written into
    "LEDGER_DATABASE_PASSWORD": "l@dger/w:rd",
    "RABBITMQ_PASSWORD": "acceptance-queue",
}
SECONDS = 30
PATIENCE = 240
ROOT = "/sap/opu/odata/sap"
PLACES = {"delivered": ("DELIVERED", "CONFIRMED"), "held": ("HELD",), "quarantined": ("QUARANTINED",)}


@contextmanager
def running(command: str, file: Path, project: str) -> Iterator[Services]:
    """Everything of the file built, started and healthy; gone at the end, also where it did not become healthy.

    pytest-docker runs its set-up before it begins to look after what it started; so `up` runs here, inside its care.
    """
    down = "--profile '*' down --volumes --remove-orphans --timeout 2"
    with get_docker_services(command, str(file), project, docker_setup=[], docker_cleanup=[down]) as services:
        try:
            services._docker_compose.execute("up --build --wait --wait-timeout 240")
        except Exception as error:
            error.add_note(f"What the containers wrote:\n{written(services)}")
            raise
        yield services


def written(services: Services) -> str:
    """The last lines of every container."""
    logs = "--profile '*' logs --no-color --tail 30"
    return services._docker_compose.execute(logs, success_codes=(0, 1)).decode()


class Stack:
    """All containers of one compose project."""

    def __init__(self, services: Services, settings: dict[str, str]) -> None:
        self._compose = services._docker_compose
        self._services = services
        self._settings = settings
        self.sap = f"http://127.0.0.1:{settings['SAP_PORT']}"
        self.billing = f"http://127.0.0.1:{settings['BILLING_PORT']}"

    def compose(self, words: str, *, codes=(0,), quiet=False) -> str:
        """`docker compose WORDS` on this project; raises with what it wrote if it ends with another code."""
        return self._compose.execute(words, success_codes=codes, ignore_stderr=quiet).decode()

    def up(self, services: str = "") -> None:
        """Start what does not run and wait until it is healthy; what runs stays, whatever became of its image."""
        self.compose(f"up --no-build --no-recreate --wait {services}")

    def pipeline(self, words: str, *, codes=(0,)) -> dict:
        """What `billing-to-sap WORDS --json` says in a container of its own."""
        run = f"run --rm --no-deps --no-TTY demo billing-to-sap {words} --json"
        return json.loads(self.compose(run, codes=codes, quiet=True))

    def begin(self, words: str) -> str:
        """Start `billing-to-sap WORDS` in a container of its own and let it run; gives the container's name."""
        return self.compose(f"run --detach --no-deps --no-TTY demo billing-to-sap {words}", quiet=True).split()[-1]

    def logs(self) -> str:
        """The last lines of every container."""
        return written(self._services)

    def states(self) -> dict[str, dict]:
        """What `docker compose ps` knows of each service."""
        lines = self.compose("ps --all --format json", quiet=True).splitlines()
        return {told["Service"]: told for told in map(json.loads, lines)}

    def all_healthy(self) -> bool:
        """Whether every container runs and says that it is well."""
        return all((told["State"], told["Health"]) == ("running", "healthy") for told in self.states().values())

    def until(self, check) -> None:
        """Wait for something to be true; raises when patience ends."""
        self._services.wait_until_responsive(check, timeout=PATIENCE, pause=0.2, clock=time.monotonic)

    def empty(self) -> None:
        """Everything up, and neither stand-in, database nor ledger knows of any invoice."""
        self.compose("stop --timeout 1 worker")
        self.up("ledger-database sap-mock billing-mock rabbitmq")
        for url in (self.sap, self.billing):
            requests.post(f"{url}/_mock/reset", timeout=SECONDS).raise_for_status()
        forget = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
        self.compose(f'exec -T ledger-database psql --quiet --username ledger --command "{forget}"')
        self.up()

    def enqueue(self) -> None:
        """Read all sources into the ledger and wake the workers; some must wait, so the exit code is 3."""
        self.pipeline("enqueue --all", codes=(3,))

    def settled(self) -> bool:
        """Whether SAP has as many documents as it should, and the ledger knows of each how it ended."""
        if self.in_sap() < self.expected():
            return False
        left = {state for states in self.pipeline("status").values() for state in states}
        return left <= {state for states in PLACES.values() for state in states}

    def truth(self) -> dict[str, dict]:
        """What billing-mock says should arrive."""
        return requests.get(f"{self.billing}/_mock/truth", timeout=SECONDS).json()["sources"]

    def expected(self) -> int:
        """How many documents SAP should have in the end."""
        return sum(told["delivered"] for told in self.truth().values())

    def slow(self, milliseconds: int) -> None:
        """Let SAP take its time over each posting, so that there is a middle."""
        self._plan(self.sap, fault="latency", method="POST", milliseconds=milliseconds)

    def slow_billing(self, seconds: int) -> None:
        """Let the billing systems take their time over each page."""
        self._plan(self.billing, fault="slow", times=None, seconds=seconds)

    def fast(self) -> None:
        """Lift every fault."""
        for url in (self.sap, self.billing):
            for score in requests.get(f"{url}/_mock/faults", timeout=SECONDS).json():
                requests.delete(f"{url}/_mock/faults/{score['id']}", timeout=SECONDS).raise_for_status()

    def _plan(self, url: str, **plan: object) -> None:
        requests.post(f"{url}/_mock/faults", json=plan, timeout=SECONDS).raise_for_status()

    def pages_read(self) -> int:
        """How many pages the billing systems have been slow with."""
        return sum(score["fired"] for score in requests.get(f"{self.billing}/_mock/faults", timeout=SECONDS).json())

    def in_sap(self) -> int:
        """How many documents SAP has, by its own count."""
        return self._count("ZINVOICE_SRV/Invoices") + self._count("ZJOURNAL_SRV/JournalEntries")

    def _count(self, entity_set: str) -> int:
        return int(self._get(f"{entity_set}/$count").text)

    def _get(self, path: str, **query: str) -> requests.Response:
        logon = (self._settings["SAP_USER"], self._settings["SAP_PASSWORD"])
        answer = requests.get(f"{self.sap}{ROOT}/{path}", query, auth=logon, timeout=SECONDS)
        answer.raise_for_status()
        return answer

    def invoice_sums(self) -> dict[str, Decimal]:
        """What SAP's invoices amount to per currency, read from SAP itself."""
        asked = {"$select": "Value,Currency", "$format": "json"}
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for invoice in self._get("ZINVOICE_SRV/Invoices", **asked).json()["d"]["results"]:
            sums[invoice["Currency"]] += Decimal(invoice["Value"])
        return dict(sums)

    def as_told(self) -> None:
        """Assert that what arrived is what billing-mock says: per source, per state, to the cent, nothing twice."""
        truth = self.truth()
        states = self.pipeline("status")
        compared = self.pipeline("reconcile")["sources"]
        for source, told in truth.items():
            places = {place: sum(states[source].get(state, 0) for state in names) for place, names in PLACES.items()}
            assert (source, places) == (source, {place: told[place] for place in PLACES})
            assert (source, {c: one["sum"] for c, one in compared[source]["sap"].items()}) == (source, told["sums"])
        assert self.in_sap() == self.expected()
        invoices = [told["sums"] for source, told in truth.items() if source != "fynn"]
        expected = {c: sum((Decimal(sums.get(c, 0)) for sums in invoices), Decimal()) for c in set().union(*invoices)}
        assert self.invoice_sums() == expected
