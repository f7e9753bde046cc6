"""Documents whose number SAP hands out are found again by the reference that we gave them: journal entries and payables.

Their key in SAP says nothing of ours, so that no look by key and no unique key could keep a second one out.
"""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from between import Late

from pipeline.ledger.rows import Arrival
from pipeline.ledger.states import State
from pipeline.model.invoice import Invoice
from pipeline.model.money import Money
from pipeline.model.posting import Account, Posting
from pipeline.sap import journal_entry, mapping, supplier_invoice

S = State
COUNT = 12
BOOKS = mapping.read('[supplier_invoices.postman]\nsupplier = "10300099"\ngl_account = "600100"\ntax_code = "V0"\n')
POSTING = Posting(
    source="fynn",
    id="p",
    kind="revenue",
    day=date(2023, 11, 7),
    total=Money(amount=Decimal(100), currency="EUR"),
    debit=Account(number="1400", type="debtor"),
    credit=Account(number="8400", type="revenueGermany"),
    committed=True,
    invoice_number="INV-2021-0001",
    customer_number="CUST-2021-0001",
    cost_centre="",
    text="",
    tax_rate=Decimal(19),
)
INVOICE = Invoice(
    source="postman",
    id="inv",
    status="OPEN",
    issued_on=date(2023, 10, 12),
    total=Money(amount=Decimal(440), currency="USD"),
    link="",
)


def entry(number):
    return journal_entry.build(replace(POSTING, id=f"p{number:02}"), BOOKS)


def payable(number):
    return supplier_invoice.build(replace(INVOICE, id=f"inv_{number:02}"), BOOKS.payables["postman"], "1010")


KINDS = {"journal entries": (journal_entry.FORM, entry), "payables": (supplier_invoice.FORM, payable)}


def arrival(form, frozen):
    return Arrival(
        source="postman",
        source_id=frozen.key,
        target=form.name,
        record="{}",
        digest=frozen.digest,
        doc_key=frozen.key,
        payload=frozen.payload,
        currency="EUR",
    )


@pytest.fixture(params=KINDS)
def kind(request):
    """A form, and so many documents of it."""
    form, build = KINDS[request.param]
    return form, [arrival(form, build(number)) for number in range(COUNT)]


@pytest.fixture
def in_sap(sap_gateway, kind):
    """How often SAP shows each reference of ours."""
    form, _ = kind
    return lambda: Counter(one[form.key] for one in sap_gateway.entities(form.service, form.entity_set))


def finish(doing):
    for _ in range(3):
        doing.after_grace()
        doing.deliver()


FAULTS = {
    # fault of sap-mock: its parameters
    "lost_response": {},
    "connection_reset": {},
    "cut_body": {},
    "booked_then_500": {},
    "http_error": {"status": 500},
    "short_dump": {},
}


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("fault", FAULTS)
def test_what_may_be_in_sap_is_found_by_its_reference_after_the_grace_period_and_never_sent_twice(
    delivering, sap_gateway, kind, in_sap, fault, batch_size
):
    """P2: answer lost after commit, of a document that is found by a filter."""
    form, arrivals = kind
    where = {"service": form.service, "entity_set": form.entity_set, "method": "POST"}
    sap_gateway.faults.add(fault, **where, skip=1, times=2, **FAULTS[fault])
    doing = delivering(arrivals, batch_size=batch_size)
    doing.deliver()
    states = Counter(doing.states.values())
    assert (states[S.AMBIGUOUS] > 0, states[S.AMBIGUOUS] + states[S.DELIVERED]) == (True, COUNT)
    finish(doing)
    assert Counter(doing.states.values()) == {S.DELIVERED: COUNT}
    assert in_sap() == dict.fromkeys((one.doc_key for one in arrivals), 1)


@pytest.mark.parametrize(("grace", "times_sent"), [(660_000, 1), (0, 2)])
def test_what_sap_books_late_is_sent_once_with_a_grace_period_and_would_be_sent_twice_without(
    delivering, between, kind, in_sap, grace, times_sent
):
    """P3: late commit of a document that is found by its reference; only the grace period keeps it from a second POST."""
    _, (one, *_) = kind
    late = Late()
    between.fate = lambda seen: late if seen.number == 1 else None
    doing = delivering([one], grace=grace, read_timeout=500)
    doing.deliver()
    doing.clock.at += grace // 2
    doing.resolve()
    doing.read_timeout = 20_000
    doing.deliver()
    late.now.set()
    assert late.done.wait(20)
    finish(doing)
    assert len(between.posts) == times_sent
    assert in_sap()[one.doc_key] == 1
