"""(kind of target, method) → handler, as one table; what is not in it is 405."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sap_mock.gateway import reading, writing
from sap_mock.gateway.operation import Operation
from sap_mock.odata.errors import Refusal, refused
from sap_mock.odata.messages import ODataResponse
from sap_mock.odata.uri.target import Target, TargetKind

Handler = Callable[[Operation], ODataResponse]

TABLE: Mapping[TargetKind, Mapping[str, Handler]] = {
    TargetKind.ENTITY_SET: {"GET": reading.entity_set, "POST": writing.create},
    TargetKind.ENTITY: {
        "GET": reading.entity,
        "PUT": writing.replace,
        "MERGE": writing.merge,
        "PATCH": writing.merge,
        "DELETE": writing.delete,
    },
    TargetKind.COUNT: {"GET": reading.count},
    TargetKind.ENTITY_COUNT: {"GET": reading.entity_count},
    TargetKind.PROPERTY: {
        "GET": reading.property_,
        "PUT": writing.write_property,
        "MERGE": writing.write_property,
        "PATCH": writing.write_property,
    },
    TargetKind.PROPERTY_VALUE: {
        "GET": reading.raw_value,
        "PUT": writing.write_raw_value,
        "MERGE": writing.write_raw_value,
        "PATCH": writing.write_raw_value,
        "DELETE": writing.delete_value,
    },
    TargetKind.MEDIA: {"GET": reading.media, "PUT": writing.write_media, "DELETE": writing.delete_media},
    TargetKind.LINKS: {"GET": reading.links, "POST": writing.add_link},
    TargetKind.LINK: {
        "GET": reading.link,
        "PUT": writing.add_link,
        "MERGE": writing.add_link,
        "PATCH": writing.add_link,
        "DELETE": writing.remove_link,
    },
    TargetKind.LINKS_COUNT: {"GET": reading.links_count},
}
_FUNCTIONS = {
    TargetKind.FUNCTION_ENTITIES: reading.function,
    TargetKind.FUNCTION_ENTITY: reading.function,
    TargetKind.FUNCTION_OTHER: reading.function,
    TargetKind.FUNCTION_VALUE: reading.function_value,
}
OPERATIONS = {"GET": "get_entity", "POST": "create_entity", "DELETE": "delete_entity"}


def handler(target: Target, method: str) -> Handler:
    """The handler of a target; raises ODataError (405). A function import is called by its own method only."""
    if target.function is not None:
        if method != target.function.http_method.upper():
            raise refused(Refusal.METHOD_NOT_ALLOWED)
        return _FUNCTIONS[target.kind]
    found = TABLE.get(target.kind, {}).get(method)
    if found is None:
        raise refused(Refusal.METHOD_NOT_ALLOWED)
    return found


def method_name(target: Target, method: str) -> str:
    """The data provider's method that a target and a method come to, for ``changeset_begin``."""
    if target.function is not None:
        return "execute_action"
    operation = OPERATIONS.get(method, "update_entity")
    return f"{target.entity_set.name[:16].lower()}_{operation}" if target.steps else operation
