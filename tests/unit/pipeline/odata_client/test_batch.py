"""$batch byte by byte: what we write, and what we make of an answer, whole or cut anywhere."""

import json
from pathlib import Path

import pytest

from pipeline.odata_client import batch
from pipeline.odata_client.answer import Answer, NoAnswer
from pipeline.odata_client.batch import Create, Look

GOLDEN = (Path(__file__).parents[3] / "wire/cases/pipeline_batch_of_a_create_and_a_look.http").read_bytes()
WRITTEN = GOLDEN.partition(b"/$batch HTTP/1.1\n")[2].partition(b"\n\n")[2].partition(b"\n\n### RESPONSE")[0]
BOUNDARY = "9AF244D903F4401055098657640B86C30"


def http(status, body, reason="Created"):
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\ndataserviceversion: 2.0\r\n\r\n"
    inner = head.encode() + body
    return (
        f"Content-Type: application/http\r\nContent-Length: {len(inner)}\r\ncontent-transfer-encoding: binary\r\n\r\n".encode()
        + inner
    )


def changeset(status, body, boundary="9AF244D903F4401055098657640B86C31"):
    inner = f"--{boundary}\r\n".encode() + http(status, body) + f"\r\n--{boundary}--\r\n".encode()
    head = f"Content-Type: multipart/mixed; boundary={boundary}\r\nContent-Length: {len(inner):>10}\r\n\r\n"
    return head.encode() + inner


def whole(*parts):
    return b"".join(f"--{BOUNDARY}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n".encode()


def answer(body):
    return Answer(status=202, headers={"content-type": f"multipart/mixed; boundary={BOUNDARY}"}, body=body)


CREATED = [json.dumps({"d": {"ID": f"inv_{number}"}}).encode() for number in range(3)]
REFUSED = b'{"error":{"code":"X/1","message":{"lang":"en","value":"no"}}}'
MIXED = whole(changeset(201, CREATED[0]), http(400, REFUSED, "Bad Request"), changeset(201, CREATED[2]))


def test_each_created_document_travels_in_a_changeset_of_its_own():
    operations = [Create(entity_set="Invoices", payload=b'{"ID":"inv_1"}'), Look(path="Invoices('inv_2')")]
    assert batch.write(operations, "batch_1") == WRITTEN


def test_a_payload_that_holds_the_boundary_is_not_sent():
    with pytest.raises(ValueError, match="boundary"):
        batch.write([Create(entity_set="Invoices", payload=b"--batch_1")], "batch_1")


def test_a_refused_changeset_is_one_plain_part_in_its_place():
    assert [found.status for found in batch.read(answer(MIXED), 3)] == [201, 400, 201]
    assert batch.read(answer(MIXED), 3)[1].error.code == "X/1"


def test_what_we_write_is_a_multipart_body_that_our_reader_can_split():
    parts, is_whole = batch.split(WRITTEN, "batch_1")
    assert (len(parts), is_whole) == (2, True)


def test_an_answer_cut_anywhere_tells_only_what_was_told_before_the_cut():
    told = batch.read(answer(MIXED), 3)
    counts = []
    for cut in range(len(MIXED)):
        found = batch.read(answer(MIXED[:cut]), 3)
        known = [one for one in found if isinstance(one, Answer)]
        assert known == told[: len(known)], cut
        assert [type(one) for one in found[len(known) :]] == [NoAnswer] * (3 - len(known)), cut
        counts.append(len(known))
    assert set(counts) == {0, 1, 2, 3}


@pytest.mark.parametrize("count", [1, 2, 4, 50])
def test_an_answer_with_another_number_of_parts_tells_nothing(count):
    assert all(isinstance(one, NoAnswer) for one in batch.read(answer(MIXED), count))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>log on</html>",
        whole(b"Content-Type: application/http\r\n\r\nno status line\r\n\r\n"),
        whole(b"Content-Type: application/http\r\n\r\nHTTP/1.1 abc x\r\n\r\n"),
        whole(b"no head"),
        whole(changeset(201, CREATED[0])[:-10]),
        whole(http(201, CREATED[0]).replace(b"Content-Length: 22", b"Content-Length: 99")),
    ],
)
def test_a_part_that_cannot_be_read_has_no_answer(body):
    assert [type(one) for one in batch.read(answer(body), 1)] == [NoAnswer]


def test_an_answer_that_is_no_multipart_tells_nothing():
    page = Answer(status=202, headers={"content-type": "text/html"}, body=MIXED)
    assert all(isinstance(one, NoAnswer) for one in batch.read(page, 3))


@pytest.mark.parametrize(
    "value",
    [
        f'multipart/mixed; boundary="{BOUNDARY}"',
        f"multipart/mixed;boundary={BOUNDARY}",
        f"multipart/mixed; charset=utf-8; boundary={BOUNDARY}",
    ],
)
def test_a_boundary_is_found_however_it_is_written(value):
    assert batch.boundary_of(value) == BOUNDARY


def test_what_follows_the_closing_delimiter_is_of_no_interest():
    assert [one.status for one in batch.read(answer(MIXED + b"\r\nrubbish--"), 3)] == [201, 400, 201]


def test_a_body_of_no_content_is_read_without_a_body():
    empty = b"Content-Type: application/http\r\nContent-Length: 96\r\n\r\nHTTP/1.1 204 No Content\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n\r\n"
    assert batch.read(answer(whole(empty)), 1) == [
        Answer(status=204, headers={"content-type": "text/html", "content-length": "0"}, body=b"")
    ]
