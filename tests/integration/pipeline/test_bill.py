"""BILL the whole way: credit memos, what is archived or paid afterwards, and limits that stop a run in the middle."""

import json
import urllib.request
from base64 import b64encode
from urllib.parse import quote

import pytest

pytestmark = pytest.mark.processes

PAYABLE = '[supplier_invoices.bill]\nsupplier = "10300099"\ngl_account = "600100"\ntax_code = "V0"\n'


class Desk:
    """Somebody logged on at BILL."""

    def __init__(self, billing):
        settings = billing.ask("/_mock/settings")
        self.url = settings["B2S_BILL_URL"] + "/v3"
        self.headers = {"devKey": settings["B2S_BILL_DEV_KEY"], "Content-Type": "application/json"}
        names = {
            "username": "USERNAME",
            "password": "PASSWORD",
            "organizationId": "ORGANIZATION_ID",
            "devKey": "DEV_KEY",
        }
        logon = {name: settings[f"B2S_BILL_{setting}"] for name, setting in names.items()}
        self.headers["sessionId"] = self.ask("/login", logon)["sessionId"]

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=self.headers)  # noqa: S310 - our own stand-in
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own stand-in
            return json.load(answer)

    def one_of(self, name, member):
        """A record of this list that is over something and not archived."""
        listed = self.ask(f"/{name}?max=100&filters=archived:eq:false")["results"]
        return next(
            one
            for one in listed
            if isinstance(one, dict) and one.get(member, 0) not in (0, "") and one["customerId"][5:8] == "USD"
        )


def in_sap(sap, key):
    """An invoice as SAP shows it."""
    url = f"{sap.url}/sap/opu/odata/sap/ZINVOICE_SRV/Invoices('{quote(key)}')?$format=json"
    logon = {"Authorization": "Basic " + b64encode(b"DEVELOPER:Sap-mock1").decode()}
    with urllib.request.urlopen(urllib.request.Request(url, headers=logon), timeout=30) as answer:  # noqa: S310 - our own stand-in
        return json.load(answer)["d"]


@pytest.fixture
def billing(vendor_of):
    return vendor_of("bill", bad=0)


def test_a_credit_memo_stands_in_sap_below_zero_under_a_key_of_its_own(pipeline_to, billing, empty_sap):
    pipeline_to(billing, empty_sap.url).run("sync", "--all")
    memo = Desk(billing).one_of("credit-memos", "amount")
    shown = in_sap(empty_sap, f"bill:cm:{memo['id']}")
    assert (float(shown["Value"]), shown["Currency"], shown["Status"]) == (-memo["amount"], "USD", "CREDIT")
    (invoice,) = {one["invoiceId"] for one in memo["usage"]}
    assert float(in_sap(empty_sap, f"bill:{invoice}")["Value"]) > 0


@pytest.mark.parametrize("payables", [False, True])
@pytest.mark.parametrize(
    ("name", "member", "prefix"), [("invoices", "totalAmount", ""), ("credit-memos", "amount", "cm:")]
)
def test_what_is_archived_after_posting_is_a_conflict_that_says_so_until_it_is_restored(
    pipeline_to, billing, wire, tmp_path, name, member, prefix, payables
):
    (tmp_path / "mapping.toml").write_text(PAYABLE if payables else "")
    pipeline = pipeline_to(billing, wire.url, B2S_MAPPING_FILE=str(tmp_path / "mapping.toml"))
    pipeline.run("sync", "--all")
    desk, posts = Desk(billing), wire.posts
    chosen = desk.one_of(name, member)["id"]
    desk.ask(f"/{name}/{chosen}/archive", {})
    again = pipeline.run("sync", "--all")
    assert (again.code, wire.posts) == (3, posts)
    assert "1 conflicts: cancelled at the source after it was delivered" in again.out
    shown = pipeline.run("show", "bill", prefix + chosen).out
    assert "revision 2  CONFLICT" in shown
    assert "SAP keeps it until a person reverses it there" in shown
    desk.ask(f"/{name}/{chosen}/restore", {})
    restored = pipeline.run("sync", "--all", "--json")
    assert (restored.code, restored.json["sources"]["bill"]["conflicts"], wire.posts) == (0, 0, posts)


def test_a_payment_is_no_change_of_what_was_posted(pipeline_to, billing, wire):
    pipeline = pipeline_to(billing, wire.url)
    pipeline.run("sync", "--all")
    desk, posts = Desk(billing), wire.posts
    invoice = desk.one_of("invoices", "dueAmount")
    paid = {"amount": invoice["dueAmount"], "paymentDate": "2026-11-01", "paymentType": "CHECK"}
    desk.ask("/invoices/record-payment", {**paid, "invoices": [{"id": invoice["id"], "amount": invoice["dueAmount"]}]})
    assert desk.ask(f"/invoices/{invoice['id']}")["status"] == "PAID_IN_FULL"
    again = pipeline.run("sync", "--all", "--json")
    told = again.json["sources"]["bill"]
    assert (again.code, told["changed"], told["sent"], wire.posts) == (0, 0, 0, posts)
    assert pipeline.run("reconcile").code == 0


def test_an_hour_that_is_used_up_ends_the_run_and_the_next_hour_goes_on(pipeline_to, vendor_of, empty_sap):
    billing = vendor_of("bill", "--bill-requests-per-hour", "26", invoices=400, bad=10)
    truth = billing.ask("/_mock/truth")["sources"]["bill"]
    pipeline = pipeline_to(billing, empty_sap.url)
    stopped = pipeline.run("sync", "--all")
    assert (stopped.code, "per hour reached: 26" in stopped.err) == (5, True)
    hours = 0
    while pipeline.run("sync", "--all").code == 5:
        billing.ask("/_mock/reset", {})  # an hour later
        hours += 1
        assert hours < 6
    assert hours > 1
    billing.ask("/_mock/reset", {})
    states = pipeline.run("status", "--json").json["bill"]
    assert (states["DELIVERED"], states["QUARANTINED"]) == (truth["delivered"], truth["quarantined"])


def test_credit_memos_that_the_user_may_not_see_end_the_run_with_one_sentence(pipeline_to, vendor_of, empty_sap):
    ended = pipeline_to(vendor_of("bill", "--bill-forbid", "credit-memos"), empty_sap.url).run("sync", "--all")
    assert (ended.code, "permissions at BILL" in ended.err, len(ended.err.strip().splitlines())) == (2, True, 1)
