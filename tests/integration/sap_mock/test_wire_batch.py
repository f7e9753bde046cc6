"""What a $batch may hold and what it may not; its bytes are held in ``tests/wire``."""

import re

import pytest

PART = "Content-Type: application/http\nContent-Transfer-Encoding: binary\n\n"
GET = PART + "GET Invoices HTTP/1.1\nAccept: application/json\n\n\n"
SYNTAX = "The Data Services Request could not be understood due to malformed syntax"


def post(body='{"ID":"1","Currency":"EUR"}', path="Invoices", method="POST", content_id=""):
    marked = f"Content-Type: application/http\nContent-Transfer-Encoding: binary\nContent-ID: {content_id}\n\n"
    head = marked if content_id else PART
    return f"{head}{method} {path} HTTP/1.1\nAccept: application/json\nContent-Type: application/json\n\n{body}\n"


def changeset(*operations, boundary="c"):
    inner = "".join(f"--{boundary}\n{operation}" for operation in operations)
    return f"Content-Type: multipart/mixed; boundary={boundary}\n\n{inner}--{boundary}--\n\n"


def batch(*parts):
    return "".join(f"--b\n{part}" for part in parts) + "--b--\n"


def statuses(answer):
    assert answer.status_code == 202, answer.text
    return [int(status) for status in re.findall(r"^HTTP/1\.1 (\d+)", answer.text, re.MULTILINE)]


UNREADABLE = [
    ("a read inside a changeset", batch(changeset(GET))),
    ("a write outside a changeset", batch(post())),
    ("no delimiter at all", "x"),
    ("nothing", ""),
    ("no closing delimiter", f"--b\n{GET}"),
    ("no closing delimiter of a changeset", batch("Content-Type: multipart/mixed; boundary=c\n\n--c\n" + post())),
    ("a part of another type", batch("Content-Type: text/plain\n\nhello\n")),
    ("a part without a type", batch("\nGET Invoices HTTP/1.1\n\n\n")),
    ("no request line", batch(PART + "hello\n\n\n")),
    ("a request line without a version", batch(PART + "GET Invoices\n\n\n")),
    ("a header field without a colon", batch("Content-Type application/http\n\nGET Invoices HTTP/1.1\n\n\n")),
    ("a changeset in a changeset", batch(changeset(changeset(post(), boundary="d")))),
    ("a changeset without a boundary", batch("Content-Type: multipart/mixed\n\n--c\n" + post() + "--c--\n")),
]


@pytest.mark.parametrize("body", [row[1] for row in UNREADABLE], ids=[row[0] for row in UNREADABLE])
def test_a_batch_that_cannot_be_read_is_refused_whole(many_invoices, body):
    answer = many_invoices.batch(body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "005056A509B11ED1B9BF94F386DD82E6")
    assert error["message"]["value"] == SYNTAX
    assert many_invoices.read("Invoices")["results"] == []


@pytest.mark.parametrize("kind", [
    "multipart/mixed", "multipart/mixed; boundary=", "multipart/form-data; boundary=b", "application/json", "", "text/plain",
    "multipart/mixed; boundary=other",
])  # fmt: skip
def test_a_batch_needs_its_content_type_and_boundary(many_invoices, kind):
    assert many_invoices.batch(batch(GET), **{"Content-Type": kind}).status_code == 400


@pytest.mark.parametrize("kind", [
    "multipart/mixed;boundary=b", 'multipart/mixed; boundary="b"', "multipart/mixed; charset=utf-8; boundary=b",
    "Multipart/Mixed; Boundary=b", "multipart/mixed; boundary=b; charset=utf-8",
])  # fmt: skip
def test_a_boundary_is_found_however_it_is_written(many_invoices, kind):
    assert statuses(many_invoices.batch(batch(GET), **{"Content-Type": kind})) == [200]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_a_batch_is_posted_and_nothing_else(many_invoices, method):
    assert many_invoices.ask(method, "$batch").status_code == 405


def test_a_failed_changeset_takes_nothing_with_it_and_keeps_nothing(many_invoices):
    many_invoices.create("Invoices", ID="0", Currency="EUR")
    twice = changeset(
        post('{"ID":"1","Currency":"EUR"}', content_id="a"), post('{"ID":"0","Currency":"EUR"}', content_id="b")
    )
    answer = many_invoices.batch(batch(GET, twice, changeset(post('{"ID":"2","Currency":"EUR"}')), GET))
    assert statuses(answer) == [200, 400, 201, 200]
    assert '"ContentID":"b"' in answer.text
    assert "Batch_SAP_Note" in answer.text
    assert [invoice["ID"] for invoice in many_invoices.read("Invoices")["results"]] == ["0", "2"]


def test_an_operation_may_come_through_a_tunnel_and_in_any_order(many_invoices):
    many_invoices.create("Invoices", ID="0", Currency="EUR")
    merge = post('{"Status":"PAID"}', "Invoices('0')").replace("Accept:", "X-HTTP-Method: MERGE\nAccept:")
    assert statuses(many_invoices.batch(batch(changeset(merge, post())))) == [204, 201]
    assert many_invoices.read("Invoices('0')")["Status"] == "PAID"


def test_later_operations_name_what_earlier_ones_created(reference):
    order = post('{"OrderId":"1"}', "Orders", content_id="new")
    item = post('{"ItemNumber":5}', "$new/ToItems")
    assert statuses(reference.batch(batch(changeset(order, item)))) == [201, 201]
    assert [found["ItemNumber"] for found in reference.read("Orders('1')/ToItems")["results"]] == [5]


def test_messages_stay_with_the_operation_that_left_them(talking):
    answer = talking.batch(batch(changeset(post('{"OrderId":"WARN"}', "Orders"), post('{"OrderId":"1"}', "Orders"))))
    assert statuses(answer) == [201, 201]
    assert answer.text.count("sap-message:") == 1
    assert answer.text.index("sap-message:") < answer.text.index("Orders('1')")


def test_a_data_provider_is_told_what_a_changeset_will_do_before_it_is_done(talking):
    talking.create("Orders", OrderId="1")
    talking.create("Orders", OrderId="2")
    first, second = (PART + f"DELETE Orders('{number}') HTTP/1.1\nAccept: application/json\n\n\n" for number in "12")
    answer = talking.batch(batch(changeset(first, post('{"OrderId":"3"}', "Orders"), second)))
    assert statuses(answer) == [400]
    assert "Too much at once: orders_delete_entity, orders_create_entity, orders_delete_entity" in answer.text
    assert len(talking.read("Orders")["results"]) == 2
    assert statuses(talking.batch(batch(changeset(first, post('{"OrderId":"3"}', "Orders"))))) == [204, 201]


def test_a_deferred_changeset_is_processed_in_one_call(talking):
    first, second, third = (
        post(f'{{"CustomerId":"{key}","Name":"{name}"}}', "Customers") for key, name in ("1A", "2B", "3A")
    )
    assert statuses(talking.batch(batch(changeset(first, third)))) == [400]
    answer = talking.batch(batch(changeset(first, second)))
    assert statuses(answer) == [201, 201]
    assert '"Name":"A, one of 2"' in answer.text
    kept = talking.read("Customers?$select=CustomerId,Name")["results"]
    assert [(one["CustomerId"], one["Name"]) for one in kept] == [("1", "A, one of 2"), ("2", "B, one of 2")]


def test_a_dump_in_a_part_is_a_part(talking):
    answer = talking.batch(batch(PART + "GET Ping HTTP/1.1\n\n\n", changeset(post('{"OrderId":"DUMP"}', "Orders"))))
    assert statuses(answer) == [204, 500]


def test_function_imports_stand_where_their_method_says(talking):
    assert statuses(talking.batch(batch(PART + "GET Add?Left=1M HTTP/1.1\n\n\n", changeset(post("", "CountUp"))))) == [
        200,
        200,
    ]
    assert talking.batch(batch(PART + "POST CountUp HTTP/1.1\n\n\n")).status_code == 400


def test_a_batch_in_a_batch_is_refused(many_invoices):
    assert statuses(many_invoices.batch(batch(PART + "GET $batch HTTP/1.1\n\n\n"))) == [405]


def test_a_length_longer_than_the_body_is_taken(many_invoices):
    operation = post().replace("Content-Type: application/json", "Content-Type: application/json\nContent-Length: 900")
    assert statuses(many_invoices.batch(batch(changeset(operation)))) == [201]


def test_one_operation_in_a_changeset_passes_by_default(invoices):
    assert statuses(invoices.batch(batch(changeset(post()), changeset(post('{"ID":"2","Currency":"EUR"}'))))) == [
        201,
        201,
    ]
