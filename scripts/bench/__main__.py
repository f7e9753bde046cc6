"""`make bench`: what sap-mock costs, each figure a ratio to a bare Flask route on the same server in the same run.

Prints a Markdown table; docs/benchmarks.md keeps the last one that was worth keeping. ``--million`` adds a set of a
million entities, which takes minutes to write.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scripts.bench import records, rival
from scripts.bench.load import numbered, repeated, requests_per_second
from scripts.bench.servers import Server, bare, free_port, machine, running, sap_mock

SERVICE = "/sap/opu/odata/sap/ZINVOICE_SRV"
_ROUNDS = 3
_USER = "DEVELOPER:Sap-mock1"


@dataclass
class Session:
    """A log-on: what every request carries."""

    port: int
    fields: str = field(init=False)

    def __post_init__(self) -> None:
        authorization = f"Authorization: Basic {base64.b64encode(_USER.encode()).decode()}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        name, _, value = authorization.partition(": ")
        connection.request("GET", f"{SERVICE}/", headers={name: value, "X-CSRF-Token": "Fetch"})
        answer = connection.getresponse()
        answer.read()
        cookies = [text.partition(";")[0] for text in answer.headers.get_all("set-cookie", [])]
        token = answer.headers["x-csrf-token"]
        connection.close()
        self.fields = f"{authorization}\r\nCookie: {'; '.join(cookies)}\r\nX-CSRF-Token: {token}\r\n"

    def get(self, path: str) -> bytes:
        """A GET, for JSON where there is JSON."""
        accept = "application/xml" if path == "$metadata" else "application/json"
        return f"GET {SERVICE}/{path} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\n{self.fields}\r\n".encode()

    def post(self, path: str, body: bytes, content_type: str = "application/json") -> bytes:
        """A POST."""
        head = (
            f"POST {SERVICE}/{path} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(body)}\r\n{self.fields}\r\n"
        )
        return head.encode() + body


def invoice(number: int, prefix: str = "inv") -> bytes:
    """An invoice's body; one in a hundred is overdue."""
    status = "OVERDUE" if number % 100 == 0 else "PAID"
    return (
        f'{{"ID":"{prefix}_{number:08d}","Status":"{status}",'
        f'"IssuedAt":"/Date({1_600_000_000_000 + number * 60_000})/","Value":"{number % 100_000}.50","Currency":"USD","Link":"https://pay.example.com/{number}"}}'
    ).encode()


def batch(number: int, size: int, prefix: str) -> bytes:
    """A $batch body with one changeset of ``size`` creations."""
    parts = []
    for index in range(number * size, (number + 1) * size):
        body = invoice(index, prefix)
        parts.append(
            b"--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
            b"POST Invoices HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s\r\n" % (len(body), body)
        )
    head = b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
    return head + b"".join(parts) + b"--c--\r\n\r\n--b--\r\n"


def batches(session: Session, size: int, prefix: str, first: int = 0) -> Iterator[bytes]:
    """Endless $batch requests."""
    return numbered(lambda n: session.post("$batch", batch(n, size, prefix), "multipart/mixed; boundary=b"), first)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    rate: float
    reference: float
    unit: str = "requests"

    def __str__(self) -> str:
        return f"| {self.what} | {self.rate:,.0f} {self.unit}/s | {self.rate / self.reference:.2f} |"


def measured(name: str, rate: Callable[[], float], reference: Callable[[], float], unit: str = "requests") -> Row:
    """The median of several rounds, the reference measured beside each."""
    pairs = [(rate(), reference()) for _ in range(_ROUNDS)]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    row = Row(what=name, rate=ours, reference=theirs, unit=unit)
    print(row, flush=True)
    return row


def main() -> int:
    """Measure everything and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--million", action="store_true", help="also with a million entities (minutes)")
    options.add_argument("--requests", type=int, default=3000, help="requests for each measurement")
    arguments = options.parse_args()
    print(f"Machine: {machine()}")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bare_port = free_port()
        for threads in (16, 1):
            port = free_port()
            database = f"sqlite:///{Path(folder) / f'sap-{threads}.db'}"
            print(f"\nsap-mock --threads {threads}\n\n| what | rate | ratio to the bare route |\n|---|--:|--:|")
            with (
                running(bare(bare_port), bare_port, "/bare"),
                running(sap_mock(port, database, threads), port, "/_mock/health") as server,
            ):
                _measure(server, bare_port, arguments.requests, million=arguments.million and threads == 1)
        rival.measure(Path(folder), bare_port, arguments.requests)
    print("\nbilling-to-sap, processor time a record\n")
    records.measure(2000)
    return 0


def _measure(server: Server, bare_port: int, count: int, *, million: bool) -> None:
    session, port = Session(server.port), server.port
    request = b"GET /bare HTTP/1.1\r\nHost: x\r\n\r\n"

    def reference() -> float:
        return requests_per_second(bare_port, repeated(request), count, 200)

    started = numbered(lambda n: session.post("Invoices", invoice(n, "one")))
    rows = requests_per_second(port, batches(session, 100, "inv"), 100, 202)  # 10,000 to query
    del rows
    single = measured("POST one", lambda: requests_per_second(port, started, count, 201), reference)
    measured("GET by key", lambda: _rate(session, "Invoices('inv_00000001')", count), reference)
    page = "Invoices?$filter=Status%20eq%20'OVERDUE'&$top=20"
    small = measured("filtered page of 20 of 10,000", lambda: _rate(session, page, count // 4), reference)
    measured("$metadata", lambda: _rate(session, "$metadata", count), reference)
    flow = batches(session, 100, "bat")
    whole = measured(
        "entities in $batch of 100",
        lambda: 100 * requests_per_second(port, flow, max(count // 50, 8), 202),
        reference,
        "entities",
    )
    print(f"\n$batch of 100 against single POSTs: {whole.rate / single.rate:.1f} times the entities per second")
    print(f"ready to answer after {server.started_in:.2f} s; resident {server.resident_megabytes():.0f} MB", flush=True)
    if million:
        _million(server, session, small, count)


def _rate(session: Session, path: str, count: int) -> float:
    return requests_per_second(session.port, repeated(session.get(path)), count, 200)


def _million(server: Server, session: Session, small: Row, count: int) -> None:
    """Write up to a million entities, watching memory; then ask for the same page again."""
    before = server.resident_megabytes()
    highest, rates = before, []
    flow = batches(session, 100, "mil")
    for _ in range(10):
        rates.append(100 * requests_per_second(server.port, flow, 1000, 202))
        highest = max(highest, server.resident_megabytes())
    page = "Invoices?$filter=Status%20eq%20'OVERDUE'&$top=20"
    large = statistics.median(_rate(session, page, count // 4) for _ in range(_ROUNDS))
    print(f"\nA million entities written: {rates[0]:,.0f} entities/s in the first tenth, {rates[-1]:,.0f} in the last")
    print(f"resident {before:.0f} MB before, {highest:.0f} MB at most")
    print(
        f"filtered page of 20 of 1,000,000: {large:,.0f} requests/s, {small.rate / large:.2f} times the cost of 10,000"
    )


if __name__ == "__main__":
    sys.exit(main())
