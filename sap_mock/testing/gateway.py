"""A gateway as a test sees it, wherever it runs: in a process, in a container, or in the test's own process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import requests
from requests.adapters import BaseAdapter

from sap_mock.settings import DEFAULT_USER
from sap_mock.testing.fault_plans import FaultPlans

TIMEOUT = 30
ROOT = "/sap/opu/odata/sap"
_STRUCK_BY_NONE = {"x-mock-plan": "(none)"}  # who names plans is struck by no other, and none can be called so


@dataclass(kw_only=True)
class SapGateway:
    """A live sap-mock. ``url`` goes up to the port; ``adapter`` is how requests reach it where that is not HTTP."""

    url: str
    user: str = DEFAULT_USER[0]
    password: str = DEFAULT_USER[1]
    adapter: BaseAdapter | None = field(default=None, repr=False)
    faults: FaultPlans = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.faults = FaultPlans(mock=self.mock)

    def service(self, name: str) -> str:
        """The root of a service, with its trailing slash."""
        return f"{self.url}{ROOT}/{name}/"

    def connection(self) -> requests.Session:
        """A session that reaches the gateway and has said nothing yet: no log-on, no token."""
        session = requests.Session()
        session.trust_env = False
        if self.adapter is not None:
            session.mount(self.url, self.adapter)
        return session

    def session(self, service: str = "ZINVOICE_SRV") -> requests.Session:
        """A session that is logged on, holds a token and asks for JSON, as a client's would; faults strike it.

        Raises ``ValueError`` with what came instead of a token.
        """
        return self._with_token(service, self._logged_on())

    def entities(self, service: str, entity_set: str) -> list[dict[str, Any]]:
        """Every entity of a set as JSON shows it, in key order, whatever faults are in force.

        Raises ``ValueError`` with SAP's text for a service or a set that is not there.
        """
        found: list[dict[str, Any]] = []
        address = f"{self.service(service)}{entity_set}"
        with self._logged_on(**_STRUCK_BY_NONE) as session:
            while address:
                answer = session.get(address, timeout=TIMEOUT)
                if answer.status_code != 200:
                    raise ValueError(_refusal(answer))
                page = answer.json()["d"]
                found += page["results"]
                address = page.get("__next", "")
        return found

    def create(self, service: str, entity_set: str, **properties: Any) -> dict[str, Any]:
        """Create an entity, whatever faults are in force; raises ``ValueError`` with SAP's text when it is refused.

        A ``Decimal``, a ``date`` or a ``datetime`` is sent as its property spells it.
        """
        body = json.dumps(properties, default=_spelled)
        with self._with_token(service, self._logged_on(**_STRUCK_BY_NONE)) as session:
            fields = {"Content-Type": "application/json"}
            answer = session.post(f"{self.service(service)}{entity_set}", body, headers=fields, timeout=TIMEOUT)
        if answer.status_code != 201:
            raise ValueError(_refusal(answer))
        return dict(answer.json()["d"])

    def _logged_on(self, **fields: str) -> requests.Session:
        session = self.connection()
        session.auth = (self.user, self.password)
        session.headers.update({"Accept": "application/json", **fields})
        return session

    def _with_token(self, service: str, session: requests.Session) -> requests.Session:
        answer = session.get(self.service(service), headers={"X-CSRF-Token": "Fetch"}, timeout=TIMEOUT)
        if "x-csrf-token" not in answer.headers:
            session.close()
            raise ValueError(f"{service} gives no token: {_refusal(answer)}")
        session.headers["X-CSRF-Token"] = answer.headers["x-csrf-token"]
        return session

    @property
    def journal(self) -> list[dict[str, Any]]:
        """Every exchange since the test began, newest last, secrets masked (docs/journal.md says what is in one)."""
        return self.exchanges()

    def exchanges(self, **wanted: Any) -> list[dict[str, Any]]:
        """The exchanges of the journal that are wanted: by ``method``, ``status``, ``fault`` and so on."""
        answer = self.mock("GET", "journal", params=wanted)
        if answer.status_code != 200:
            raise ValueError(answer.json()["error"])
        return list(answer.json())

    def reset(self) -> None:
        """Empty entities, sessions, fault plans and the journal."""
        self.mock("POST", "reset").raise_for_status()

    def mock(self, method: str, path: str, **options: Any) -> requests.Response:
        """Ask the stand-in itself, below ``/_mock/``."""
        with self.connection() as session:
            return session.request(method, f"{self.url}/_mock/{path}", timeout=TIMEOUT, **options)


def _refusal(answer: requests.Response) -> str:
    """SAP's text, or the status of an answer that is no error of SAP's."""
    try:
        return str(answer.json()["error"]["message"]["value"])
    except (ValueError, LookupError, TypeError):
        return f"{answer.status_code} {answer.reason}, {answer.headers.get('content-type', 'no content')}"


def _spelled(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat() if isinstance(value, datetime) else f"{value.isoformat()}T00:00:00"
    raise TypeError(f"{value!r} has no spelling in JSON")
