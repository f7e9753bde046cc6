"""What the layers above rely on in an entity store, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from sap_mock.odata.entity import Entity, Media
from sap_mock.odata.uri.expression_binding import bind_filter, bind_orderby
from sap_mock.provider.initial_values import completed
from sap_mock.storage.engine import writing
from sap_mock.storage.entity_store import DuplicateKey, KeyIsFixed, Query

naive = datetime.fromisoformat


class Store:
    """A store in one transaction after another, spoken to with set names and texts."""

    def __init__(self, database, tables, model):
        self.database, self.tables, self.model = database, tables, model

    def within(self, work, *, writes=True):
        with self.database.unit_of_work(writes=writes) as unit:
            result = work(self.database.store(unit, self.tables))
            unit.commit()
        return result

    def set(self, name):
        return self.model.entity_sets[name]

    def insert(self, name, *rows, media=None):
        entity_type = self.set(name).entity_type
        for row in rows:
            self.within(lambda store, row=row: store.insert(self.set(name), completed(entity_type, row), media))

    def find(self, name, **key):
        return self.within(lambda store: store.find(self.set(name), key), writes=False)

    def query(self, name, filter_="", orderby="", **more):
        query = self.compiled(name, filter_, orderby, **more)
        return self.within(lambda store: store.query(self.set(name), query), writes=False)

    def compiled(self, name, filter_="", orderby="", **more):
        return Query(
            filter=bind_filter(filter_, self.model, self.set(name)) if filter_ else None,
            order=bind_orderby(orderby, self.model, self.set(name)) if orderby else (),
            **more,
        )

    def tie(self, source, way, target, *, undo=False):
        name, key = source
        relation = self.model.relations[name, way]

        def work(store):
            here = store.find(self.set(name), key)
            there = store.find(relation.target, target)
            (store.untie if undo else store.tie)(here, relation, there)

        self.within(work)

    def near(self, name, key, way):
        relation = self.model.relations[name, way]
        source = self.find(name, **key)
        return self.within(lambda s: s.query(relation.target, Query(near=(source, relation))), writes=False)


@pytest.fixture
def store(database, tables, model):
    return Store(database, tables, model)


SAMPLE = {
    "SampleId": "1", "Text": "Größe 見本 😀", "ShortText": "", "RequiredText": "x", "Flag": True, "RequiredFlag": False,
    "ByteNumber": 255, "SByteNumber": -128, "Int16Number": -32768, "Int32Number": 2**31 - 1,
    "RequiredInt32Number": 0, "Int64Number": -(2**63), "Amount": Decimal("9999999999999.125"), "Currency": "EUR",
    "FreeDecimal": Decimal("0.1000000000000000000000000001"), "RequiredAmount": Decimal("-1.50"),
    "DoubleNumber": 0.1, "SingleNumber": 1.5, "Day": naive("2023-10-12"), "Moment": naive("0001-01-01T00:00:00.000001"),
    "RequiredDay": naive("9999-12-31T23:59:59"), "ZonedMoment": datetime(2020, 2, 29, 23, 59, tzinfo=UTC),
    "TimeOfDay": timedelta(hours=23, minutes=59, seconds=59),
    "Identity": UUID("0050568d-393c-1ed4-9d97-e65f0f3fcc23"), "Bytes": bytes(range(256)), "FourBytes": b"\0\1\2\3",
    "EndlessText": "x" * 10_000,
}  # fmt: skip


def test_a_value_of_every_edm_type_comes_back_equal(store):
    store.insert("Samples", SAMPLE)
    assert store.find("Samples", SampleId="1").values == SAMPLE


def test_a_missing_value_comes_back_missing(store):
    required = ("SampleId", "RequiredDay")
    row = {name: (SAMPLE[name] if name in required else None) for name in SAMPLE}
    store.within(lambda s: s.insert(store.set("Samples"), row))
    assert store.find("Samples", SampleId="1").values == row


def test_complex_values_come_back_whole(store):
    address = {"Street": "A", "City": "B", "Country": {"Code": "DE", "Population": 84_000_000}}
    store.insert("Customers", {"CustomerId": "1", "Address": address})
    assert store.find("Customers", CustomerId="1").values["Address"] == address


def test_what_is_not_there_is_none(store):
    assert store.find("Samples", SampleId="1") is None


def test_a_key_that_exists_is_refused_and_the_transaction_goes_on(store):
    def work(one):
        orders = store.set("Orders")
        row = completed(orders.entity_type, {"OrderId": "1"})
        one.insert(orders, row)
        with pytest.raises(DuplicateKey):
            one.insert(orders, row)
        one.insert(orders, {**row, "OrderId": "2"})

    store.within(work)
    assert [order["OrderId"] for order in store.query("Orders")] == ["1", "2"]


def test_what_is_not_committed_is_gone(store, database, tables):
    with database.unit_of_work(writes=True) as unit:
        row = completed(store.set("Orders").entity_type, {"OrderId": "1"})
        database.store(unit, tables).insert(store.set("Orders"), row)
    assert store.query("Orders") == []


def test_a_change_sets_what_is_named_and_tells_whether_it_was_there(store):
    store.insert("Orders", {"OrderId": "1", "Currency": "EUR", "Total": Decimal(1)})
    orders = store.set("Orders")
    assert store.within(lambda s: s.change(orders, {"OrderId": "1"}, {"Total": Decimal("2.5")}))
    assert not store.within(lambda s: s.change(orders, {"OrderId": "2"}, {"Total": Decimal(3)}))
    assert store.find("Orders", OrderId="1").values["Total"] == Decimal("2.5")
    assert store.find("Orders", OrderId="1").values["Currency"] == "EUR"


def test_an_empty_change_tells_whether_it_was_there(store):
    store.insert("Orders", {"OrderId": "1"})
    orders = store.set("Orders")
    found = [store.within(lambda s, key=key: s.change(orders, {"OrderId": key}, {})) for key in ("1", "2")]
    assert found == [True, False]


def test_a_removal_tells_whether_it_was_there(store):
    store.insert("Orders", {"OrderId": "1"})
    orders = store.set("Orders")
    assert [store.within(lambda s: s.remove(orders, {"OrderId": "1"})) for _ in range(2)] == [True, False]


def test_a_key_of_several_parts_with_a_truth_value_is_found(store):
    store.insert("Switches", {"Area": "A", "IsActive": True}, {"Area": "A", "IsActive": False})
    assert store.find("Switches", Area="A", IsActive=False) is not None
    assert len(store.query("Switches")) == 2


def test_media_are_kept_with_their_type(store):
    documents = store.set("Documents")
    store.insert("Documents", {"DocumentId": "1"}, media=Media(content_type="image/png", content=b"\x89PNG"))
    assert store.within(lambda s: s.media(documents, {"DocumentId": "1"})).content == b"\x89PNG"
    assert store.find("Documents", DocumentId="1").media_type == "image/png"
    changed = Media(content_type="text/plain", content=b"")
    assert store.within(lambda s: s.change_media(documents, {"DocumentId": "1"}, changed))
    assert store.within(lambda s: s.media(documents, {"DocumentId": "1"})) == changed
    assert store.within(lambda s: s.media(documents, {"DocumentId": "2"})) is None


# Order, pages -------------------------------------------------------------------------------------------------------

TEXTS = ["", "10", "9", "A", "Z", "a", "z", "Ä", "é", "見", "😀"]  # in code-point order


def ids(entities):
    return [entity["SampleId"] for entity in entities]


def test_text_is_ordered_by_code_points(store):
    store.insert("Samples", *({"SampleId": str(i), "Text": one, "RequiredDay": naive("2020-01-01")}
                              for i, one in enumerate(reversed(TEXTS))))  # fmt: skip
    assert [one["Text"] for one in store.query("Samples", orderby="Text")] == TEXTS
    assert [one["Text"] for one in store.query("Samples", orderby="Text desc")] == TEXTS[::-1]


@pytest.mark.parametrize(("orderby", "expected"), [
    ("Amount", ["n", "b", "c", "a", "d"]),
    ("Amount desc", ["d", "a", "c", "b", "n"]),
    ("Currency,Amount desc", ["d", "c", "b", "n", "a"]),
    ("Currency desc,SampleId", ["a", "b", "c", "d", "n"]),
])  # fmt: skip
def test_missing_values_come_first_and_numbers_are_ordered_as_numbers(store, orderby, expected):
    rows = {"a": (Decimal(10), "B"), "b": (Decimal(-9), "A"), "c": (Decimal("9.5"), "A"), "d": (Decimal("10.001"), "A")}
    for name, (amount, currency) in [*rows.items(), ("n", (None, "A"))]:
        row = completed(store.set("Samples").entity_type, {"SampleId": name, "Currency": currency,
                                                           "RequiredDay": naive("2020-01-01")})  # fmt: skip
        store.within(lambda s, row=row, amount=amount: s.insert(store.set("Samples"), {**row, "Amount": amount}))
    assert ids(store.query("Samples", orderby=orderby)) == expected


def test_equal_entities_come_in_key_order_and_pages_neither_skip_nor_repeat(store):
    store.insert("OrderItems", *({"OrderId": f"{i % 3}", "ItemNumber": 7 - i} for i in range(7)))
    whole = [(one["OrderId"], one["ItemNumber"]) for one in store.query("OrderItems", orderby="Material")]
    assert whole == sorted(whole)
    pages = [store.query("OrderItems", orderby="Material", top=2, skip=skip) for skip in range(0, 8, 2)]
    assert [(one["OrderId"], one["ItemNumber"]) for page in pages for one in page] == whole
    assert len(store.query("OrderItems", skip=5)) == 2
    assert store.query("OrderItems", top=0) == []


def test_a_page_goes_on_behind_a_key_of_several_parts(store):
    store.insert("ScheduleLines", *({"OrderId": order, "ItemNumber": item, "DeliveryDate": naive(f"2020-01-0{day}")}
                                    for order in "AB" for item in (1, 2) for day in (1, 2)))  # fmt: skip
    whole = store.query("ScheduleLines")
    for at, entity in enumerate(whole):
        key = {name: entity[name] for name in ("OrderId", "ItemNumber", "DeliveryDate")}
        assert store.query("ScheduleLines", after=key) == whole[at + 1 :]


# Filters ------------------------------------------------------------------------------------------------------------

ROW = {"RequiredText": "Größe", "Text": "Straße 5%_x", "Amount": Decimal("10.5"), "Int32Number": 7, "DoubleNumber": 2.5,
       "Moment": naive("2020-02-29T12:34:56"), "TimeOfDay": timedelta(hours=13, minutes=5), "Flag": True,
       "Bytes": b"\x0a", "Identity": UUID(int=1), "Int64Number": 2**62, "ByteNumber": 200}  # fmt: skip


@pytest.mark.parametrize(("condition", "holds"), [
    ("Amount eq 10.5M", True), ("Amount eq 10.50M", True), ("Amount gt 9", True), ("Amount lt 9.99M", False),
    ("Amount eq DoubleNumber add 8", True), ("Int32Number div 2 eq 3", True), ("-Int32Number mod 4 eq -3", True),
    ("Int32Number div 0 eq 1", False), ("Int32Number div 0 eq null", True), ("DoubleNumber mul 2 eq 5.0D", True),
    ("Amount mod 3 eq 1.5M", True), ("DoubleNumber mod 2 eq 0.5D", True), ("Amount sub 0.5M eq 10", True),
    ("ByteNumber mul ByteNumber eq 40000", True), ("Int64Number mul 4 gt Int64Number", True),
    ("substringof('ß',Text)", True), ("substringof('%',Text) and substringof('_x',Text)", True),
    ("startswith(Text,'Stra')", True), ("startswith(Text,'str')", False), ("startswith(Text,'')", True),
    ("endswith(Text,'_x')", True), ("endswith(Text,'longer than the text itself')", False),
    ("toupper(RequiredText) eq 'GRÖSSE'", None), ("tolower(RequiredText) eq 'größe'", True),
    ("length(Text) eq 11", True), ("indexof(Text,'5') eq 7", True), ("indexof(Text,'?') eq -1", True),
    ("substring(Text,7) eq '5%_x'", True), ("substring(Text,7,1) eq '5'", True), ("substring(Text,-1,1) eq 'S'", True),
    ("substring(Text,Int32Number,Int64Number) eq '5%_x'", True),
    ("replace(Text,'ß','ss') eq 'Strasse 5%_x'", True), ("concat(concat('a',RequiredText),'b') eq 'aGrößeb'", True),
    ("trim(concat('  ',RequiredText)) eq 'Größe'", True),
    ("year(Moment) eq 2020 and month(Moment) eq 2 and day(Moment) eq 29", True),
    ("hour(Moment) eq 12 and minute(Moment) eq 34 and second(Moment) eq 56", True),
    ("hour(TimeOfDay) eq 13 and minute(TimeOfDay) eq 5", True),
    ("round(Amount) eq 11", True), ("floor(Amount) eq 10", True), ("ceiling(DoubleNumber) eq 3", True),
    ("Moment ge datetime'2020-02-29T12:34:56' and Moment lt datetime'2020-03-01T00:00:00'", True),
    ("Identity eq guid'00000000-0000-0000-0000-000000000001'", True), ("Bytes eq X'0A'", True),
    ("TimeOfDay gt time'PT13H'", True), ("Flag", True), ("Flag eq true and not (Flag eq false)", True), ("Flag eq 1", True),
    ("ShortText eq null", True), ("ShortText ne null", False), ("ShortText eq 'x'", False), ("ShortText ne 'x'", True),
    ("not (ShortText eq 'x')", True), ("ShortText gt 'x'", False), ("not (ShortText gt 'x')", True),
    ("startswith(ShortText,'x')", False), ("not startswith(ShortText,'x')", True), ("ShortText eq EndlessText", True),
    ("startswith(Text,null)", False), ("not endswith(null,Text)", True), ("length(null) eq null", True),
    ("-(null) eq null", True), ("null add null eq null", True), ("null add Amount eq 1", False), ("concat(Text,null) ne null", False),
    ("replace(Text,'',EndlessText) eq null", True), ("Flag eq (null eq Text)", False), ("null", False), ("not null", True),
    ("null eq null", True), ("63 lt 1318670838840.632M", True), ("9.5M lt 10.5M", True), ("true", True), ("Amount gt null", False), ("false or Text eq Text", True),
    ("RequiredText eq 'Größe' or Text eq 'x' and Text eq 'y'", True),
])  # fmt: skip
def test_a_filter_means_the_same_on_every_database(store, condition, holds):
    row = {**dict.fromkeys(SAMPLE), **ROW, "SampleId": "1", "RequiredDay": naive("2020-01-01")}
    store.within(lambda s: s.insert(store.set("Samples"), row))
    found = bool(store.query("Samples", condition))
    if holds is not None:  # what upper case makes of ß is the database's business, an error is not
        assert found is holds
    query = store.compiled("Samples", condition)
    assert store.within(lambda s: s.count(store.set("Samples"), query), writes=False) == found


def test_a_filter_reaches_over_ways_with_and_without_a_constraint(store):
    address = {"City": "Köln", "Country": {"Code": "DE"}}
    store.insert("Customers", {"CustomerId": "C", "Address": address})
    store.insert("Orders", {"OrderId": "1", "CustomerId": "C"}, {"OrderId": "2"})
    store.insert("Contacts", {"PartnerId": "P", "Email": "p@example.org"})
    store.tie(("Orders", {"OrderId": "2"}), "ToContact", {"PartnerId": "P"})
    by = [[o["OrderId"] for o in store.query("Orders", condition)] for condition in (
        "ToCustomer/Address/City eq 'Köln'", "ToContact/Email eq 'p@example.org'", "ToContact/Email eq null")]  # fmt: skip
    assert by == [["1"], ["2"], ["1"]]
    assert [o["OrderId"] for o in store.query("Orders", orderby="ToContact/Email desc")] == ["2", "1"]


def test_decimals_of_a_related_entity_compare_and_sort_as_numbers(store):
    rows = [("1", Decimal("9.5")), ("2", Decimal("10.5")), ("3", Decimal(-1))]
    store.insert("Orders", *({"OrderId": order, "Total": total} for order, total in rows))
    store.insert("OrderItems", *({"OrderId": order, "ItemNumber": 1} for order, _ in rows))
    found = store.query("OrderItems", "ToOrder/Total gt 9.5M"), store.query("OrderItems", orderby="ToOrder/Total")
    assert [[one["OrderId"] for one in entities] for entities in found] == [["2"], ["3", "1", "2"]]
    assert [one["OrderId"] for one in store.query("Orders", orderby="Total mul 2")] == ["3", "1", "2"]


# Ties ---------------------------------------------------------------------------------------------------------------


def test_a_tie_by_properties_sets_them_and_untying_empties_them(store):
    store.insert("Customers", {"CustomerId": "C"})
    store.insert("Orders", {"OrderId": "1"})
    store.tie(("Customers", {"CustomerId": "C"}), "ToOrders", {"OrderId": "1"})
    assert store.find("Orders", OrderId="1")["CustomerId"] == "C"
    assert len(store.near("Customers", {"CustomerId": "C"}, "ToOrders")) == 1
    store.tie(("Customers", {"CustomerId": "C"}), "ToOrders", {"OrderId": "1"}, undo=True)
    assert store.near("Customers", {"CustomerId": "C"}, "ToOrders") == []


def test_a_tie_never_changes_a_key(store):
    store.insert("Orders", {"OrderId": "1"}, {"OrderId": "2"})
    store.insert("OrderItems", {"OrderId": "1", "ItemNumber": 1})
    with pytest.raises(KeyIsFixed, match="OrderId"):
        store.tie(("Orders", {"OrderId": "2"}), "ToItems", {"OrderId": "1", "ItemNumber": 1})


def test_links_of_many_to_many_are_seen_from_both_sides(store):
    store.insert("Customers", {"CustomerId": "A"}, {"CustomerId": "B"})
    store.insert("Tags", {"TagId": 1}, {"TagId": 2})
    for customer, tag in (("A", 1), ("A", 2), ("B", 1), ("A", 1)):
        store.tie(("Customers", {"CustomerId": customer}), "ToTags", {"TagId": tag})
    assert [t["TagId"] for t in store.near("Customers", {"CustomerId": "A"}, "ToTags")] == [1, 2]
    assert [c["CustomerId"] for c in store.near("Tags", {"TagId": 1}, "ToCustomers")] == ["A", "B"]
    store.tie(("Tags", {"TagId": 1}), "ToCustomers", {"CustomerId": "A"}, undo=True)
    assert [t["TagId"] for t in store.near("Customers", {"CustomerId": "A"}, "ToTags")] == [2]


def test_a_link_to_one_replaces_the_one_before_from_either_side(store):
    store.insert("Orders", {"OrderId": "1"})
    store.insert("Contacts", {"PartnerId": "P"}, {"PartnerId": "Q"})
    store.tie(("Orders", {"OrderId": "1"}), "ToContact", {"PartnerId": "P"})
    store.tie(("Contacts", {"PartnerId": "Q"}), "ToOrders", {"OrderId": "1"})
    assert [c["PartnerId"] for c in store.near("Orders", {"OrderId": "1"}, "ToContact")] == ["Q"]
    assert store.near("Contacts", {"PartnerId": "P"}, "ToOrders") == []


# Many at once -------------------------------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from sap_mock.edm import csdl_reader
from sap_mock.provider.initial_values import completed
from sap_mock.storage.database import Database
from sap_mock.storage.engine import open_database
from sap_mock.storage.tables import Tables
url, metadata, name, rounds = sys.argv[1:]
model = csdl_reader.read(Path(metadata).read_bytes())
database, tables = Database(open_database(url, durable=False)), Tables("REFERENCE_SRV", model)
orders = model.entity_sets["Orders"]
for index in range(int(rounds)):
    with database.unit_of_work(writes=True) as unit:
        store = database.store(unit, tables)
        number = database.number_ranges(unit).next("ORDER")
        store.insert(orders, completed(orders.entity_type, {"OrderId": number, "Currency": name}))
        counter = store.find(orders, {"OrderId": "COUNTER"})
        store.change(orders, {"OrderId": "COUNTER"}, {"Total": counter["Total"] + 1})
        unit.commit()
"""


@pytest.mark.processes
def test_writers_in_several_processes_lose_nothing(store, database_url, tmp_path):
    store.insert("Orders", {"OrderId": "COUNTER"})
    metadata = Path(__file__).parents[2] / "reference_service" / "metadata.xml"
    command = [sys.executable, "-c", WRITER, database_url, str(metadata)]
    writers = [
        subprocess.Popen([*command, f"P{i}", "40"], stderr=subprocess.PIPE, text=True, cwd=metadata.parents[2])
        for i in range(4)
    ]
    said = [writer.communicate(timeout=120)[1] for writer in writers]
    assert said == [""] * 4
    assert len(store.query("Orders", "OrderId ne 'COUNTER'")) == 160
    assert [len(store.query("Orders", f"Currency eq 'P{i}'")) for i in range(4)] == [40] * 4
    assert store.find("Orders", OrderId="COUNTER")["Total"] == 160
    assert store.find("Orders", OrderId="0000000160") is not None


@pytest.mark.processes
def test_tables_and_indexes_may_be_created_by_several_processes_at_once(database_url, tmp_path):
    metadata = Path(__file__).parents[2] / "reference_service" / "metadata.xml"
    program = WRITER.partition("orders =")[0] + (
        "from sap_mock.odata.uri.expression_binding import bind_filter\n"
        "from sap_mock.storage.entity_store import Query\n"
        "orders = model.entity_sets['Orders']\n"
        "with database.unit_of_work(writes=False) as unit:\n"
        "    store = database.store(unit, tables)\n"
        "    store.query(orders, Query(filter=bind_filter(\"Currency eq 'EUR'\", model, orders)))\n"
    )
    command = [sys.executable, "-c", program, database_url, str(metadata), "x", "0"]
    starters = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=metadata.parents[2]) for _ in range(4)]
    assert [starter.communicate(timeout=120)[1] for starter in starters] == [""] * 4


# Indexes ------------------------------------------------------------------------------------------------------------


def plan(store, database, name, filter_="", orderby="", **more):
    """How the database would run a query, its estimates left out."""
    query = store.compiled(name, filter_, orderby, **more)
    with database.unit_of_work(writes=False) as unit:
        one = database.store(unit, store.tables)
        one.query(store.set(name), query)
        statement = one.statement(store.set(name), query)
        dialect = unit.connection.dialect
        compiled = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).replace("%%", "%")
        explain = "EXPLAIN QUERY PLAN " if dialect.name == "sqlite" else "EXPLAIN (COSTS OFF) "
        return [str(row[-1]) for row in unit.connection.execute(text(explain + compiled.replace(":", "\\:")))]


def fill(store, database, count):
    table = store.tables.ready(database.engine).entity_set(store.set("Orders"))
    names = {path: column.name for path, column in table.paths.items()}
    with writing(database.engine) as connection:
        rows = [
            {names["OrderId"]: f"{i:09d}", names["Currency"]: f"C{i % 50}", names["Total"]: Decimal(i),
             names["CustomerId"]: f"{i % 100}"}
            for i in range(count)
        ]  # fmt: skip
        connection.execute(table.table.insert(), rows)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))


@pytest.mark.parametrize(("filter_", "orderby"), [
    ("Currency eq 'C7'", ""),
    ("Currency eq 'C7' and Total gt 100", ""),
    ("", "Currency"),
    ("startswith(Currency,'C49')", "Currency"),
    ("Total ge 5000", "Total"),
])  # fmt: skip
def test_a_page_of_a_filtered_set_reads_an_index_and_sorts_nothing(store, database, filter_, orderby):
    fill(store, database, 20_000)
    said = "\n".join(plan(store, database, "Orders", filter_, orderby, top=20))
    assert "TEMP B-TREE" not in said
    assert "Sort" not in said.replace("Incremental Sort", "")
    assert "ix~REFERENCE_SRV~Orders~" in said
    assert "Seq Scan" not in said


def test_an_index_is_made_only_where_no_transaction_waits(store, database, tables):
    with database.unit_of_work(writes=True) as unit:
        one = database.store(unit, tables)
        one.find(store.set("Orders"), {"OrderId": "1"})
        one.query(store.set("Orders"), store.compiled("Orders", "Currency eq 'EUR'"))
        assert "Currency" not in indexed(database)
    store.query("Orders")
    assert "Currency" in indexed(database)


def test_no_table_gets_more_indexes_than_its_writes_can_bear(store, database):
    for name in store.set("Samples").entity_type.by_name:
        store.query("Samples", orderby=name)
    assert len(indexed(database).split()) == 8


def test_the_way_from_an_entity_is_indexed(store, database):
    store.insert("Customers", {"CustomerId": "C"})
    store.near("Customers", {"CustomerId": "C"}, "ToOrders")
    store.query("Orders")
    assert "CustomerId" in indexed(database)


def indexed(database) -> str:
    """The property paths that have an index."""
    with database.engine.connect() as connection:
        catalogue = (
            "SELECT name FROM sqlite_master WHERE type = 'index'"
            if connection.dialect.name == "sqlite"
            else "SELECT indexname FROM pg_indexes"
        )
        names = [row[0] for row in connection.execute(text(catalogue))]
    return " ".join(name.rpartition("~")[2] for name in names if name.startswith("ix~") and "~link~" not in name)


def test_entities_print_what_they_hold():
    assert "OrderId" in repr(Entity(values={"OrderId": "1"}))
