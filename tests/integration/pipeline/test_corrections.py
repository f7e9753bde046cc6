"""What is changed, cancelled or reversed after it was posted: nothing in SAP is edited, and a person can see it."""

import json
import urllib.request
from base64 import b64encode

import pytest

pytestmark = pytest.mark.processes

SEED = "7UDSYBJPGQU93N7M"
PAYABLES = "\n".join(
    f'[supplier_invoices.{source}]\nsupplier = "10300099"\ngl_account = "600100"\ntax_code = "V0"\n'
    for source in ("postman", "bill", "copaco")
)
IDS = {"postman": f"inv_{SEED}", "copaco": f"COP-{SEED}", "fynn": f"RE-{SEED}"}


@pytest.fixture
def pipeline_of(pipeline_to, vendor_of, wire, tmp_path):
    """A pipeline from one vendor, whose invoices may be payables, and the vendor."""

    def start(vendor, *, payables=False):
        billing = vendor_of(vendor, invoices=30, bad=0)
        settings = {}
        if payables:
            (tmp_path / "mapping.toml").write_text(PAYABLES)
            settings["B2S_MAPPING_FILE"] = str(tmp_path / "mapping.toml")
        return pipeline_to(billing, wire.url, **settings), billing

    return start


def entries(sap):
    """Every journal entry in SAP by its external ID."""
    url = f"{sap.url}/sap/opu/odata/sap/ZJOURNAL_SRV/JournalEntries?$expand=ToItems&$format=json"
    logon = {"Authorization": "Basic " + b64encode(b"DEVELOPER:Sap-mock1").decode()}
    found = {}
    while url:
        with urllib.request.urlopen(urllib.request.Request(url, headers=logon), timeout=30) as answer:  # noqa: S310 - our own stand-in
            page = json.load(answer)["d"]
        found.update({entry["ExternalID"]: entry for entry in page["results"]})
        url = page.get("__next")
    return found


@pytest.mark.parametrize("payables", [False, True])
def test_another_total_after_posting_is_a_conflict_that_show_explains(pipeline_of, wire, payables):
    pipeline, billing = pipeline_of("postman", payables=payables)
    pipeline.run("sync", "--all")
    billing.ask("/_mock/mutate", {"source": "postman", "id": IDS["postman"], "totalAmount": 441})
    posts = wire.posts
    again = pipeline.run("sync", "--all", "--json")
    told = again.json["sources"]["postman"]
    assert (again.code, told["changed"], told["conflicts"], told["sent"]) == (3, 1, 1, 0)
    assert wire.posts == posts
    shown = pipeline.run("show", "postman", IDS["postman"]).out
    assert "revision 2  CONFLICT" in shown
    assert "changed at the source after it was delivered" in shown


def test_a_changed_document_of_a_period_that_no_run_reads_again_is_named_by_reconcile(pipeline_of):
    pipeline, billing = pipeline_of("copaco")
    pipeline.run("sync", "--all")
    assert pipeline.run("reconcile").code == 0
    billing.ask("/_mock/mutate", {"source": "copaco", "id": IDS["copaco"], "totalAmount": 441})
    compared = pipeline.run("reconcile")
    assert compared.code == 6
    assert f"copaco:{IDS['copaco']}: source 441.00 USD" in compared.out


def test_a_posting_of_another_amount_after_posting_is_a_conflict(pipeline_of, wire):
    pipeline, billing = pipeline_of("fynn")
    pipeline.run("sync", "--all")
    billing.ask("/_mock/mutate", {"source": "fynn", "id": IDS["fynn"], "totalAmount": 441})
    posts = wire.posts
    again = pipeline.run("sync", "--all", "--json")
    told = again.json["sources"]["fynn"]
    assert (again.code, told["conflicts"] > 0, told["sent"], wire.posts) == (3, True, 0, posts)


@pytest.mark.parametrize("payables", [False, True])
def test_an_invoice_archived_after_posting_is_a_conflict(pipeline_of, wire, payables):
    pipeline, billing = pipeline_of("bill", payables=payables)
    pipeline.run("sync", "--all")
    archived = Bill(billing.ask("/_mock/settings")).archive_one()
    posts = wire.posts
    again = pipeline.run("sync", "--all", "--json")
    told = again.json["sources"]["bill"]
    assert (again.code, told["conflicts"], told["sent"], wire.posts) == (3, 1, 0, posts)
    assert "revision 2  CONFLICT" in pipeline.run("show", "bill", archived).out


class Bill:
    """Somebody at BILL's desk."""

    def __init__(self, settings):
        self.url = settings["B2S_BILL_URL"]
        self.headers = {"devKey": settings["B2S_BILL_DEV_KEY"], "Content-Type": "application/json"}
        names = {"username": "USERNAME", "password": "PASSWORD", "organizationId": "ORGANIZATION_ID"}
        logon = {name: settings[f"B2S_BILL_{setting}"] for name, setting in names.items()}
        body = {**logon, "devKey": settings["B2S_BILL_DEV_KEY"]}
        self.headers["sessionId"] = self.ask("/v3/login", body)["sessionId"]

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=self.headers)  # noqa: S310 - our own stand-in
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own stand-in
            return json.load(answer)

    def archive_one(self):
        """Archive an invoice that is over something and not archived yet."""
        listed = self.ask("/v3/invoices?max=100&filters=archived:eq:false")["results"]
        chosen = next(one["id"] for one in listed if one["totalAmount"])
        self.ask(f"/v3/invoices/{chosen}/archive", {})
        return chosen


def test_a_cancellation_is_entries_of_their_own_that_mirror_and_name_what_they_reverse(pipeline_of, empty_sap):
    pipeline, _ = pipeline_of("fynn")
    pipeline.run("sync", "--all")
    posted = entries(empty_sap)
    reversals = [entry for entry in posted.values() if entry["HeaderText"].startswith("Fynn reversal")]
    assert reversals
    for entry in reversals:
        items = {item["DebitCreditCode"]: item for item in entry["ToItems"]["results"]}
        (name,) = {item["Text"].removeprefix("Reverses ") for item in items.values()}
        reversed_ = {item["DebitCreditCode"]: item for item in posted[f"fynn:posting:{name}"]["ToItems"]["results"]}
        for side, other in (("S", "H"), ("H", "S")):
            assert [items[side][member] for member in ("GLAccount", "Customer", "Amount")] == [
                reversed_[other][member] for member in ("GLAccount", "Customer", "Amount")
            ]


def test_payables_over_nothing_wait_with_their_reason_and_the_run_ends_well(
    pipeline_to, vendor_of, empty_sap, tmp_path
):
    (tmp_path / "mapping.toml").write_text(PAYABLES)
    billing = vendor_of("postman", invoices=30, bad=0)
    pipeline = pipeline_to(billing, empty_sap.url, B2S_MAPPING_FILE=str(tmp_path / "mapping.toml"))
    billing.ask("/_mock/mutate", {"source": "postman", "id": IDS["postman"], "totalAmount": 0})
    before = pipeline.run("sync", "--all")
    assert (before.code, "held: over nothing" in before.out) == (0, True)
    billing.ask("/_mock/mutate", {"source": "postman", "id": IDS["postman"], "totalAmount": 12})
    after = pipeline.run("sync", "--all", "--json").json["sources"]["postman"]
    assert (after["held"], after["sent"]) == (0, 1)
    assert pipeline.run("reconcile").code == 0
