"""The routes of the console. Each gathers what its page shows; how it looks is in ``templates``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from sap_mock.console import entities, fault_forms
from sap_mock.console.guard import Guard
from sap_mock.edm.model import EntitySet
from sap_mock.faults.fault import Fault
from sap_mock.faults.plan_reader import PlanRefused
from sap_mock.gateway.parts import Parts
from sap_mock.provider.catalog import Service
from sap_mock.storage.exchange_journal import Wanted

EXCHANGES = 50
FILTERS = ("service", "entity_set", "method", "status", "fault", "transaction_id")
SettingRow = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Console:
    """The pages, and the gateway's parts that they show; ``settings`` are name, value (masked) and meaning."""

    parts: Parts
    settings: Sequence[SettingRow]

    def blueprint(self) -> Blueprint:
        """The routes as Flask takes them."""
        pages = Blueprint(
            "console",
            __name__,
            url_prefix="/_mock",
            template_folder="templates",
            static_folder="static",
            static_url_path="/console/static",
        )
        pages.get("/")(self.overview)
        pages.get("/console/entities/<service>/<entity_set>")(self.entity_table)
        pages.get("/console/faults")(self.fault_plans)
        pages.get("/console/faults/new/<fault>")(self.fault_form)
        pages.post("/console/faults/new/<fault>")(self.add_fault)
        pages.post("/console/faults/<plan_id>/remove")(self.remove_fault)
        pages.get("/console/journal")(self.exchanges)
        pages.get("/console/journal/<int(max=9223372036854775807):exchange_id>")(self.exchange)
        pages.get("/console/settings")(self.setting_table)
        pages.post("/console/reset")(self.reset)
        guard = Guard(lambda: self.parts.state.secret)
        pages.before_request(guard.refuse_foreign)
        pages.after_request(guard.harden)
        pages.context_processor(lambda: {"token": guard.token()})
        return pages

    def overview(self) -> str:
        """Every service with its entity sets and how much they hold."""
        database = self.parts.database
        counted = [
            (service, [(one, entities.count(database, service, one)) for one in service.model.entity_sets.values()])
            for service in self.parts.services
        ]
        return render_template("console/overview.html", services=counted, plans=len(self.parts.state.plans()))

    def entity_table(self, service: str, entity_set: str) -> str:
        """One page of an entity set."""
        found, one = self._entity_set(service, entity_set)
        number = max(1, request.args.get("page", 1, type=int))
        shown = entities.page(self.parts.database, found, one, number)
        return render_template("console/entities.html", service=found, entity_set=one, page=shown)

    def fault_plans(self) -> str:
        """The plans in force with their scores, and every fault there is."""
        scores = [score for plan_id, _ in self.parts.state.plans() if (score := self.parts.score(plan_id))]
        known = [(name, fault_forms.meaning(fault)) for name, fault in sorted(self.parts.faults.items())]
        return render_template("console/faults.html", scores=scores, faults=known)

    def fault_form(self, fault: str) -> str:
        """The form of one fault."""
        return self._form(self._fault(fault), {}, "")

    def add_fault(self, fault: str) -> AnyResponse | tuple[str, int]:
        """Put the plan in the form in force; the form again, with the reason, where it cannot be."""
        document = fault_forms.document(self._fault(fault), request.form)
        try:
            self.parts.add_plan(document)
        except PlanRefused as refusal:
            return self._form(self._fault(fault), request.form, str(refusal)), 400
        return redirect(url_for("console.fault_plans"), 303)

    def remove_fault(self, plan_id: str) -> AnyResponse:
        """Take a plan out of force."""
        self.parts.state.remove_plan(plan_id)
        return redirect(url_for("console.fault_plans"), 303)

    def exchanges(self) -> str:
        """The newest exchanges that the filters let through, newest first."""
        filters = {name: request.args.get(name, "").strip() for name in FILTERS}
        given: dict[str, Any] = {name: text for name, text in filters.items() if text}
        wanted = Wanted(limit=EXCHANGES, **given)
        found = self.parts.journal.find(wanted) if self.parts.journal else []
        return render_template(
            "console/journal.html",
            exchanges=found[::-1],
            filters=filters,
            remembers=self.parts.journal is not None,
            most=EXCHANGES,
            query=urlencode(given),
        )

    def exchange(self, exchange_id: int) -> str:
        """One exchange, as asked and as answered."""
        found = self.parts.journal.find(Wanted(exchange_id=exchange_id)) if self.parts.journal else []
        if not found:
            abort(Response("This exchange is no longer remembered.", status=404, content_type="text/plain"))
        return render_template("console/exchange.html", exchange=found[0])

    def setting_table(self) -> str:
        """What this stand-in was started with."""
        return render_template("console/settings.html", settings=self.settings)

    def reset(self) -> AnyResponse:
        """Empty entities, numbers, sessions, fault plans and the journal."""
        self.parts.reset()
        return redirect(url_for("console.overview"), 303)

    def _form(self, fault: Fault, written: Mapping[str, str], refusal: str) -> str:
        return render_template(
            "console/fault.html",
            fault=fault,
            meaning=fault_forms.meaning(fault),
            parameters=fault_forms.parameters(fault),
            scope=fault_forms.scope(),
            services=[service.name for service in self.parts.services],
            written=written,
            refusal=refusal,
        )

    def _fault(self, name: str) -> Fault:
        return self.parts.faults.get(name) or abort(404)

    def _entity_set(self, service: str, entity_set: str) -> tuple[Service, EntitySet]:
        found = next((one for one in self.parts.services if one.name == service), None) or abort(404)
        return found, found.model.entity_sets.get(entity_set) or abort(404)
