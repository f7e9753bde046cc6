"""Records are judged one by one, and a page gives no id twice."""

from decimal import Decimal
from functools import partial

import pytest

from pipeline.delivery.judge import TWICE, UNPRINTABLE, Judge
from pipeline.model.record import read_json
from pipeline.sap import invoice_entity, journal_entry, mapping
from pipeline.schemas import bill, fynn, postman

JUDGE = Judge(source="postman", load=postman.load, form=invoice_entity.FORM, build=invoice_entity.build)


def record(source_id="inv_1", value=440, **more):
    return {
        "id": source_id,
        "status": "PAID",
        "issuedAt": "2023-10-12",
        "totalAmount": {"value": value, "currency": "USD"},
        **more,
    }


def test_a_sound_record_arrives_with_its_frozen_payload():
    arrival = JUDGE.judge(record())
    assert arrival.is_sound
    assert (arrival.doc_key, arrival.currency, arrival.amount) == ("inv_1", "USD", Decimal(440))
    assert b'"Value":"440.00"' in arrival.payload


@pytest.mark.parametrize("raw", [record(value="x"), record("x" * 41), "no object", None, {}])
def test_an_unsound_record_arrives_without_payload_and_with_reasons(raw):
    arrival = JUDGE.judge(raw)
    assert not arrival.is_sound
    assert (arrival.payload, arrival.doc_key, arrival.amount) == (None, None, None)


def test_records_without_an_id_are_told_apart_by_their_content():
    ids = {JUDGE.judge(raw).source_id for raw in ("one", "two", "two", {"status": "PAID"})}
    assert len(ids) == 3


@pytest.mark.parametrize("text", ["\ud800", "in\x1b[31mv", "in\nv", "\u202evni", "\x00"])
def test_what_cannot_be_printed_is_escaped_before_it_is_stored_or_shown(text, ledger, place):
    arrivals, _ = JUDGE.judge_page(
        [
            record(text),
            record("inv_2", currency=text),
            {**record("inv_3"), "totalAmount": {"value": text, "currency": text}},
        ]
    )
    ledger.receive("postman", arrivals, place)
    entries = ledger.entries(["postman"])
    assert [entry.state for entry in entries] == ["QUARANTINED", "READY", "QUARANTINED"]
    assert all(said.isprintable() for entry in entries for said in (entry.source_id, *entry.reasons))


def of_bill(bad):
    """An invoice whose long id holds it where the key in SAP has given way to a digest."""
    load = partial(bill.load, home_currency="USD")
    told = {
        "customerId": "c",
        "invoiceDate": "2026-01-01",
        "totalAmount": 5,
        "status": "OPEN",
        "$customer": {"id": "c"},
    }
    judge = Judge(source="bill", load=load, form=invoice_entity.FORM, build=invoice_entity.build)
    return judge.judge({"id": f"{'a' * 30}{bad}aaaaaa", **told})


def of_fynn(bad):
    """A posting whose reversal points to it."""
    side = {
        "amount": {"amount": 1000, "currencyCode": "EUR", "precision": 2},
        "date": "2026-01-02T10:00:00Z",
        "account": {"number": "1200", "type": "bankAccount"},
        "dimensions": {"reversalPostingId": bad},
    }
    build = partial(journal_entry.build, books=mapping.read())
    judge = Judge(source="fynn", load=fynn.load, form=journal_entry.FORM, build=build, needs=lambda one: one.reverses)
    return judge.judge({"id": "p-1", "type": "x", "committed": True, "debit": side, "credit": side})


@pytest.mark.parametrize("text", ["\ud800", "a\x00b"])
@pytest.mark.parametrize("arrive", [of_bill, of_fynn])
def test_an_id_that_no_database_can_keep_sets_its_record_aside_and_not_its_source(arrive, text, ledger, place):
    arrival = arrive(text)
    assert arrival.reasons == (UNPRINTABLE,)
    ledger.receive(arrival.source, [arrival], place)
    assert [entry.state for entry in ledger.entries([arrival.source])] == ["QUARANTINED"]


def test_a_field_that_the_vendor_adds_is_told_by_a_name_that_can_be_printed():
    assert postman.unknown_fields(record(**{"in\ud800\x1b": 1})) == ["in\\ud800\\x1b"]


LAUNDERED = {
    "no number as a link": b'{"id":"inv_1","status":"PAID","issuedAt":"2023-10-12","totalAmount":TOTAL,"links":{"web":{"href":NaN}}}',
    "a fraction as a status": b'{"id":"inv_1","status":1.5,"issuedAt":"2023-10-12","totalAmount":TOTAL}',
    "a fraction as an id": b'{"id":1.50,"status":"PAID","issuedAt":"2023-10-12","totalAmount":TOTAL}',
    "a name given twice": b'{"id":"inv_1","status":"PAID","issuedAt":"2023-10-12","totalAmount":TOTAL,"links":{"web":1,"web":2}}',
}


@pytest.mark.parametrize("body", LAUNDERED.values(), ids=LAUNDERED)
def test_what_was_no_sound_record_is_none_when_it_is_judged_again(body):
    first = JUDGE.judge(read_json(body.replace(b"TOTAL", b'{"value":440,"currency":"USD"}')))
    again = JUDGE.judge_again(first.record)
    assert first.reasons
    assert (again.reasons, again.digest) == (first.reasons, first.digest)


def test_an_id_given_twice_does_not_become_one_of_both_when_it_is_judged_again():
    arrivals, _ = JUDGE.judge_page([record(value=440), record(value=Decimal("441.50"))])
    assert not JUDGE.judge_again(arrivals[0].record).is_sound


def test_a_field_that_the_vendor_adds_is_no_change_of_the_invoice():
    assert JUDGE.judge(record()).digest == JUDGE.judge(record(dueAt="2024-01-01")).digest


def test_a_record_given_twice_is_taken_once_and_counted():
    arrivals, repeated = JUDGE.judge_page([record(), record(), record("inv_2")])
    assert [arrival.source_id for arrival in arrivals] == ["inv_1", "inv_2"]
    assert repeated == 1


@pytest.mark.parametrize("values", [(440, 441), (441, 440)])
def test_an_id_given_twice_with_different_content_is_trusted_in_neither(values):
    arrivals, _ = JUDGE.judge_page([record(value=value) for value in values])
    assert [(arrival.source_id, arrival.reasons, arrival.payload) for arrival in arrivals] == [
        ("inv_1", (TWICE,), None)
    ]
    assert arrivals[0].digest == JUDGE.judge_page([record(value=440), record(value=441)])[0][0].digest
