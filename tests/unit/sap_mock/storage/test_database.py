"""Opening a database, and what happens to units of work, tables and numbers."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from sap_mock.edm import csdl_reader
from sap_mock.edm.model import EntitySet
from sap_mock.storage.database import Database
from sap_mock.storage.engine import DatabaseUnusable, open_database, writing
from sap_mock.storage.entity_store import DuplicateKey
from sap_mock.storage.number_ranges import NumberRangeExhausted
from sap_mock.storage.tables import Tables

MODEL = csdl_reader.read((Path(__file__).parents[3] / "reference_service" / "metadata.xml").read_bytes())


@pytest.fixture
def database(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/store.db", durable=False)
    yield Database(engine)
    engine.dispose()


@pytest.mark.parametrize(("url", "said"), [
    ("nonsense", r"The database URL cannot be read: write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME\.$"),
    ("postgresql://user:secret@host:port/x", "The database URL cannot be read: write "),
    ("oracle://user:secret@host/x", "The database URL names oracle: write sqlite:///FILE or "),
    ("sqlite:////no/such/folder/x.db", "cannot be opened: unable to open database file"),
    ("postgresql+psycopg://user:secret@127.0.0.1:1/x", r"The database postgresql\+psycopg://user:\*\*\*@127.0.0.1:1/x cannot be opened"),
])  # fmt: skip
def test_a_database_that_cannot_be_opened_is_named_without_its_password(url, said):
    with pytest.raises(DatabaseUnusable, match=said) as refused:
        open_database(url, connections=1)
    assert "secret" not in str(refused.value)


def test_postgresql_without_its_driver_names_the_extra_and_no_password(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseUnusable, match=r"extra postgres, pip install '\.\[postgres\]' in the clone") as refused:
        open_database("postgresql://user:secret@127.0.0.1:1/x", connections=1)
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "x.db").write_text("this is a text and no database at all, and it is long enough to be looked at")
    with pytest.raises(DatabaseUnusable, match="file is not a database"):
        open_database(f"sqlite:///{tmp_path}/x.db")


def test_a_unit_of_work_begins_when_first_used_and_can_be_left_unused(database):
    with database.unit_of_work(writes=True) as unit:
        unit.commit()
        unit.rollback()
        assert not unit.begun
        assert unit.connection is unit.connection
        assert unit.begun
        unit.rollback()
        assert not unit.begun


def test_one_unit_of_work_after_another_shares_a_connection_and_nothing_else(database):
    with database.unit_of_work(writes=True) as unit:
        ranges, connection = database.number_ranges(unit), unit.connection
        ranges.next("A")
        unit.commit()
        ranges.next("A")
        unit.rollback()
        assert ranges.next("A") == "0000000002"
        assert unit.connection is connection
    with database.unit_of_work(writes=True) as unit:
        assert database.number_ranges(unit).next("A") == "0000000002", "what was not committed is undone at the end"


def test_what_breaks_in_the_middle_leaves_nothing_behind_and_holds_nobody_up(database):
    tags, tables = MODEL.entity_sets["Tags"], Tables("REFERENCE_SRV", MODEL)

    def break_after_one_row():
        with database.unit_of_work(writes=True) as unit:
            database.store(unit, tables).insert(tags, {"TagId": 1, "Label": ""})
            raise ZeroDivisionError

    def break_after_a_statement():
        with writing(database.engine) as connection:
            connection.exec_driver_sql("DELETE FROM number_range")
            raise ZeroDivisionError

    for broken in (break_after_one_row, break_after_a_statement, break_after_one_row):
        with pytest.raises(ZeroDivisionError):
            broken()
    with database.unit_of_work(writes=False) as unit:
        assert database.store(unit, tables).count(tags) == 0


def test_numbers_are_handed_out_once_and_padded(database):
    with database.unit_of_work(writes=True) as unit:
        ranges = database.number_ranges(unit)
        assert [ranges.next("A"), ranges.next("A"), ranges.next("B", first=51, digits=4)] == [
            "0000000001",
            "0000000002",
            "0051",
        ]
        unit.commit()
    with database.unit_of_work(writes=True) as unit:
        assert database.number_ranges(unit).next("A") == "0000000003"
    with database.unit_of_work(writes=True) as unit:
        assert database.number_ranges(unit).next("A") == "0000000003", "a number of a transaction undone is free again"


def test_an_interval_ends(database):
    with database.unit_of_work(writes=True) as unit:
        ranges = database.number_ranges(unit)
        assert ranges.next("A", last=1) == "0000000001"
        with pytest.raises(NumberRangeExhausted, match="A"):
            ranges.next("A", last=1)


def test_tables_are_created_when_first_needed_and_emptied_together(database):
    tables = Tables("REFERENCE_SRV", MODEL)
    tags = MODEL.entity_sets["Tags"]

    def names():
        with database.engine.connect() as connection:
            return {row[0] for row in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))}

    assert not any(name.startswith("REFERENCE_SRV~") for name in names())
    with database.unit_of_work(writes=True) as unit:
        database.store(unit, tables).insert(tags, {"TagId": 1, "Label": ""})
        unit.commit()
    assert {"REFERENCE_SRV~Orders", "REFERENCE_SRV~link~CustomerTagsSet"} <= names()
    database.empty([tables])
    with database.unit_of_work(writes=False) as unit:
        assert database.store(unit, tables).count(tags) == 0


DOCUMENT = """<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices>
<Schema Namespace="W" xmlns="http://schemas.microsoft.com/ado/2008/09/edm"><EntityType Name="Wide"><Key>{refs}</Key>
{properties}</EntityType><EntityContainer Name="C"><EntitySet Name="Wides" EntityType="W.Wide"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""


def test_a_key_of_seventy_parts_is_unique_as_a_whole(database):
    """Seen in a real document; PostgreSQL indexes 32 columns at most."""
    names = [f"K{number}" for number in range(70)]
    model = csdl_reader.read(
        DOCUMENT.format(
            refs="".join(f'<PropertyRef Name="{name}"/>' for name in names),
            properties="".join(f'<Property Name="{name}" Type="Edm.String" Nullable="false"/>' for name in names),
        ).encode()
    )
    wides, tables = model.entity_sets["Wides"], Tables("WIDE", model)
    row = dict.fromkeys(names, "x")
    with database.unit_of_work(writes=True) as unit:
        store = database.store(unit, tables)
        store.insert(wides, row)
        store.insert(wides, {**row, "K69": "y"})
        with pytest.raises(DuplicateKey):
            store.insert(wides, row)
        assert store.find(wides, {**row, "K69": "y"}).values["K69"] == "y"
        assert store.count(wides) == 2


def test_names_that_differ_in_case_only_or_are_too_long_stay_apart(database):
    names = ["Value", "VALUE", "value", "L" * 70 + "1", "L" * 70 + "2"]
    model = csdl_reader.read(
        DOCUMENT.format(
            refs='<PropertyRef Name="Id"/>',
            properties="".join(f'<Property Name="{name}" Type="Edm.String"/>' for name in ["Id", *names]),
        ).encode()
    )
    entity_set: EntitySet = replace(model.entity_sets["Wides"])
    row = {"Id": "1", **{name: name for name in names}}
    with database.unit_of_work(writes=True) as unit:
        store = database.store(unit, Tables("S" * 60, model))
        store.insert(entity_set, row)
        assert store.find(entity_set, {"Id": "1"}).values == row
