"""mock-sap (PyPI) on its own service in the same run. Left out, and said so, where it cannot be installed."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import venv
from pathlib import Path

from scripts.bench.load import numbered, repeated, requests_per_second
from scripts.bench.servers import bare, free_port, running

VERSION = "0.22.0"
_SERVICE = "/sap/opu/odata/sap/API_SALES_ORDER_SRV"


def measure(folder: Path, bare_port: int, count: int) -> None:
    """POST one, GET by key and a filtered page, each as a ratio to the bare route measured beside it."""
    python = folder / "rival" / "bin" / "python"
    venv.create(folder / "rival", with_pip=True)
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", f"mock-sap=={VERSION}"], capture_output=True, check=False
    )
    if installed.returncode:
        sys.stdout.write(f"\nmock-sap {VERSION} could not be installed; not compared\n")
        return
    port = free_port()
    command = [str(python), "-m", "mocksap", "--port", str(port), "--no-csrf", "--quiet", "--db", str(folder / "r.db")]
    with running(bare(bare_port), bare_port, "/bare"), running(command, port, "/_mock/health"):
        reference = requests_per_second(bare_port, repeated(b"GET /bare HTTP/1.1\r\nHost: x\r\n\r\n"), count, 200)
        key = _first_key(port)
        body = json.dumps(_order()).encode()
        post = (
            f"POST {_SERVICE}/A_SalesOrder HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        few = max(count // 10, 50)
        rows = {
            "POST one": requests_per_second(port, numbered(lambda _: post), few, 201),
            "GET by key": requests_per_second(port, repeated(_get(f"A_SalesOrder('{key}')")), few, 200),
            "filtered page of 20": requests_per_second(
                port, repeated(_get("A_SalesOrder?$filter=SalesOrderType%20eq%20'OR'&$top=20")), few, 200
            ),
        }
    for name, rate in rows.items():
        sys.stdout.write(f"| mock-sap {VERSION}: {name} | {rate:,.0f} requests/s | {rate / reference:.2f} |\n")


def _get(path: str) -> bytes:
    return f"GET {_SERVICE}/{path} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n".encode()


def _first_key(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", f"{_SERVICE}/A_SalesOrder?$top=1&$format=json")
    found = json.loads(connection.getresponse().read())
    connection.close()
    return str(found["d"]["results"][0]["SalesOrder"])


def _order() -> dict[str, object]:
    return {
        "SalesOrderType": "OR",
        "SalesOrganization": "1010",
        "DistributionChannel": "10",
        "OrganizationDivision": "00",
        "SoldToParty": "10100001",
        "TransactionCurrency": "EUR",
    }
