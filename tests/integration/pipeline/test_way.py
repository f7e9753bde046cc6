"""The whole way, as people walk it: sync, sync again, reconcile, show, retry."""

import signal
import sqlite3

import pytest

pytestmark = pytest.mark.processes


@pytest.fixture
def forty(billing_of):
    return billing_of(40)


@pytest.fixture
def pipeline(pipeline_to, forty, empty_sap):
    return pipeline_to(forty, empty_sap.url)


def truth(billing):
    return billing.ask("/_mock/truth")["sources"]["postman"]


def test_everything_that_should_arrive_arrives_and_a_second_sync_sends_nothing(pipeline_to, billing_of, wire):
    billing = billing_of(60, 12)
    pipeline = pipeline_to(billing, wire.url)
    expected = truth(billing)
    first = pipeline.run("sync", "--all", "--json")
    told = first.json["sources"]["postman"]
    assert first.code == 3
    assert (told["read"], told["new"], told["delivered"], told["quarantined"]) == (
        72,
        72,
        expected["delivered"],
        expected["quarantined"],
    )
    assert told["sums"] == expected["sums"]
    assert first.err == ""
    posts = wire.posts
    second = pipeline.run("sync", "postman", "--json")
    told = second.json["totals"]
    assert (told["read"], told["new"], told["unchanged"], told["sent"], told["delivered"]) == (72, 0, 72, 0, 60)
    assert wire.posts == posts
    assert sum(wire.created.values()) == len(wire.created) == 60


def test_five_hundred_invoices_take_a_few_requests(pipeline_to, billing_of, wire):
    """P25: what time is made of. The times themselves are measured by `make bench` and kept in docs/benchmarks.md."""
    billing = billing_of(500)
    assert pipeline_to(billing, wire.url).run("sync", "--all", "--json").json["totals"]["delivered"] == 500
    assert wire.posts <= 25


def test_two_runs_at_once_on_one_file_share_the_work_and_the_slots(pipeline_to, billing_of, wire):
    """P9, P14: start the same run twice; with one slot SAP has one request at a time from both of them."""
    pipeline = pipeline_to(billing_of(200), wire.url, B2S_SAP_SLOTS="1")
    wire.delay = 20
    runs = [pipeline.start("sync", "postman", "--batch-size", "5") for _ in range(2)]
    assert all(run.communicate(timeout=120)[1] == "" for run in runs)
    assert pipeline.run("reconcile", "postman").code == 0
    assert (wire.peak, wire.duplicates, sum(wire.created.values()), len(wire.created)) == (1, 0, 200, 200)


def test_reconcile_shows_the_same_on_all_three_sides(pipeline, forty):
    pipeline.run("sync", "--all")
    compared = pipeline.run("reconcile", "--json")
    assert compared.code == 0
    sums = truth(forty)["sums"]
    for side in ("source", "ledger", "sap"):
        assert {code: one["sum"] for code, one in compared.json["sides"][side].items()} == sums
    assert "40 CONFIRMED" in pipeline.run("status").out
    assert "source = ledger = SAP" in pipeline.run("reconcile").out


def test_reconcile_names_what_is_only_in_one_place(pipeline, empty_sap):
    pipeline.run("sync", "--all", "--limit", "10")
    compared = pipeline.run("reconcile", "--json")
    assert compared.code == 6
    assert compared.json["missing_counts"] == {"source": 0, "ledger": 30, "sap": 30}
    empty_sap.ask("/_mock/reset", {})
    assert pipeline.run("reconcile", "--json").json["missing_counts"] == {"source": 0, "ledger": 30, "sap": 40}


def test_a_summary_says_what_was_set_aside_and_why_and_shows_the_equation(pipeline_to, billing_of, empty_sap):
    shown = pipeline_to(billing_of(60, 12), empty_sap.url).run("sync", "--all")
    assert "72 read = 60 delivered + 0 rejected + 12 quarantined + 0 ambiguous" in shown.out
    assert "totalAmount.value: is missing" in shown.out
    assert "billing-to-sap retry" in shown.out


def test_an_invoice_that_changed_after_delivery_is_reported_and_not_sent(pipeline, forty, wire, pipeline_to):
    pipeline = pipeline_to(forty, wire.url)
    pipeline.run("sync", "--all")
    forty.ask("/_mock/mutate", {"source": "postman", "id": "inv_7UDSYBJPGQU93N7M", "totalAmount": 441})
    posts = wire.posts
    again = pipeline.run("sync", "--all", "--json")
    told = again.json["sources"]["postman"]
    assert (again.code, told["changed"], told["conflicts"], told["delivered"], told["sent"]) == (3, 1, 1, 39, 0)
    assert wire.posts == posts
    assert pipeline.run("reconcile").code == 6
    shown = pipeline.run("show", "postman", "inv_7UDSYBJPGQU93N7M").out
    assert "revision 1  CONFIRMED" in shown.replace("DELIVERED", "CONFIRMED")
    assert "revision 2  CONFLICT" in shown
    assert "changed at the source after it was delivered" in shown


def test_a_rehearsal_stores_and_sends_nothing(pipeline, wire, forty, pipeline_to):
    pipeline = pipeline_to(forty, wire.url)
    shown = pipeline.run("sync", "--all", "--dry-run")
    assert shown.code == 0
    assert "POST Invoices" in shown.out
    assert "40 pending" in shown.out
    assert wire.posts == 0
    assert list(pipeline.folder.glob("*.db*")) == []


def test_quarantined_records_can_be_retried_and_stay_if_they_are_still_unsound(pipeline_to, billing_of, empty_sap):
    pipeline = pipeline_to(billing_of(60, 12), empty_sap.url)
    pipeline.run("sync", "--all")
    shown = pipeline.run("retry")
    assert (shown.code, "12 still no sound invoice" in shown.out) == (3, True)
    assert pipeline.run("retry", "--id", "nobody").code == 2


def test_the_doctor_finds_nothing_wrong(pipeline):
    shown = pipeline.run("doctor")
    assert shown.code == 0
    assert "failed" not in shown.out
    assert "fits the mapping" in shown.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_the_request_under_way_end_and_leaves_nothing_in_doubt(pipeline_to, billing_of, wire, number):
    pipeline = pipeline_to(billing_of(60, 12), wire.url)
    started = []
    wire.before = lambda post: started and post == 7 and started[0].send_signal(number)
    started.append(pipeline.start("sync", "--all", "--batch-size", "1"))
    out, err = started[0].communicate(timeout=60)
    assert started[0].returncode == 130
    assert "once more to stop at once" in err
    assert "0 ambiguous" in out
    assert 0 < len(wire.created) < 60
    wire.before = lambda _post: None
    assert pipeline.run("sync", "--all", "--json").json["totals"]["delivered"] == 60


def test_neither_key_nor_password_is_written_anywhere(pipeline):
    said = [pipeline.run(*command.split()) for command in ("sync --all --json", "status", "doctor", "reconcile")]
    said.append(pipeline.run("sync", "--all", B2S_SAP_PASSWORD="wrong-CANARY", B2S_POSTMAN_API_KEY="wrong-CANARY"))
    written = b"".join(file.read_bytes() for file in pipeline.folder.glob("billing-to-sap.db*"))
    for text in [*(one.out + one.err for one in said), written.decode("latin-1")]:
        assert "CANARY" not in text
        assert pipeline.settings["B2S_SAP_PASSWORD"] not in text
        assert pipeline.settings["B2S_POSTMAN_API_KEY"] not in text
        assert "taylor.lee" not in text


def test_every_attempt_has_its_guid_and_its_answer(pipeline):
    pipeline.run("sync", "--all")
    file = sqlite3.connect(pipeline.folder / "billing-to-sap.db")
    rows = file.execute("SELECT length(id), outcome, http_status FROM attempt").fetchall()
    file.close()
    assert rows == [(32, "delivered", 201)] * 40
