"""A billing-mock as a test sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

_TIMEOUT = 30


@dataclass
class BillingMock:
    """A live billing-mock. ``credentials`` are the B2S_* settings that point the pipeline at it."""

    url: str

    @property
    def truth(self) -> dict[str, Any]:
        """What should arrive in SAP, per source."""
        return dict(requests.get(f"{self.url}/_mock/truth", timeout=_TIMEOUT).json())

    def reset(self) -> None:
        """Take back what was written, every session and every fault plan; nothing does so between tests."""
        requests.post(f"{self.url}/_mock/reset", timeout=_TIMEOUT).raise_for_status()

    @property
    def credentials(self) -> dict[str, str]:
        """Setting names and values."""
        return dict(requests.get(f"{self.url}/_mock/settings", timeout=_TIMEOUT).json())
