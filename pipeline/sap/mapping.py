"""The mapping file: company code, chart, accounts, customers, tax codes. Data, checked whole before anything is sent.

The shipped file holds DATEV's SKR03 and SKR04 as they are typically numbered; an own file is laid over it, table by
table. Everything that is wrong with it is told together.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate
from marshmallow.fields import Field

from pipeline.model.stops import Misconfigured

PAYABLE_SOURCES = ("postman", "bill", "copaco")
"""Sources of invoices, which may become payables."""
_OF_A_DICT = re.compile(r"\.value(?=\.|$)")
"""What marshmallow puts between the name of an entry and what is wrong with it."""
_RATE = re.compile(r"[0-9]{1,2}(\.[0-9]{1,4})?", re.ASCII)
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
    tables, problems = _loaded(_over(shipped, laid))
    if problems:
        raise Misconfigured("\n".join(f"mapping file: {line}" for line in problems))
    journal, chart = tables["journal"], tables["charts"][tables["journal"]["chart"]]
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


def _loaded(laid: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The tables as far as they are sound, and everything that is wrong: in each of them, and between them."""
    try:
        tables, found = MappingFile().load(laid), []
    except ValidationError as error:
        tables, found = error.valid_data, _lines(error.messages)
    return tables, [*found, *_gaps(tables.get("journal", {}), tables.get("charts", {})), *_nobodys(laid)]


def _gaps(journal: dict[str, Any], charts: dict[str, Any]) -> list[str]:
    """What does not go together."""
    found = []
    chart = charts.get(journal.get("chart", ""))
    if "chart" in journal and charts and chart is None:
        found.append(f"journal.chart: there is no chart {journal['chart']}; there is: {', '.join(charts)}")
    if "other" not in journal.get("document_types", {"other": ""}):
        found.append("journal.document_types: 'other' is missing, the document type of every other posting")
    found += [
        f"journal.tax_rates.{rate}: is no rate in per cent, like 19 or 5.5"
        for rate in journal.get("tax_rates", {})
        if not _RATE.fullmatch(rate)
    ]
    if journal.get("automatic_gross") and chart and not chart["automatic_accounts"]:
        found.append(f"journal.automatic_gross: the chart {journal['chart']} names no automatic_accounts")
    for name, one in charts.items():
        found += [
            f"charts.{name}.automatic_accounts.{account}: {taxed} is not one of the chart's tax_accounts"
            for account, taxed in one.get("automatic_accounts", {}).items()
            if taxed not in one.get("tax_accounts", [])
        ]
    return found


def _nobodys(laid: dict[str, Any]) -> list[str]:
    """Payables of sources that there are not: a typing error would leave them rows in ZINVOICE_SRV in silence."""
    named = laid.get("supplier_invoices", {})
    return [
        f"supplier_invoices.{source}: there is no such source of invoices; there is: {', '.join(PAYABLE_SOURCES)}"
        for source in (named if isinstance(named, dict) else ())
        if source not in PAYABLE_SOURCES
    ]


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {
        name: _over(below[name], value) if isinstance(value, dict) and isinstance(below.get(name), dict) else value
        for name, value in above.items()
    }
    return {**below, **both}


def _lines(messages: Any, path: str = "") -> list[str]:
    match messages:
        case {"_schema": _}:
            return _lines("is no table", path)
        case dict():
            return [line for name, inner in messages.items() for line in _lines(inner, f"{path}.{name}".lstrip("."))]
        case list():
            return [line for inner in messages for line in _lines(inner, path)]
    return [f"{_OF_A_DICT.sub('', path)}: {messages}"]
