"""The data provider of Apache Olingo's reference scenario: what its recorded answers show of its own methods.

A service module for ``sap-mock serve --service``. The metadata document lies in the folder that B2S_CORPUS names.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from sap_mock.odata.entity import Entity, EntityInput, Media
from sap_mock.provider.catalog import Service
from sap_mock.provider.exceptions import resource_not_found
from sap_mock.provider.model_provider import Mpc
from sap_mock.provider.request_context import RequestContext
from sap_mock.services.generic import GenericDpc

PAGE = 100
CORPUS = Path(os.environ["B2S_CORPUS"])
OWN_KEYS = {
    (entity_set.rpartition(".")[2], next(row[name] for name in ("EmployeeId", "Id") if name in row))
    for entity_set, rows in json.loads((CORPUS / "olingo_ref.seed.json").read_bytes())["sets"].items()
    for row in rows
}


class OlingoDpc(GenericDpc):
    """Keys are handed out, feeds are paged by the key of the next entity, and the function imports work."""

    def get_entityset(self, context: RequestContext) -> list[Entity]:
        paged = not context.source or context.entity_set.name == "Rooms"
        if context.count_only or not paged:
            return super().get_entityset(replace(context, skiptoken=None, response=context.response))
        everything = replace(context, skiptoken=None, top=None, skip=None)
        found = super().get_entityset(everything)
        if context.skiptoken:
            token = context.skiptoken
            at = next((i for i, one in enumerate(found) if _token(context, one) == token), len(found))
            found = found[at:]
        found = found[context.skip or 0 :]
        found = found if context.top is None else found[: context.top]
        if len(found) > PAGE:
            context.response.skiptoken = _token(context, found[PAGE])
        return found[:PAGE]

    def create_entity(self, context: RequestContext, data: EntityInput) -> Entity:
        data.values = self._with_key(context, data.values)
        return super().create_entity(context, data)

    def insert_deep(self, context: RequestContext, data: EntityInput) -> Entity:
        data.values = self._with_key(context, data.values)
        return super().insert_deep(context, data)

    def create_stream(self, context: RequestContext, media: Media) -> Entity:
        values = self._with_key(context, {})
        if "Type" in context.entity_type.key:
            values["Type"] = media.content_type
        return self.insert(context, EntityInput(values=values), media)

    def _with_key(self, context: RequestContext, values: dict[str, Any]) -> dict[str, Any]:
        """The values with the next number as their key, unless they are the scenario's own and come with theirs."""
        name = context.entity_type.key[0]
        taken = {one.values[name] for one in self.store.query(context.entity_set)}
        if values.get(name) not in taken and (context.entity_set.name, values.get(name)) in OWN_KEYS:
            return values
        number = max((int(key) for key in taken), default=0) + 1
        return {**values, name: number if context.entity_type.by_name[name].type.name == "Edm.Int32" else str(number)}

    def execute_action(self, context: RequestContext) -> Any:
        if context.action == "ManagerPhoto":
            media = self.store.media(self.model.entity_sets["Managers"], {"EmployeeId": context.parameters["Id"]})
            if media is None:
                raise resource_not_found("Manager")
            return media.content
        employees = self.store.query(self.model.entity_sets["Employees"])
        locations = [one.values["Location"] for one in employees]
        match context.action:
            case "EmployeeSearch":
                return [one for one in employees if context.parameters.get("q", "") in one.values["EmployeeName"]]
            case "AllLocations":
                return [one for index, one in enumerate(locations) if one not in locations[:index]]
            case "AllUsedRoomIds":
                return sorted({one.values["RoomId"] for one in employees if one.values["RoomId"]})
            case "MaximalAge":
                return max(one.values["Age"] for one in employees)
            case "MostCommonLocation":
                return max(locations, key=locations.count)
            case "OldestEmployee":
                return max(employees, key=lambda one: one.values["Age"])
        return super().execute_action(context)


def _token(context: RequestContext, entity: Entity) -> str:
    return "".join(str(entity.values[name]) for name in context.entity_type.key)


SERVICE = Service(
    name="REFSCENARIO",
    title="REFSCENARIO",
    mpc=Mpc(CORPUS / "olingo_ref.edmx"),
    dpc=OlingoDpc,
    many_operations_per_changeset=True,
)
