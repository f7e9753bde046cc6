"""The composition: everything a gateway is made of is put together here, once for each worker process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask import Flask, Response, redirect, request, url_for

from sap_mock import identifiers
from sap_mock.admin import api
from sap_mock.admin import journal as journal_routes
from sap_mock.console.pages import Console
from sap_mock.faults import FAULTS
from sap_mock.faults.striking import Faults
from sap_mock.gateway.gateway import Gateway
from sap_mock.gateway.parts import Parts
from sap_mock.gateway.scoreboard import SharedScoreboard
from sap_mock.gateway.sessions import Logon
from sap_mock.provider.catalog import Catalog, Service
from sap_mock.services import catalogservice
from sap_mock.settings import Settings, table
from sap_mock.storage.database import Database
from sap_mock.storage.engine import open_database
from sap_mock.storage.shared_state import Generation, SharedState
from sap_mock.web.adapter import send, to_request
from sap_mock.web.journal import opened

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "MERGE", "DELETE", "OPTIONS"]


def create_app(settings: Settings, services: Sequence[Service], generation_file: Path, *, durable: bool) -> Flask:
    """A Flask application that is the gateway; raises ``DatabaseUnusable``.

    ``generation_file`` is shared by all worker processes of one server, and so is the spool of the journal beside it.
    """
    engine = open_database(settings.database, connections=settings.threads, durable=durable)
    database = Database(engine)
    state = SharedState(engine, Generation(generation_file), identifiers.secret)
    catalog = Catalog([*services, catalogservice.service(services)])
    logon = Logon(settings.users, sid=settings.sid, sap_client=settings.sap_client, secret=lambda: state.secret)
    faults = Faults(FAULTS, SharedScoreboard(state, FAULTS))
    journal = opened(settings, database, generation_file.parent)
    gateway = Gateway(
        catalog=catalog, database=database, logon=logon, faults=faults, journal=journal, lenient=settings.lenient
    )

    app = Flask("sap_mock", static_folder=None)
    app.url_map.merge_slashes = False
    app.extensions["sap_mock"] = engine  # for who stops the application before the process ends
    parts = Parts(services=services, addressed=catalog, database=database, state=state, faults=FAULTS, journal=journal)
    app.register_blueprint(api.Admin(parts).blueprint())
    app.register_blueprint(journal_routes.blueprint(journal))
    app.register_blueprint(Console(parts=parts, settings=table(settings)).blueprint())
    app.add_url_rule("/", "root", lambda: redirect(url_for("console.overview")))

    @app.route("/sap/opu/odata/", defaults={"path": ""}, methods=_METHODS, provide_automatic_options=False)
    @app.route("/sap/opu/odata/<path:path>", methods=_METHODS, provide_automatic_options=False)
    def odata(path: str) -> Response:
        del path
        return send(gateway.handle(to_request(request)), request)

    return app
