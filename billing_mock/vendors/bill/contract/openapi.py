"""BILL's OpenAPI document, made from the schemas, so that it cannot tell anything else than what is checked.

Its title and the name of the log-on are BILL's: in Postman it becomes `Connect API > v3 > login > API login`. The
sample bodies are in the manner of BILL's own, so that an imported request can be sent as it is.
"""

from dataclasses import dataclass
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from billing_mock.vendors.bill.contract import schemas
from billing_mock.vendors.bill.contract.samples import SAMPLES


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
    many: bool = False
    open_to_all: bool = False


def _reading(name: str, one: str, said: str, told: type[Schema]) -> list[Operation]:
    path = f"/v3/{name}"
    return [
        Operation(method="get", path=path, summary=f"Get list of {said}s", answer=told, listing=True),
        Operation(method="get", path=f"{path}/{{{one}Id}}", summary=f"Get {said} details", answer=told),
    ]


def _writing(name: str, one: str, said: str, told: type[Schema], *sent: type[Schema]) -> list[Operation]:
    path, id_ = f"/v3/{name}", f"/v3/{name}/{{{one}Id}}"
    whole, part = sent
    return [
        Operation(method="post", path=path, summary=f"Create {said}", answer=told, body=whole, status=201),
        Operation(method="patch", path=id_, summary=f"Update {said}", answer=told, body=part),
        Operation(method="post", path=f"{id_}/archive", summary=f"Archive {said}", answer=told),
        Operation(method="post", path=f"{id_}/restore", summary=f"Restore {said}", answer=told),
    ]


def _post(path: str, summary: str, body: type[Schema], answer: type[Schema] | None, **more: Any) -> Operation:
    return Operation(method="post", path=path, summary=summary, body=body, answer=answer, **more)


def _put(path: str, summary: str, body: type[Schema], answer: type[Schema]) -> Operation:
    return Operation(method="put", path=path, summary=summary, body=body, answer=answer)


_CUSTOMER, _INVOICE, _MEMO = schemas.CustomerSchema, schemas.InvoiceSchema, schemas.CreditMemoSchema
OPERATIONS = [
    _post("/v3/login", "API login", schemas.LoginRequest, schemas.LoginSchema, open_to_all=True),
    Operation(method="get", path="/v3/login/session", summary="Get API session details", answer=schemas.SessionSchema),
    *_reading("customers", "customer", "customer", _CUSTOMER),
    *_writing("customers", "customer", "a customer", _CUSTOMER, schemas.CustomerRequest, schemas.CustomerPatch),
    *_reading("invoices", "invoice", "invoice", _INVOICE),
    *_writing("invoices", "invoice", "an invoice", _INVOICE, schemas.InvoiceRequest, schemas.InvoicePatch),
    _put("/v3/invoices/{invoiceId}", "Replace an invoice", schemas.InvoiceRequest, _INVOICE),
    _post("/v3/invoices/{invoiceId}/email", "Send an invoice", schemas.EmailRequest, None),
    _post(
        "/v3/invoices/{invoiceId}/payment-link",
        "Get invoice payment link",
        schemas.PaymentLinkRequest,
        schemas.PaymentLinkSchema,
    ),
    _post(
        "/v3/invoices/record-payment",
        "Record AR payment",
        schemas.RecordPaymentRequest,
        schemas.RecordedPaymentSchema,
    ),
    *_reading("credit-memos", "creditMemo", "credit memo", _MEMO),
    *_writing("credit-memos", "creditMemo", "a credit memo", _MEMO, schemas.CreditMemoRequest, schemas.CreditMemoPatch),
    _put("/v3/credit-memos/{creditMemoId}", "Replace a credit memo", schemas.CreditMemoRequest, _MEMO),
    _post(
        "/v3/credit-memos/bulk",
        "Create multiple credit memos",
        schemas.CreditMemoRequest,
        _MEMO,
        status=201,
        many=True,
    ),
    *_reading("receivable-payments", "receivablePayment", "receivable payment", schemas.ReceivablePaymentSchema),
    Operation(method="post", path="/v3/logout", summary="API logout"),
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
        success["content"] = {"application/json": {"schema": _answer(operation, operation.answer)}}
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
        schema = operation.body(many=operation.many)
        sample = {"example": SAMPLES[operation.summary]}
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema, **sample}}}
    return told


def _answer(operation: Operation, told: type[Schema]) -> Schema:
    return _list_of(told) if operation.listing else told(many=operation.many)


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
