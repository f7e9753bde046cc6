"""`status`, `accept`, `audit`, `retry`: what people ask of the ledger and decide, without a source or SAP."""

import csv
import io
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from pipeline_stands import arrived

from pipeline.cli import examining, main
from pipeline.cli.auditing import COLUMNS
from pipeline.clock import Clock
from pipeline.ledger.actor import this_program
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Place, Verdict
from pipeline.ledger.states import State

TARGET = "ZINVOICE_SRV/Invoices"
S = State
ONE = ["postman"]
PLACE = Place(stream="s")


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    """The ledger that the commands open, too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("B2S_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("B2S_POSTMAN_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("B2S_POSTMAN_API_KEY", "PMAK-x")
    made = Ledger.open("sqlite:///billing-to-sap.db", Clock(), grace=1000, lease=1000, actor=this_program())
    yield made
    made.close()


def run(*command):
    return CliRunner().invoke(main, list(command))


def deliver(ledger, after=S.DELIVERED, **more):
    claims = ledger.claim(ONE, TARGET, 9, "me")
    ledger.settle([Verdict(claim=claim, after=after, **more) for claim in claims])


@pytest.fixture
def conflict(ledger):
    """One invoice that was delivered and changed at its source afterwards."""
    ledger.receive("postman", [arrived()], PLACE)
    deliver(ledger, outcome="delivered", status=201, transaction_id="TX1")
    ledger.receive("postman", [arrived(content="b")], PLACE)
    return ledger


def test_status_shows_every_reason_under_what_is_to_be_done_about_it(ledger):
    ledger.receive("postman", [arrived("inv_1"), arrived("inv_2")], PLACE)
    deliver(ledger, S.REJECTED, reasons=("customer is locked", "period is closed"))
    ledger.receive("postman", [arrived("inv_3", reasons=["id: is missing"])], PLACE)
    ledger.receive("postman", [replace(arrived("inv_4"), held=("not committed",))], PLACE)
    shown = run("status").output
    assert "rejected: mend what SAP refuses" in shown
    assert "2 customer is locked" in shown
    assert "2 period is closed" in shown
    assert "quarantined: mend the record at its source" in shown
    assert "held: nothing to do" in shown
    assert json.loads(run("status", "--json").output)["postman"]["REJECTED"] == 2


def test_a_conflict_is_accepted_with_a_reason_that_the_history_keeps_with_a_name(conflict):
    done = run("accept", "postman", "inv_1", "--reason", "credited by hand")
    assert (done.exit_code, "stays as SAP has it" in done.output) == (0, True)
    shown = run("show", "postman", "inv_1").output
    assert f"CONFLICT -> ACCEPTED  {this_program().who}: credited by hand" in shown
    assert "conflicts:" not in run("status").output


def test_what_its_source_has_withdrawn_is_accepted_only_by_saying_so(ledger):
    ledger.receive("postman", [arrived()], PLACE)
    deliver(ledger)
    ledger.confirm([1])
    refused = run("accept", "postman", "inv_1", "--reason", "deleted at the source")
    assert (refused.exit_code, "add --withdrawn" in refused.output) == (2, True)
    done = run("accept", "postman", "inv_1", "--reason", "deleted at the source", "--withdrawn")
    assert (done.exit_code, [entry.state for entry in ledger.entries(ONE)]) == (0, [S.ACCEPTED])
    assert "deleted at the source" in run("audit").output.splitlines()[-1]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("accept", "postman", "inv_9", "--reason", "x"), "in no conflict"),
        (("accept", "postman", "inv_9", "--reason", "x", "--withdrawn"), "neither CONFIRMED nor in conflict"),
        (("accept", "postman", "inv_1", "--reason", "  "), "--reason is empty"),
        (("retry", "--id", "inv_1"), "neither rejected, quarantined, vanished nor in conflict: inv_1."),
        (("show", "postman", "inv_9"), "knows no invoice inv_9"),
        (("audit", "nobody"), "unknown source nobody; there is: postman,"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(conflict, command, words):
    if command[0] == "retry":
        run("accept", "postman", "inv_1", "--reason", "x")
    told = run(*command)
    assert told.exit_code == 2
    assert words in told.output
    assert told.output.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [
        *(["status"], ["status", "--json"], ["show", "postman", "inv_1"], ["audit"], ["retry"], ["resolve"]),
        ["accept", "postman", "inv_1", "--reason", "x"],
    ],
)
def test_what_asks_or_mends_begins_no_ledger_where_there_is_none(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    needed = {"B2S_SAP_URL": "http://127.0.0.1:1", "B2S_SAP_USER": "U", "B2S_SAP_PASSWORD": "P"}
    for name, value in {**needed, "B2S_POSTMAN_URL": "http://127.0.0.1:1", "B2S_POSTMAN_API_KEY": "K"}.items():
        monkeypatch.setenv(name, value)
    told = run(*command)
    assert (told.exit_code, told.output.count("\n")) == (2, 1)
    assert f"there is no ledger sqlite:///billing-to-sap.db, seen from {tmp_path}" in told.output
    assert list(tmp_path.iterdir()) == []


def test_the_trail_tells_who_when_what_and_which_answer(conflict):
    rows = [json.loads(line) for line in run("audit").output.splitlines()]
    assert [row["after"] for row in rows] == [
        *("RECEIVED", "VALID", "READY", "SENDING", "DELIVERED"),
        *("RECEIVED", "VALID", "CONFLICT"),
    ]
    delivered = rows[4]
    assert set(delivered) == set(COLUMNS)
    assert (delivered["outcome"], delivered["http_status"], delivered["sap_transaction_id"]) == (
        "delivered",
        201,
        "TX1",
    )
    assert (delivered["who"], delivered["digest"], delivered["revision"]) == (this_program().who, "inv_1-a", 1)
    assert rows[7]["digest"] == "inv_1-b"


def test_a_spreadsheet_takes_nothing_of_the_trail_for_a_formula(ledger):
    ledger.receive("postman", [arrived("=cmd|x!A1"), arrived("@SUM(1)"), arrived("-2+3")], PLACE)
    deliver(ledger, S.REJECTED, outcome="refused", why="\t=1+1", reasons=("x",))
    table = list(csv.DictReader(io.StringIO(run("audit", "--format", "csv").output)))
    assert {row["source_id"] for row in table} == {"'=cmd|x!A1", "'@SUM(1)", "'-2+3"}
    assert {row["sap_message"] for row in table if row["after"] == "REJECTED"} == {"'\t=1+1"}
    assert {row["amount"] for row in table} == {"440.00"}


def record(number, currency):
    total = {"value": 440, "currency": currency}
    return json.dumps({"id": f"inv_{number}", "status": "PAID", "issuedAt": "2023-10-12", "totalAmount": total})


def test_what_was_refused_is_judged_anew_and_only_what_is_sound_goes_back_in_line(ledger):
    rejected = replace(arrived("inv_1"), record=record(1, "USD"))
    unsound = replace(arrived("inv_2", reasons=["currency"]), record=record(2, "XXQ"))
    mended = replace(arrived("inv_3", reasons=["an older program did not know it"]), record=record(3, "EUR"))
    ledger.receive("postman", [rejected, unsound, mended], PLACE)
    deliver(ledger, S.REJECTED)
    done = run("retry")
    assert (done.exit_code, "2 back in line as a new revision, 1 still no sound invoice" in done.output) == (3, True)
    states = {entry.source_id: (entry.state, entry.revision) for entry in ledger.entries(ONE)}
    assert states == {"inv_1": (S.READY, 2), "inv_2": (S.QUARANTINED, 1), "inv_3": (S.READY, 2)}


def test_what_vanished_goes_back_in_line_only_by_its_name_and_only_where_sap_can_be_asked(ledger):
    """P5: replayed by a person who says which."""
    ledger.receive("postman", [replace(arrived("inv_1"), record=record(1, "USD"))], PLACE)
    deliver(ledger)
    ledger.vanished([1], "SAP does not show it")
    assert "0 back in line" in run("retry").output
    named = run("retry", "--id", "inv_1")
    assert (named.exit_code, "B2S_SAP_URL" in named.output) == (2, True)
    assert [(entry.state, entry.revision) for entry in ledger.entries(ONE)] == [(S.VANISHED, 1)]


def test_of_several_names_of_which_one_is_wrong_none_is_retried(ledger):
    ledger.receive("postman", [replace(arrived("inv_1"), record=record(1, "USD"))], PLACE)
    deliver(ledger, S.REJECTED)
    told = run("retry", "--id", "inv_1", "--id", "inv_9")
    assert (told.exit_code, "in conflict: inv_9. Nothing was changed" in told.output) == (2, True)
    assert [(entry.state, entry.revision) for entry in ledger.entries(ONE)] == [(S.REJECTED, 1)]


def test_a_retried_change_of_what_sap_keeps_is_told_to_be_a_conflict_and_no_unsound_invoice(ledger):
    ledger.receive("postman", [arrived()], PLACE)
    deliver(ledger)
    ledger.receive("postman", [replace(arrived(content="b"), record=record(1, "USD"))], PLACE)
    told = run("retry", "--id", "inv_1")
    assert told.exit_code == 3
    assert "0 back in line as a new revision, 0 still no sound invoice\n1 not put back" in told.output
    assert "accept SOURCE ID ends a conflict" in told.output


def test_a_conflict_with_what_sap_shows_is_retried_by_its_name_and_only_where_sap_can_be_asked(ledger):
    ledger.receive("postman", [replace(arrived("inv_1"), record=record(1, "USD"))], PLACE)
    deliver(ledger)
    ledger.conflicted({1: ("Value",)})
    named = run("retry", "--id", "inv_1")
    assert (named.exit_code, "B2S_SAP_URL" in named.output) == (2, True)
    assert [entry.state for entry in ledger.entries(ONE)] == [S.CONFLICT]


@pytest.mark.parametrize(
    ("skew", "words"),
    [
        (2_999, ""),
        (-2_999, ""),
        (3_000, "clock is 3 s behind the ledger's server"),
        (-61_000, "clock is 61 s ahead of"),
    ],
)
def test_doctor_tells_clocks_apart_that_differ_by_seconds(skew, words):
    assert words in examining.told_apart(skew)
    assert bool(examining.told_apart(skew)) is bool(words)
