"""Any filter finds what plain Python finds; any order and any paging gives what Python's sorting and slicing gives."""

from __future__ import annotations

import random
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3] / "support"))

import evaluation
import generated

from sap_mock.edm import csdl_reader
from sap_mock.odata.uri import skiptoken
from sap_mock.odata.uri.expression_binding import bind_filter, bind_orderby
from sap_mock.storage.database import Database
from sap_mock.storage.engine import open_database
from sap_mock.storage.entity_store import Query, key_of
from sap_mock.storage.tables import Tables

METADATA = Path(__file__).parents[3] / "reference_service" / "metadata.xml"
MODEL = csdl_reader.read(METADATA.read_bytes())
SAMPLES = MODEL.entity_sets["Samples"]
ITEMS = MODEL.entity_sets["OrderItems"]


def rows() -> list[dict]:
    """Entities of every kind: with all values, with none, with equal ones."""
    chance = random.Random(7)  # noqa: S311 - the same rows every time
    made = [generated.entity(SAMPLES.entity_type, chance, nulls=nulls) for nulls in (0, 0, 0.2, 0.2, 0.5, 0.5, 0.9, 1)]
    plain = {"Text": "abc", "ShortText": "", "Amount": Decimal("10.5"), "FreeDecimal": Decimal("-0.5"), "Flag": False,
             "ByteNumber": 2, "SByteNumber": -3, "Int16Number": 7, "Int32Number": -7, "Int64Number": 2, "DoubleNumber": 10.5,
             "SingleNumber": -2.5, "Moment": datetime.fromisoformat("2020-02-29T12:34:56")}  # fmt: skip
    made += [
        {**made[0], **plain},
        {**made[1], **plain, "Text": "ABC ", "Flag": True},
        {**made[7], **plain},
        dict(made[2]),
    ]
    return [{**row, "SampleId": f"{index:02d}"} for index, row in enumerate(made)]


ROWS = rows()
OF_TYPE: dict[str, list] = {}
for prop in SAMPLES.entity_type.properties:
    OF_TYPE.setdefault(prop.type.name, []).append(prop)
NUMBERS = ("Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32", "Edm.Int64", "Edm.Decimal", "Edm.Double", "Edm.Single")
COMPARED = ("eq", "ne", "lt", "le", "gt", "ge")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Query the rows."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('rows')}/store.db", durable=False)
    database, tables = Database(engine), Tables("REFERENCE_SRV", MODEL)
    with database.unit_of_work(writes=True) as unit:
        for row in ROWS:
            database.store(unit, tables).insert(SAMPLES, row)
        for order in range(4):
            for item in range(5):
                values = {"OrderId": str(order), "ItemNumber": item, "Material": "ab"[item % 2], "Quantity": None}
                database.store(unit, tables).insert(ITEMS, values)
        unit.commit()

    def query(entity_set, **query):
        with database.unit_of_work(writes=False) as unit:
            return database.store(unit, tables).query(entity_set, Query(**query))

    yield query
    engine.dispose()


# Expressions, as text, of a wanted type -----------------------------------------------------------------------------


@st.composite
def literals(draw, type_name):
    """A literal that some row holds, so that it is met, or ``null``."""
    prop = draw(st.sampled_from(OF_TYPE[type_name]))
    values = [row[prop.name] for row in ROWS if row[prop.name] is not None]
    if not values or draw(st.integers(0, 9)) == 0:
        return "null"
    return unquote(prop.type.to_uri(draw(st.sampled_from(values))))


def member(type_name):
    return st.sampled_from([prop.name for prop in OF_TYPE[type_name]])


@st.composite
def numbers(draw, depth):
    kind = draw(st.integers(0, 6 if depth else 2))
    type_name = draw(st.sampled_from(NUMBERS))
    if kind < 2:
        return draw(member(type_name))
    if kind == 2:
        return draw(st.one_of(literals(type_name), st.integers(-3, 300).map(str)))
    if kind == 3:
        left, right = draw(numbers(depth - 1)), draw(numbers(depth - 1))
        return f"({left} {draw(st.sampled_from(['add', 'sub', 'mul', 'div', 'mod']))} {right})"
    if kind == 4:
        return f"-({draw(numbers(depth - 1))})"
    if kind == 5:
        return f"{draw(st.sampled_from(['round', 'floor', 'ceiling']))}({draw(numbers(depth - 1))})"
    return draw(whole_numbers(depth - 1))


@st.composite
def whole_numbers(draw, depth):
    function = draw(st.sampled_from(["length", "indexof", "year", "month", "day", "hour", "minute", "second"]))
    if function in ("length", "indexof"):
        arguments = [draw(texts(depth)) for _ in range(2 if function == "indexof" else 1)]
        return f"{function}({','.join(arguments)})"
    clocks = ["Edm.DateTime", "Edm.DateTimeOffset"] + (["Edm.Time"] if function in ("hour", "minute", "second") else [])
    return f"{function}({draw(member(draw(st.sampled_from(clocks))))})"


@st.composite
def texts(draw, depth):
    kind = draw(st.integers(0, 7 if depth else 2))
    if kind < 2:
        return draw(member("Edm.String"))
    if kind == 2:
        return draw(
            st.one_of(literals("Edm.String"), st.sampled_from(["''", "'a'", "'bc'", "'%'", "'_'", "' '", "'見'"]))
        )
    inner = [draw(texts(depth - 1)) for _ in range(3)]
    small = st.integers(-2, 12).map(str)
    return {
        3: f"tolower({inner[0]})",
        4: f"trim({inner[0]})",
        5: f"concat({inner[0]},{inner[1]})",
        6: f"replace({','.join(inner)})",
        7: f"substring({inner[0]},{draw(small)}{draw(st.one_of(st.just(''), small.map(lambda n: f',{n}')))})",
    }[kind]


@st.composite
def conditions(draw, depth=3):
    kind = draw(st.integers(0, 8 if depth else 4))
    if kind == 0:
        return draw(st.one_of(member("Edm.Boolean"), st.sampled_from(["true", "false", "null"])))
    compared = draw(st.sampled_from(COMPARED))
    if kind == 1:
        return f"{draw(numbers(min(depth, 2)))} {compared} {draw(numbers(min(depth, 2)))}"
    if kind == 2:
        return f"{draw(texts(min(depth, 2)))} {compared} {draw(texts(min(depth, 2)))}"
    if kind == 3:
        type_name = draw(st.sampled_from(sorted(set(OF_TYPE) - set(NUMBERS))))
        return f"{draw(member(type_name))} {compared} {draw(st.one_of(member(type_name), literals(type_name)))}"
    if kind == 4:
        arguments = draw(texts(min(depth, 2))), draw(texts(min(depth, 2)))
        call = f"{draw(st.sampled_from(['startswith', 'endswith', 'substringof']))}({','.join(arguments)})"
        return draw(st.sampled_from([call, f"{call} eq true", f"not {call}"]))
    inner = draw(conditions(depth - 1)), draw(conditions(depth - 1))
    return {
        5: f"({inner[0]}) and ({inner[1]})",
        6: f"({inner[0]}) or ({inner[1]})",
        7: f"not ({inner[0]})",
        8: f"({inner[0]}) {draw(st.sampled_from(['eq', 'ne']))} ({inner[1]})",
    }[kind]


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(text=conditions())
def test_any_filter_finds_what_plain_python_finds(store, text):
    note(text)
    bound = bind_filter(text, MODEL, SAMPLES)
    expected = [row["SampleId"] for row in ROWS if evaluation.holds(bound, row)]
    assert [entity["SampleId"] for entity in store(SAMPLES, filter=bound)] == expected


# Order and pages ----------------------------------------------------------------------------------------------------

CRITERIA = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from([prop.name for prop in SAMPLES.entity_type.properties]),
            st.sampled_from(
                [
                    "length(Text)",
                    "Amount add DoubleNumber",
                    "Amount mul 3",
                    "round(FreeDecimal)",
                    "year(Moment)",
                    "tolower(Text)",
                    "Flag eq true",
                ]
            ),
        ),
        st.sampled_from(["", " asc", " desc"]),
    ),
    max_size=3,
)


def ordered(criteria):
    """Python's own order: by every criterion from the last to the first, missing values lowest, then by key."""
    found = sorted(ROWS, key=lambda row: row["SampleId"])
    for order in reversed(criteria):
        values = [(evaluation.evaluate(order.expression, row), row) for row in found]
        missing = [row for value, row in values if value is None]
        present = sorted(
            (pair for pair in values if pair[0] is not None), key=lambda pair: pair[0], reverse=order.descending
        )
        rest = [row for _, row in present]
        found = rest + missing if order.descending else missing + rest
    return [row["SampleId"] for row in found]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(criteria=CRITERIA, top=st.one_of(st.none(), st.integers(0, 15)), skip=st.one_of(st.none(), st.integers(0, 15)))
def test_any_order_and_any_page_is_what_python_gives(store, criteria, top, skip):
    text = ",".join(f"{expression}{direction}" for expression, direction in criteria)
    note(text)
    order = bind_orderby(text, MODEL, SAMPLES) if text else ()
    expected = ordered(order)[skip or 0 :]
    expected = expected if top is None else expected[:top]
    assert [entity["SampleId"] for entity in store(SAMPLES, order=order, top=top, skip=skip)] == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7, 19, 20, 21])
def test_going_on_from_a_skiptoken_visits_every_entity_once(store, size):
    whole = [key_of(ITEMS, entity.values) for entity in store(ITEMS)]
    visited, after = [], None
    while page := store(ITEMS, top=size, after=after):
        visited += [key_of(ITEMS, entity.values) for entity in page]
        after = skiptoken.read(skiptoken.write(ITEMS.entity_type, page[-1].values), ITEMS.entity_type)
    assert visited == whole
    assert len(whole) == 20
