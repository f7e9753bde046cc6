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

    @property
    def credentials(self) -> dict[str, str]:
        """Setting names and values."""
        return dict(requests.get(f"{self.url}/_mock/settings", timeout=_TIMEOUT).json())
