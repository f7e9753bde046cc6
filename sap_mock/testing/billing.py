"""A billing-mock as a test sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import requests

from sap_mock.testing.fault_plans import FaultPlans

_TIMEOUT = 30


@dataclass
class BillingMock:
    """A live billing-mock. ``credentials`` are the B2S_* settings that point the pipeline at it."""

    url: str
    faults: FaultPlans = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.faults = FaultPlans(mock=self.mock)

    @property
    def truth(self) -> dict[str, Any]:
        """What should arrive in SAP, per source."""
        return dict(self.mock("GET", "truth").json())

    @property
    def credentials(self) -> dict[str, str]:
        """Setting names and values."""
        return dict(self.mock("GET", "settings").json())

    def reset(self) -> None:
        """Take back what was written, every session and every fault plan."""
        self.mock("POST", "reset").raise_for_status()

    def mock(self, method: str, path: str, **options: Any) -> requests.Response:
        """Ask the stand-in itself, below ``/_mock/``."""
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, f"{self.url}/_mock/{path}", timeout=_TIMEOUT, **options)
