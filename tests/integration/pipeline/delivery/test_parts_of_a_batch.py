"""In a batch each invoice has its own fate, and an answer that does not add up says nothing of any."""

import pytest
from between import Changed

from pipeline.delivery.confirm import confirm
from pipeline.ledger.states import State

S = State


def counts(doing):
    states = list(doing.states.values())
    return {state: states.count(state) for state in set(states)}


def test_a_refused_part_is_rejected_and_touches_no_other(delivering, between, an_invoice, invoices):
    """P6: partial batch, with items that SAP refuses."""
    wrong = [an_invoice(number, Currency="TOO LONG") for number in (3, 7)]
    doing = delivering([*invoices(2), *wrong, *invoices(10)[7:]])
    doing.deliver()
    assert {key for key, state in doing.states.items() if state is S.REJECTED} == {"inv_003", "inv_007"}
    assert counts(doing) == {S.DELIVERED: 5, S.REJECTED: 2}
    assert len(between.posts) == 1


def part(body):
    return body.index(b"\r\n--", 10), body.index(b"\r\n--", body.index(b"\r\n--", 10) + 10)


def one_missing(body):
    boundary = body.split(b"\r\n", 1)[0]
    parts = body.split(boundary)
    return boundary.join([parts[0], *parts[2:]])


def one_twice(body):
    boundary = body.split(b"\r\n", 1)[0]
    parts = body.split(boundary)
    return boundary.join([parts[0], parts[1], *parts[1:]])


def one_malformed(body):
    return body.replace(b"HTTP/1.1 201 Created", b"HTTQ/1.1 201 Created", 1)


ANSWERS = {
    # what became of the answer: how many of ten are known to be delivered
    "a part is missing": (one_missing, 0),
    "a part is there twice": (one_twice, 0),
    "a part is malformed": (one_malformed, 9),
    "nothing is there": (lambda _body: b"", 0),
    "it is a page": (lambda _body: b"<html>Log on</html>", 0),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_does_not_add_up_leaves_in_doubt_what_it_does_not_tell_for_certain(
    delivering, between, sap_gateway, invoices, name
):
    """P6: partial batch; a miscounted answer makes the whole batch ambiguous."""
    change, known = ANSWERS[name]
    between.fate = lambda seen: Changed(change) if seen.number == 1 else None
    doing = delivering(invoices(10), slots=1)
    doing.deliver()
    wanted = {S.DELIVERED: known, S.AMBIGUOUS: 10 - known}
    assert counts(doing) == {state: count for state, count in wanted.items() if count}
    doing.after_grace()
    assert counts(doing) == {S.DELIVERED: 10}
    assert len(sap_gateway.entities("ZINVOICE_SRV", "Invoices")) == 10
    assert between.duplicates == 0


AGE = 900_000


@pytest.fixture
def read_back():
    """Read back everything that was delivered a quarter of an hour ago."""

    def read(doing):
        return confirm(doing.lookout, ["postman"], stop=doing.stop, age=AGE)

    return read


GONE = ("inv_004", "inv_011", "inv_023")


def update_tasks_fail(gateway):
    for key in GONE:
        gateway.faults.add("update_task_failure", method="POST", key=key, times=1)


def somebody_deletes(gateway):
    with gateway.session() as session:
        for key in GONE:
            gone = session.delete(f"{gateway.service('ZINVOICE_SRV')}Invoices('{key}')", timeout=20)
            assert gone.status_code == 204


WAYS = {
    # how it comes that SAP does not show what it took: what happens before it is sent, and after
    "update tasks fail": (update_tasks_fail, lambda _gateway: None),
    "somebody deletes": (lambda _gateway: None, somebody_deletes),
}


@pytest.mark.parametrize("batch_size", [1, 10])
@pytest.mark.parametrize("way", WAYS)
def test_what_vanished_after_a_201_is_found_by_reading_back_and_sent_once_more_when_asked_for(
    delivering, sap_gateway, invoices, read_back, way, batch_size
):
    """P5: a 201 that never became a document, since SAP's update task failed, or did not stay one."""
    before, after = WAYS[way]
    doing = delivering(invoices(30), batch_size=batch_size)
    before(sap_gateway)
    doing.deliver()
    after(sap_gateway)
    assert counts(doing) == {S.DELIVERED: 30}
    assert read_back(doing).confirmed == 0
    doing.clock.at += AGE + 1
    found = read_back(doing)
    assert (found.confirmed, found.vanished, found.conflicts, found.stops) == (27, 3, 0, [])
    assert {key for key, state in doing.states.items() if state is S.VANISHED} == set(GONE)
    assert doing.deliver().sent == {}
    doing.ledger.renew("postman", [one for one in invoices(30) if one.source_id in GONE])
    doing.deliver()
    doing.clock.at += AGE + 1
    assert read_back(doing).confirmed == 3
    assert [one["ID"] for one in sap_gateway.entities("ZINVOICE_SRV", "Invoices")] == sorted(doing.states)


def test_what_sap_shows_with_other_content_is_a_conflict_and_never_a_success(delivering, between, invoices, read_back):
    between.fate = lambda seen: (
        Changed(lambda body: body.replace(b'"Value":"2.500"', b'"Value":"3.500"')) if b"\r\nGET " in seen.body else None
    )
    doing = delivering(invoices(3))
    doing.deliver()
    doing.clock.at += AGE + 1
    found = read_back(doing)
    assert (found.confirmed, found.conflicts) == (2, 1)
    assert doing.states["inv_002"] is S.CONFLICT


def test_a_sap_that_shows_nothing_confirms_nothing_and_everything_stays_as_it_is(
    delivering, between, invoices, read_back
):
    doing = delivering(invoices(45))
    doing.deliver()
    doing.clock.at += AGE + 1
    between.fate = lambda seen: Changed(lambda _body: b"") if b"\r\nGET " in seen.body else None
    found = read_back(doing)
    assert (found.confirmed, found.vanished, len(found.stops)) == (0, 0, 1)
    assert counts(doing) == {S.DELIVERED: 45}
    between.fate = lambda _seen: None
    assert read_back(doing).confirmed == 45
