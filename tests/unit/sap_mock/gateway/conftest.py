"""A gateway in this process, put together as the web edge does it, without a socket."""

import base64
from pathlib import Path

import pytest

from sap_mock import identifiers
from sap_mock.faults import FAULTS
from sap_mock.faults.striking import Faults
from sap_mock.gateway.gateway import Gateway
from sap_mock.gateway.scoreboard import SharedScoreboard
from sap_mock.gateway.sessions import Logon
from sap_mock.odata.messages import Headers, ODataRequest
from sap_mock.provider.catalog import Catalog
from sap_mock.services import generic, zinvoice_srv
from sap_mock.storage.database import Database
from sap_mock.storage.engine import open_database
from sap_mock.storage.shared_state import Generation, SharedState

ROOT = "/sap/opu/odata/sap/"
BASIC = "Basic " + base64.b64encode(b"DEVELOPER:Sap-mock1").decode()
METADATA = Path(__file__).parents[3] / "reference_service" / "metadata.xml"


class Caller:
    """Logged on, with the cookie and token of its session; ``ask`` gives the engine's answer."""

    def __init__(self, gateway):
        self.gateway = gateway
        fetched = gateway.handle(
            ODataRequest(
                method="GET",
                path=f"{ROOT}ZINVOICE_SRV/",
                headers=Headers([("authorization", BASIC), ("x-csrf-token", "Fetch")]),
            )
        )
        cookie = next(value for name, value in fetched.headers if "SAP_SESSIONID" in value).partition(";")[0]
        self.admission = [("cookie", cookie), ("x-csrf-token", fetched.header("x-csrf-token"))]

    def ask(self, method, path, *, query="", headers=(), body=b""):
        fields = Headers([("accept", "application/json"), *headers, *self.admission])
        return self.gateway.handle(ODataRequest(method=method, path=path, query=query, headers=fields, body=body))


@pytest.fixture(scope="session")
def caller(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gateway")
    engine = open_database(f"sqlite:///{folder}/entities.db", durable=False)
    state = SharedState(engine, Generation(folder / "generation"), identifiers.secret)
    gateway = Gateway(
        catalog=Catalog([zinvoice_srv.SERVICE, generic.service("REFERENCE_SRV", METADATA)]),
        database=Database(engine),
        logon=Logon({"DEVELOPER": "Sap-mock1"}, sid="MCK", sap_client="001", secret=lambda: state.secret),
        faults=Faults(FAULTS, SharedScoreboard(state, FAULTS)),
    )
    yield Caller(gateway)
    engine.dispose()
