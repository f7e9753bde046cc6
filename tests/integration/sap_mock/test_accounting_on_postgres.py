"""What several processes post at once on PostgreSQL is numbered without gaps and posted once."""

import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "support"))

import postgres

from sap_mock.testing import started_gateway

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("postgresql")]
DAY = "2023-10-12T00:00:00"


@pytest.fixture(scope="module")
def postgres_gateway():
    if postgres.programs() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(postgres.MISSING)
        pytest.skip(postgres.MISSING)
    with postgres.server() as url, started_gateway(["--database", url, "--workers", "2"]) as gateway:
        yield gateway


@pytest.fixture
def at_once(postgres_gateway):
    """Post these bodies to an entity set of a service at once; gives the answers."""
    postgres_gateway.reset()

    def post(service, entity_set, bodies):
        def one(body):
            with postgres_gateway.session(service) as session:
                return session.post(f"{postgres_gateway.service(service)}{entity_set}", json=body, timeout=30)

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(one, bodies))

    return post


def journal_entry(external_id):
    items = [{"GLAccount": account, "DebitCreditCode": side, "Amount": "1.00"} for account, side in (("1200", "S"), ("8400", "H"))]  # fmt: skip
    header = {"CompanyCode": "1010", "DocumentType": "SA", "DocumentDate": DAY, "PostingDate": DAY, "Currency": "EUR"}
    return {**header, "ExternalID": external_id, "ToItems": items}


def supplier_invoice(reference):
    item = {"GLAccount": "600100", "DebitCreditCode": "S", "SupplierInvoiceItemAmount": "1.00", "TaxCode": "V0"}
    return {
        "CompanyCode": "1010",
        "DocumentDate": DAY,
        "PostingDate": DAY,
        "SupplierInvoiceIDByInvcgParty": reference,
        "InvoicingParty": "10300099",
        "DocumentCurrency": "EUR",
        "InvoiceGrossAmount": "1.00",
        "to_SupplierInvoiceItemGLAcct": [item],
    }


def test_journal_entries(at_once):
    answers = at_once("ZJOURNAL_SRV", "JournalEntries", [journal_entry(f"id {n % 8}") for n in range(24)])

    posted = [answer.json()["d"]["DocumentNumber"] for answer in answers if answer.status_code == 201]
    assert Counter(answer.status_code for answer in answers) == {201: 8, 400: 16}
    assert sorted(posted) == [f"{100_000_000 + n:010d}" for n in range(8)]


def test_supplier_invoices(at_once):
    bodies = [supplier_invoice(f"inv {n % 8}") for n in range(24)]
    answers = at_once("API_SUPPLIERINVOICE_PROCESS_SRV", "A_SupplierInvoice", bodies)

    posted = [answer.json()["d"]["SupplierInvoice"] for answer in answers if answer.status_code == 201]
    assert Counter(answer.status_code for answer in answers) == {201: 8, 400: 16}
    assert sorted(posted) == [str(5_105_600_101 + n) for n in range(8)]
