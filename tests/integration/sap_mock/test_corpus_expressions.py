"""Expressions that real clients send: the valid ones parse, print back, bind and run; the others are refused.

B2S_CORPUS names the folder with expressions.tsv. Each expression gets a model of its own, guessed from what its names
meet: a literal gives a property its type, a function that of its argument, a path makes a relation.
"""

from __future__ import annotations

import csv
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from sap_mock.edm import csdl_reader
from sap_mock.edm.model import Model
from sap_mock.odata.errors import ODataError
from sap_mock.odata.uri import binding, filter_parser, query_options, resource_path
from sap_mock.odata.uri.filter_parser import BinaryNode, CallNode, LiteralNode, Node, PathNode, UnaryNode
from sap_mock.odata.uri.functions import FUNCTIONS, Kind
from sap_mock.storage.database import Database
from sap_mock.storage.engine import open_database
from sap_mock.storage.entity_store import Query
from sap_mock.storage.tables import Tables

pytestmark = pytest.mark.corpus

# Rows treated otherwise than the list says
RAW = {"TechRelease+desc", "TechPatchLevel+desc"}  # written down as they stand in a query, where + is a blank
REFUSED = {
    "Price gt 5.00": "a number with a point needs its M at a Gateway (captured twice)",
    "$it eq '2'": "$it came with protocol version 4",
}
TAKEN = {
    "SalesOrder Desc": "SAP's parser takes asc and desc in any case (Olingo's header comment names the difference)"
}

# What the list says of a position, where our first foreign token stands there too
POSITIONS = {"ServiceRequest,Opportunity": 15, "EntityLastChangedOn ge datetimeoffset\u20192019-10-01T00:00:00Z": 38}


def rows() -> list[dict[str, str]]:
    folder = os.environ.get("B2S_CORPUS")
    if not folder:
        return []
    with (Path(folder) / "expressions.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


ROWS = rows()


def chosen(option: str, *, valid: bool) -> list[str]:
    return [
        row["expression"]
        for row in ROWS
        if row["option"] == option
        and ((row["V2 valid"] != "no" or row["expression"] in TAKEN) and row["expression"] not in REFUSED) is valid
    ]


def listed(option: str, *, valid: bool):
    """The distinct rows as parameters; one that is skipped with its reason where there is no list."""
    missing = pytest.param(
        "", marks=pytest.mark.skip("B2S_CORPUS is not set: it names the folder with expressions.tsv")
    )
    return pytest.mark.parametrize("expression", list(dict.fromkeys(chosen(option, valid=valid))) or [missing])


# Guessing a model ---------------------------------------------------------------------------------------------------


@dataclass
class Guess:
    """An entity type: property → type, way → the entity type it leads to."""

    properties: dict[str, str] = field(default_factory=dict)
    ways: dict[str, Guess] = field(default_factory=dict)

    def add(self, names: tuple[str, ...], type_: str = "") -> None:
        """A property at the end of a path; a type that is known once stays."""
        guess = self
        for name in names[:-1]:
            guess = guess.ways.setdefault(name, Guess())
        if type_ or names[-1] not in guess.properties:
            guess.properties[names[-1]] = type_ or "Edm.String"

    def add_way(self, names: list[str]) -> None:
        guess = self
        for name in names:
            guess = guess.ways.setdefault(name, Guess())

    def model(self, multiplicity: str) -> Model:
        types: list[str] = []
        self._write("E0", types, multiplicity)
        document = (
            '<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices>'
            '<Schema Namespace="G" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">'
            + "".join(types)
            + '<EntityContainer Name="C">'
            + "".join(
                f'<EntitySet Name="{name}s" EntityType="G.{name}"/>'
                for name in re.findall(r'<EntityType Name="(\w+)"', "".join(types))
            )
            + "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
        )
        return csdl_reader.read(document.encode())

    def _write(self, name: str, types: list[str], multiplicity: str) -> None:
        ways = []
        for number, (way, guess) in enumerate(self.ways.items()):
            below = f"{name}_{number}"
            ways.append(f'<NavigationProperty Name="{way}" Relationship="G.A{below}" FromRole="F" ToRole="T"/>')
            types.append(
                f'<Association Name="A{below}"><End Type="G.{name}" Multiplicity="*" Role="F"/>'
                f'<End Type="G.{below}" Multiplicity="{multiplicity}" Role="T"/></Association>'
            )
            guess._write(below, types, multiplicity)
        listed = {f"Key_{name}": "Edm.Int32", **{p: t for p, t in self.properties.items() if p not in self.ways}}
        written = "".join(f'<Property Name="{p}" Type="{t}"/>' for p, t in listed.items())
        key = f'<Key><PropertyRef Name="Key_{name}"/></Key>'
        types.append(f'<EntityType Name="{name}">{key}{written}{"".join(ways)}</EntityType>')


KINDS = {Kind.STRING: "Edm.String", Kind.MOMENT: "Edm.DateTime", Kind.CLOCK: "Edm.Time", Kind.NUMBER: "Edm.Decimal"}


def type_of(node: Node) -> str:
    """The type that a node has by itself; empty for a property that nothing is known of."""
    match node:
        case LiteralNode(literal=literal) if literal.type is not None:
            return literal.type.name if literal.type.name.startswith("Edm.") else "Edm.Int32"
        case CallNode(function=name) if FUNCTIONS[name].result is not None:
            return FUNCTIONS[name].result.name
        case CallNode(arguments=(first, *_)):
            return type_of(first)
        case BinaryNode(operator=operator) if operator not in ("add", "sub", "mul", "div", "mod"):
            return "Edm.Boolean"
        case BinaryNode(left=left, right=right):
            return type_of(left) or type_of(right) or "Edm.Int32"
        case UnaryNode(operator="not"):
            return "Edm.Boolean"
        case UnaryNode(operand=operand):
            return type_of(operand) or "Edm.Int32"
    return ""


def guess_from(node: Node, guess: Guess, wanted: str = "") -> None:
    match node:
        case PathNode(names=names):
            guess.add(names, wanted)
        case UnaryNode(operator=operator, operand=operand):
            guess_from(operand, guess, "Edm.Boolean" if operator == "not" else wanted)
        case BinaryNode(operator=operator, left=left, right=right):
            logical = operator in ("and", "or")
            guess_from(left, guess, "Edm.Boolean" if logical else type_of(right))
            guess_from(right, guess, "Edm.Boolean" if logical else type_of(left))
        case CallNode(function=name, arguments=arguments):
            function = FUNCTIONS[name]
            for index, argument in enumerate(arguments):
                kind = function.arguments[min(index, len(function.arguments) - 1)]
                by_result = wanted if function.result is None and wanted else KINDS[kind]
                guess_from(argument, guess, by_result)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return open_database(f"sqlite:///{tmp_path_factory.mktemp('expressions')}/all.db", durable=False)


NUMBERS = iter(range(10_000))


def run(engine, model: Model, options: str) -> None:
    """Bind the options on the root set and let the database answer."""
    target = binding.bind(resource_path.parse("E0s"), query_options.parse(options), model)
    database, tables = Database(engine), Tables(f"S{next(NUMBERS)}", model)
    with database.unit_of_work(writes=False) as unit:
        query = Query(filter=target.filter, order=target.order)
        assert database.store(unit, tables).query(target.entity_set, query) == []


def without_positions(node: Node) -> object:
    match node:
        case LiteralNode():
            return "literal", node.text
        case PathNode():
            return "path", node.names
        case UnaryNode():
            return node.operator, without_positions(node.operand)
        case BinaryNode():
            return node.operator, without_positions(node.left), without_positions(node.right)
        case CallNode():
            return node.function, tuple(without_positions(argument) for argument in node.arguments)


# The claims ---------------------------------------------------------------------------------------------------------


@listed("$filter", valid=True)
def test_a_valid_filter_parses_prints_back_binds_and_runs(engine, expression):
    tree = filter_parser.parse(expression)
    assert without_positions(filter_parser.parse(filter_parser.to_text(tree))) == without_positions(tree)
    guess = Guess()
    guess_from(tree, guess)
    run(engine, guess.model("1"), f"$filter={quote(expression)}")


@listed("$orderby", valid=True)
def test_a_valid_orderby_parses_prints_back_binds_and_runs(engine, expression):
    raw = expression if expression in RAW else quote(expression)
    criteria = filter_parser.parse_orderby(expression.replace("+", " ") if expression in RAW else expression)
    text = ",".join(filter_parser.to_text(node) + (" desc" if down else "") for node, down in criteria)
    again = filter_parser.parse_orderby(text)
    assert [(without_positions(n), d) for n, d in again] == [(without_positions(n), d) for n, d in criteria]
    guess = Guess()
    for node, _ in criteria:
        guess_from(node, guess)
    run(engine, guess.model("1"), f"$orderby={raw}")


@listed("$select", valid=True)
def test_a_valid_select_binds_and_keeps_what_it_names(expression):
    paths = [path.strip().split("/") for path in expression.split(",")]
    guess = Guess()
    for path in paths:
        guess.add_way(path[:-1])
        if path[-1] != "*":
            guess.add(tuple(path))
    model = guess.model("*")
    options = query_options.parse(f"$select={quote(expression)}")
    target = binding.bind(resource_path.parse("E0s"), options, model)
    assert all(target.select.keeps(path[0]) for path in paths if path[0] != "*")
    assert target.select.keeps("Key_E0") is any(path == ["*"] for path in paths)


@listed("$expand", valid=True)
def test_a_valid_expand_binds_to_a_tree(expression):
    paths = [path.strip().split("/") for path in expression.split(",")]
    guess = Guess()
    for path in paths:
        guess.add_way(path)
    options = query_options.parse(f"$expand={quote(expression)}")
    target = binding.bind(resource_path.parse("E0s"), options, guess.model("*"))
    for path in paths:
        level = target.expand
        for name in path:
            level = level.relations[name][1]


@listed("$filter", valid=False)
def test_an_invalid_filter_is_refused_with_its_position(expression):
    with pytest.raises(ODataError) as refused:
        filter_parser.parse(expression)
    assert refused.value.status == 400
    if refused.value.text == "Malformed URI literal syntax":  # captured without a position
        return
    position = re.search(r"at position (\d+)\Z", refused.value.text)
    assert position is not None
    assert int(position[1]) == POSITIONS.get(expression, int(position[1]))
    assert 1 <= int(position[1]) <= len(expression) + 1


@listed("$orderby", valid=False)
def test_an_invalid_orderby_is_refused_with_its_position(expression):
    with pytest.raises(ODataError, match=r"at position \d+\Z") as refused:
        filter_parser.parse_orderby(expression)
    assert refused.value.status == 400


@listed("$expand", valid=False)
def test_an_invalid_expand_is_refused(expression):
    guess = Guess()
    guess.add_way(["status"])
    with pytest.raises(ODataError) as refused:
        binding.bind(resource_path.parse("E0s"), query_options.parse(f"$expand={quote(expression)}"), guess.model("*"))
    assert refused.value.status == 400


@pytest.mark.skipif(not ROWS, reason="B2S_CORPUS is not set: it names the folder with expressions.tsv")
def test_every_row_is_one_of_these_and_every_exception_is_a_row():
    assert len(ROWS) >= 340
    assert {row["option"] for row in ROWS} == {"$filter", "$orderby", "$select", "$expand"}
    assert {*RAW, *REFUSED, *TAKEN, *POSITIONS} <= {row["expression"] for row in ROWS}
