"""The mapping file: company code, chart, accounts, customers, tax codes. Data, checked whole before anything is sent.

The shipped file holds DATEV's SKR03 and SKR04 as they are typically numbered; an own file is laid over it, table by
table. Everything that is wrong with it is told together.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate
from marshmallow.fields import Field

from pipeline.model.stops import Misconfigured

_ACCOUNT = validate.Regexp(r"[0-9]{1,10}\Z", error="is not a number of at most ten digits")
_CODE = validate.Length(min=1, max=2, error="is not a code of at most two characters")
_TEN = validate.Length(min=1, max=10, error="is longer than ten characters")


def _table(check: validate.Validator) -> Field[Any]:
    return fields.Dict(keys=fields.String(), values=fields.String(validate=check), required=True)


class ChartTable(Schema):
    """[charts.NAME]."""

    tax_accounts = fields.List(fields.String(validate=_ACCOUNT), required=True)
    debtors = fields.List(fields.String(validate=_ACCOUNT), required=True)
    automatic_accounts = fields.Dict(keys=fields.String(), values=fields.String(validate=_ACCOUNT), load_default={})


class JournalTable(Schema):
    """[journal]."""

    company_code = fields.String(required=True, validate=validate.Length(equal=4, error="is not four characters long"))
    chart = fields.String(required=True)
    automatic_gross = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    document_types = _table(_CODE)
    tax_codes = _table(_CODE)
    tax_rates = _table(_CODE)
    cost_center_types = fields.List(fields.String(), required=True)
    customers = _table(_TEN)
    cost_centers = _table(_TEN)
    accounts = _table(_ACCOUNT)


class PayableTable(Schema):
    """[supplier_invoices.SOURCE]."""

    supplier = fields.String(required=True, validate=_TEN)
    gl_account = fields.String(required=True, validate=_ACCOUNT)
    cost_center = fields.String(
        load_default="", validate=validate.Length(max=10, error="is longer than ten characters")
    )
    tax_code = fields.String(required=True, validate=_CODE)
    tax_rate = fields.Decimal(load_default=Decimal(0), validate=validate.Range(min=0, max=100))
    payment_block = fields.String(load_default="A", validate=validate.Length(equal=1, error="is not one character"))
    paid = fields.List(fields.String(), load_default=["PAID", "PAID_IN_FULL"])


class MappingFile(Schema):
    """The whole file."""

    supplier_invoices = fields.Dict(keys=fields.String(), values=fields.Nested(PayableTable), load_default={})
    journal = fields.Nested(JournalTable, required=True)
    charts = fields.Dict(keys=fields.String(), values=fields.Nested(ChartTable), required=True)


@dataclass(frozen=True, kw_only=True)
class Payable:
    """How a source's invoices become payables: to whom, on which account, with which tax; what is paid is blocked."""

    supplier: str
    gl_account: str
    cost_center: str
    tax_code: str
    tax_rate: Decimal
    payment_block: str
    paid: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Books:
    """What a journal entry is built with, and the sources whose invoices are payables."""

    company_code: str
    chart: str
    document_types: Mapping[str, str]
    tax_codes: Mapping[str, str]
    tax_rates: Mapping[str, str]
    cost_center_types: frozenset[str]
    customers: Mapping[str, str]
    cost_centers: Mapping[str, str]
    accounts: Mapping[str, str]
    tax_accounts: frozenset[str]
    """Without leading zeros."""
    debtors: frozenset[str]
    automatic_accounts: Mapping[str, str]
    """Revenue account → account of its tax, where what is booked is gross; none where it is net."""
    payables: Mapping[str, Payable]


def read(own: str = "") -> Books:
    """The shipped file with an own one laid over it. Raises Misconfigured with one line per problem."""
    try:
        laid = tomllib.loads(own)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"the mapping file is not TOML: {error}") from error
    shipped = tomllib.loads(files("pipeline.sap").joinpath("mapping.toml").read_text("utf-8"))
    try:
        tables = MappingFile().load(_over(shipped, laid))
    except ValidationError as error:
        raise Misconfigured("\n".join(f"mapping file: {line}" for line in _lines(error.messages))) from error
    journal, charts = tables["journal"], tables["charts"]
    problems = _gaps(journal, charts)
    if problems:
        raise Misconfigured("\n".join(f"mapping file: {line}" for line in problems))
    chart = charts[journal["chart"]]
    sets = {
        "cost_center_types": journal["cost_center_types"],
        "tax_accounts": (account.lstrip("0") for account in chart["tax_accounts"]),
        "debtors": chart["debtors"],
    }
    payables = {
        source: Payable(**{**table, "paid": tuple(table["paid"])})
        for source, table in tables["supplier_invoices"].items()
    }
    is_gross = journal.pop("automatic_gross")
    return Books(
        **{**journal, **{name: frozenset(values) for name, values in sets.items()}},
        automatic_accounts=chart["automatic_accounts"] if is_gross else {},
        payables=payables,
    )


def _gaps(journal: dict[str, Any], charts: dict[str, Any]) -> list[str]:
    found = []
    if journal["chart"] not in charts:
        found.append(f"journal.chart: there is no chart {journal['chart']}; there is: {', '.join(charts)}")
    if "other" not in journal["document_types"]:
        found.append("journal.document_types: 'other' is missing, the document type of every other posting")
    return found


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {
        name: _over(below[name], value) if isinstance(value, dict) and isinstance(below.get(name), dict) else value
        for name, value in above.items()
    }
    return {**below, **both}


def _lines(messages: Any, path: str = "") -> list[str]:
    match messages:
        case dict():
            return [line for name, inner in messages.items() for line in _lines(inner, f"{path}.{name}".lstrip("."))]
        case list():
            return [line for inner in messages for line in _lines(inner, path)]
    return [f"{path.removesuffix('.value')}: {messages}"]
