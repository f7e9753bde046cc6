"""An emptied SAP, a billing system with invoices, and the settings by which the pipeline finds both."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.bench.servers import free_port, running

USER, PASSWORD = "DEVELOPER", "Sap-mock1"


@dataclass(frozen=True)
class Place:
    """The two stand-ins and how many invoices there are."""

    billing: str
    key: str
    sap: str
    invoices: int

    def settings(self, folder: str | Path) -> dict[str, str]:
        """The environment of a pipeline that keeps its ledger and its state in a folder."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("B2S_")}
        return {
            **inherited,
            "B2S_SAP_URL": self.sap,
            "B2S_SAP_USER": USER,
            "B2S_SAP_PASSWORD": PASSWORD,
            "B2S_POSTMAN_URL": self.billing,
            "B2S_POSTMAN_API_KEY": self.key,
            "B2S_STATE_DIR": str(folder),
            "B2S_LEDGER_URL": f"sqlite:///{folder}/ledger.db",
        }

    def empty(self, latency: int = 0) -> None:
        """Take everything out of SAP and make it as slow as wanted: so many milliseconds for each POST."""
        self._ask("/_mock/reset", {})
        if latency:
            plan = {"fault": "latency", "service": "ZINVOICE_SRV", "method": "POST", "milliseconds": latency}
            self._ask("/_mock/faults", plan)

    def _ask(self, path: str, body: Mapping[str, object]) -> None:
        data = json.dumps(body).encode()
        request = urllib.request.Request(self.sap + path, data=data, headers={"Content-Type": "application/json"})  # noqa: S310 - our own stand-in
        urllib.request.urlopen(request, timeout=60).close()  # noqa: S310 - our own stand-in


@contextmanager
def stand_ins(folder: str | Path, invoices: int) -> Iterator[Place]:
    """sap-mock with a database in that folder, and billing-mock's Postman with so many invoices."""
    sap_port, billing_port = free_port(), free_port()
    sap = [sys.executable, "-m", "sap_mock", "serve", "--port", str(sap_port), "--database", f"sqlite:///{folder}/sap"]
    billing = [sys.executable, "-m", "billing_mock", "serve", "--port", str(billing_port), "--vendor", "postman"]
    billing += ["--invoices", str(invoices), "--postman-rate-limit", "100000"]
    with running(sap, sap_port, "/_mock/health"), running(billing, billing_port, "/_mock/settings"):
        told = json.load(urllib.request.urlopen(f"http://127.0.0.1:{billing_port}/_mock/settings"))
        yield Place(
            billing=told["B2S_POSTMAN_URL"],
            key=told["B2S_POSTMAN_API_KEY"],
            sap=f"http://127.0.0.1:{sap_port}",
            invoices=invoices,
        )
