"""BILL's OpenAPI document, made from the schemas, so that it cannot tell anything else than what is checked.

Its title and the name of the log-on are BILL's: in Postman it becomes `Connect API > v3 > login > API login`.
"""

from dataclasses import dataclass
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from billing_mock.vendors.bill.contract import schemas


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One call that is offered."""

    method: str
    path: str
    summary: str
    answer: type[Schema] | None = None
    body: type[Schema] | None = None
    status: int = 200
    listing: bool = False
    open_to_all: bool = False


def _crud(name: str, one: str, told: type[Schema], *sent: type[Schema]) -> list[Operation]:
    path, id_ = f"/v3/{name}", f"/v3/{name}/{{{one}Id}}"
    said = one.replace("creditMemo", "credit memo").replace("receivablePayment", "receivable payment")
    offered = [
        Operation(method="get", path=path, summary=f"Get list of {said}s", answer=told, listing=True),
        Operation(method="get", path=id_, summary=f"Get {said} details", answer=told),
    ]
    if sent:
        whole, part = sent
        offered += [
            Operation(method="post", path=path, summary=f"Create a {said}", answer=told, body=whole, status=201),
            Operation(method="patch", path=id_, summary=f"Update a {said}", answer=told, body=part),
            Operation(method="post", path=f"{id_}/archive", summary=f"Archive a {said}", answer=told),
            Operation(method="post", path=f"{id_}/restore", summary=f"Restore a {said}", answer=told),
        ]
    return offered


OPERATIONS = [
    Operation(
        method="post",
        path="/v3/login",
        summary="API login",
        answer=schemas.LoginSchema,
        body=schemas.LoginRequest,
        open_to_all=True,
    ),
    Operation(method="get", path="/v3/login/session", summary="Get API session details", answer=schemas.SessionSchema),
    Operation(method="post", path="/v3/logout", summary="API logout"),
    *_crud("customers", "customer", schemas.CustomerSchema, schemas.CustomerRequest, schemas.CustomerPatch),
    *_crud("invoices", "invoice", schemas.InvoiceSchema, schemas.InvoiceRequest, schemas.InvoicePatch),
    Operation(
        method="put",
        path="/v3/invoices/{invoiceId}",
        summary="Replace an invoice",
        answer=schemas.InvoiceSchema,
        body=schemas.InvoiceRequest,
    ),
    Operation(
        method="post",
        path="/v3/invoices/{invoiceId}/payment-link",
        summary="Get invoice payment link",
        answer=schemas.PaymentLinkSchema,
        body=schemas.PaymentLinkRequest,
    ),
    *_crud("credit-memos", "creditMemo", schemas.CreditMemoSchema),
    *_crud("receivable-payments", "receivablePayment", schemas.ReceivablePaymentSchema),
]

_QUERY = {
    "max": {"type": "integer", "minimum": 1, "maximum": 100},
    "page": {"type": "string"},
    "sort": {"type": "string"},
    "filters": {"type": "string"},
}


def document(server: str) -> dict[str, Any]:
    """The OpenAPI 3 document of the API that answers at `server`."""
    spec = APISpec(
        title="Connect API",
        version="3.0.0",
        openapi_version="3.0.3",
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
        info={"description": "BILL v3, accounts receivable, as billing-mock answers it."},
        servers=[{"url": server}],
    )
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _told(operation)
    for path, operations in paths.items():
        spec.path(path=path, operations=operations)
    told: dict[str, Any] = spec.to_dict()
    return told


def _told(operation: Operation) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Success"}
    if operation.answer:
        answer = _list_of(operation.answer) if operation.listing else operation.answer
        success["content"] = {"application/json": {"schema": answer}}
    told: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": operation.summary.replace(" ", "-").lower(),
        "parameters": _parameters(operation),
        "responses": {
            str(operation.status): success,
            "default": {
                "description": "Refused",
                "content": {"application/json": {"schema": schemas.ErrorSchema(many=True)}},
            },
        },
    }
    if operation.body:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    return told


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    told = [] if operation.open_to_all else [_parameter("header", name) for name in ("sessionId", "devKey")]
    told += [_parameter("path", part[1:-1]) for part in operation.path.split("/") if part.startswith("{")]
    if operation.listing:
        told += [{"in": "query", "name": name, "schema": schema} for name, schema in _QUERY.items()]
    return told


def _parameter(where: str, name: str) -> dict[str, Any]:
    return {"in": where, "name": name, "required": True, "schema": {"type": "string"}}


def _list_of(told: type[Schema]) -> Schema:
    members: dict[str, Any] = {
        "nextPage": fields.String(),
        "prevPage": fields.String(),
        "results": fields.List(fields.Nested(told), required=True),
    }
    return Schema.from_dict(members, name=told.__name__.replace("Schema", "List"))()


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return str(kind.__name__).removesuffix("Schema")
