"""From the ledger into SAP and back, over real HTTP, with a SAP that answers as told."""

import json
import sqlite3
import threading
from dataclasses import replace

import pytest
from pipeline_stands import LOGGED_ON, REQUIRED, Cut

from pipeline.assembly import FORMS
from pipeline.clock import Clock
from pipeline.delivery.confirm import confirm
from pipeline.delivery.deliver import Route, deliver
from pipeline.delivery.pace import Paces
from pipeline.delivery.resolve import Lookout, resolve
from pipeline.delivery.retry import FAILURES_IN_A_ROW
from pipeline.delivery.slots import Slots
from pipeline.delivery.stop import Stop
from pipeline.ledger.dispatch import BEGIN_WITHIN
from pipeline.ledger.rows import Waiting
from pipeline.ledger.states import State
from pipeline.model.stops import LogOnRefused, Misconfigured, Unavailable
from pipeline.odata_client.client import Client
from pipeline.odata_client.entities import Entities, EntitySet
from pipeline.odata_client.target import Target

TARGET = "ZINVOICE_SRV/Invoices"
S = State
POSTMAN = ["postman"]
GRACE = 660_000
INVOICES = EntitySet(name="Invoices", key_property="ID", duplicate_codes=frozenset({"ZINVOICE/001"}))
PAYLOAD = {
    "ID": "inv_1",
    "Status": "PAID",
    "IssuedAt": "2023-10-12T00:00:00",
    "Value": "440.00",
    "Currency": "USD",
    "Link": "",
}
SHOWN = {**PAYLOAD, "IssuedAt": "/Date(1697068800000)/", "Value": "440.000"}


def error(code, message="no"):
    return json.dumps({"error": {"code": code, "message": {"lang": "en", "value": message}}}).encode()


def created(heard):
    return (201, {}, json.dumps({"d": {"ID": json.loads(heard.body)["ID"]}}).encode())


OVERLOAD = b"<p>Error: EOVERLOAD</p>"
ABSENT = (404, {}, error("/IWBEP/CM_MGW_RT/020", "Resource not found for segment 'Invoice'"))


class Work:
    """A ledger with sound invoices, and the way to a SAP that plays a script."""

    def __init__(self, ledger, clock, server):
        self.ledger, self.clock, self.server, self.stop = ledger, clock, server, Stop()
        self.stop.wait = clock.sleep
        self.progress = 0

    def connect(self, name):
        assert name == "ZINVOICE_SRV/Invoices"
        target = Target(base_url=self.server.url, service="ZINVOICE_SRV", user="U", password="P")
        return Entities(Client(target, Clock()), INVOICES, self.clock)

    def deliver(self, *, slots=1, batch_size=1, paces=None):
        route = Route(
            ledger=self.ledger,
            connect=self.connect,
            clock=self.clock,
            slots=Slots(self.ledger, self.clock, most=slots, stop=self.stop),
            paces=paces or Paces(self.clock, batch_size),
            senders=slots,
        )
        return deliver(route, POSTMAN, stop=self.stop, progress=self.count)

    def count(self, number):
        self.progress += number

    @property
    def lookout(self):
        return Lookout(ledger=self.ledger, forms=FORMS, connect=self.connect, clock=self.clock, at_once=1)

    def resolve(self):
        return resolve(self.lookout, POSTMAN, stop=self.stop)

    @property
    def states(self):
        return {entry.source_id: entry.state for entry in self.ledger.entries(POSTMAN)}

    @property
    def posts(self):
        return [heard for heard in self.server.heard if heard.method == "POST"]


@pytest.fixture
def work(ledger, clock, answering, arrival, place):
    def start(script, count=1):
        arrivals = []
        for number in range(1, count + 1):
            payload = json.dumps({**PAYLOAD, "ID": f"inv_{number}"}).encode()
            arrivals.append(replace(arrival(f"inv_{number}"), payload=payload))
        ledger.receive("postman", arrivals, place)

        def play(heard):
            return LOGGED_ON if heard.headers.get("x-csrf-token") == "Fetch" else script(heard)

        return Work(ledger, clock, answering(play))

    return start


def test_everything_that_is_ready_is_sent_once(work):
    doing = work(created, 5)
    run = doing.deliver(slots=2)
    assert set(doing.states.values()) == {S.DELIVERED}
    assert sorted(json.loads(heard.body)["ID"] for heard in doing.posts) == [f"inv_{n}" for n in range(1, 6)]
    assert (run.sent["postman"], run.stops, doing.progress) == (5, [], 5)


def test_a_second_delivery_sends_nothing(work):
    doing = work(created, 3)
    doing.deliver()
    doing.deliver()
    assert len(doing.posts) == 3


def test_the_intent_is_on_disk_when_the_request_arrives(work, tmp_path):
    seen = []

    def look_at_the_ledger(heard):
        file = sqlite3.connect(tmp_path / "ledger.db")
        seen.append(
            file.execute(
                "SELECT d.state, count(a.id) FROM document d JOIN attempt a ON a.document_id = d.id"
            ).fetchone()
        )
        file.close()
        return created(heard)

    work(look_at_the_ledger).deliver()
    assert seen == [("SENDING", 1)]


def test_a_refused_invoice_stops_no_other_and_keeps_its_reasons(work):
    def script(heard):
        return (400, {}, error("ZINVOICE/004", "Currency is unknown")) if b"inv_2" in heard.body else created(heard)

    doing = work(script, 3)
    doing.deliver()
    assert doing.states == {"inv_1": S.DELIVERED, "inv_2": S.REJECTED, "inv_3": S.DELIVERED}
    reasons = {entry.source_id: entry.reasons for entry in doing.ledger.entries(POSTMAN)}
    assert reasons["inv_2"] == ("Currency is unknown (ZINVOICE/004)",)


def test_a_forbidden_posting_is_tried_once_not_a_thousand_times(work):
    doing = work(lambda _: (403, {}, error("/IWBEP/CM_MGW_RT/000", "no authorization")), 5)
    run = doing.deliver()
    assert [type(stop) for stop in run.stops] == [Misconfigured]
    assert len(doing.posts) == 1
    assert sorted(doing.states.values()) == [S.READY] * 4 + [S.REJECTED]


def test_a_wrong_password_sends_nothing_and_says_so_once(work, answering):
    doing = work(created, 5)
    doing.server = answering(lambda _: (401, {}, b"<html>"))
    run = doing.deliver(slots=2)
    assert [type(stop) for stop in run.stops] == [LogOnRefused]
    assert doing.posts == []
    assert set(doing.states.values()) == {S.READY}
    assert doing.ledger.claim(POSTMAN, TARGET, 10, "next") != []


def test_a_busy_sap_is_asked_again_and_gets_the_invoice_once(work, monkeypatch):
    replies = iter([(503, {"Retry-After": "0"}, OVERLOAD), (429, {"Retry-After": "0"}, b"")])
    doing = work(lambda heard: next(replies, None) or created(heard))
    doing.deliver()
    assert doing.states == {"inv_1": S.DELIVERED}
    assert len(doing.posts) == 3


def test_a_503_that_is_not_sap_s_own_leaves_in_doubt_what_a_proxy_may_have_passed_on(work):
    """P2: also what is asked for in Retry-After is kept."""
    doing = work(lambda _: (503, {"Retry-After": "3600"}, b"<h1>Service Unavailable</h1> upstream closed"), 3)
    run = doing.deliver()
    assert "left alone for 3600 seconds" in str(*run.stops)
    assert len(doing.posts) == 1
    assert doing.states == {"inv_1": S.AMBIGUOUS, "inv_2": S.READY, "inv_3": S.READY}


def test_a_ledger_that_fails_when_sap_was_to_be_tried_again_leaves_that_to_the_next_try(work, clock, monkeypatch):
    replies = iter([(503, {"Retry-After": "0"}, OVERLOAD)])
    doing, paces = work(lambda heard: next(replies, None) or created(heard)), Paces(clock, 1)
    claim, claims = doing.ledger.claim, []

    def fails_once(*arguments, **options):
        claims.append(arguments)
        if len(claims) == 2:
            raise Unavailable("the database restarts")
        return claim(*arguments, **options)

    monkeypatch.setattr(doing.ledger, "claim", fails_once)
    assert [str(stop) for stop in doing.deliver(paces=paces).stops] == ["the database restarts"]
    doing.stop.wait = lambda _milliseconds: doing.stop.set()
    doing.deliver(paces=paces)
    assert doing.states == {"inv_1": S.DELIVERED}


def test_a_sap_that_takes_nothing_is_left_alone_after_some_tries(work):
    doing = work(lambda _: (503, {"Retry-After": "0"}, OVERLOAD), 3)
    run = doing.deliver()
    assert [type(stop) for stop in run.stops] == [Unavailable]
    assert len(doing.posts) == FAILURES_IN_A_ROW
    assert set(doing.states.values()) == {S.READY}


def test_a_sap_that_asks_for_a_long_wait_gets_it_and_the_run_ends(work):
    doing = work(lambda _: (503, {"Retry-After": "3600"}, OVERLOAD))
    doing.deliver()
    assert len(doing.posts) == 1
    assert doing.states == {"inv_1": S.READY}


def test_a_lost_answer_is_ambiguous_and_not_sent_again(work):
    doing = work(lambda _: Cut(b""), 2)
    doing.deliver()
    doing.deliver()
    assert set(doing.states.values()) == {S.AMBIGUOUS}
    assert len(doing.posts) == 2


def test_a_token_that_expires_at_every_request_costs_no_attempt(work):
    turns = iter([REQUIRED, None] * 3)
    doing = work(lambda heard: next(turns) or created(heard), 3)
    doing.deliver()
    assert set(doing.states.values()) == {S.DELIVERED}


def test_a_token_that_is_not_there_is_fetched_before_anything_is_claimed(work):
    replies, sending = iter([REQUIRED, REQUIRED]), []
    doing = work(lambda heard: next(replies, None) or created(heard), 2)
    plain = doing.server.script

    def script(heard):
        if heard.method == "HEAD":
            sending.append(S.SENDING in doing.states.values())
        return plain(heard)

    doing.server.script = script
    doing.deliver()
    assert set(doing.states.values()) == {S.DELIVERED}
    assert sending == [False, True, False]  # the second one renews what was refused


def test_a_stop_lets_the_request_under_way_end_and_begins_no_other(work):
    doing = work(lambda heard: (doing.stop.set(), created(heard))[1], 3)
    doing.deliver()
    assert sorted(doing.states.values()) == [S.DELIVERED, S.READY, S.READY]
    assert len(doing.ledger.claim(POSTMAN, TARGET, 10, "next")) == 2


def test_who_sleeps_between_the_intent_and_the_request_posts_nothing(work, clock, monkeypatch):
    """P13: what leaves late could take effect after the grace period, which counts from the intent."""
    doing = work(created)
    claim = doing.ledger.claim

    def sleepy(*arguments, **options):
        claims = claim(*arguments, **options)
        clock.at += BEGIN_WITHIN
        doing.stop.set()
        return claims

    monkeypatch.setattr(doing.ledger, "claim", sleepy)
    doing.deliver()
    assert doing.posts == []
    assert doing.states == {"inv_1": S.READY}


def test_two_deliveries_at_once_send_each_invoice_once(work):
    doing = work(created, 30)
    doing.stop.wait = Stop().wait  # four who wait for two slots would move the clock by hours
    threads = [threading.Thread(target=doing.deliver, kwargs={"slots": 2}) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = [json.loads(heard.body)["ID"] for heard in doing.posts]
    assert len(keys) == len(set(keys)) == 30


def test_a_batch_sends_each_invoice_in_its_own_changeset(work):
    def script(heard):
        keys = [line for line in heard.body.split(b"\r\n") if line.startswith(b"{")]
        parts = b"".join(
            b"--B\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 201 Created\r\n\r\n"
            + json.dumps({"d": json.loads(key)}).encode()
            + b"\r\n"
            for key in keys
        )
        return (202, {"Content-Type": "multipart/mixed; boundary=B"}, parts + b"--B--\r\n")

    doing = work(script, 7)
    doing.deliver(batch_size=5)
    assert set(doing.states.values()) == {S.DELIVERED}
    assert [heard.body.count(b"Content-Type: multipart/mixed") for heard in doing.posts] == [5, 2]


def lost_then(look):
    """A SAP that loses the answer of the POST and shows something when it is looked at."""

    def script(heard):
        return Cut(b"") if heard.method == "POST" else look

    return script


TWICE = (200, {}, json.dumps({"d": {"results": [SHOWN, SHOWN]}}).encode())
FATES = [
    ((200, {}, json.dumps({"d": SHOWN}).encode()), S.DELIVERED),
    ((200, {}, json.dumps({"d": {**SHOWN, "Value": "441.000"}}).encode()), S.CONFLICT),
    (TWICE, S.CONFLICT),
    ((200, {}, json.dumps({"d": {**SHOWN, "IssuedAt": "12 October"}}).encode()), S.CONFLICT),
    (ABSENT, S.READY),
    ((404, {}, b"<html>"), S.AMBIGUOUS),
    ((500, {}, b""), S.AMBIGUOUS),
    ((401, {}, b""), S.AMBIGUOUS),
    (Cut(b""), S.AMBIGUOUS),
]


@pytest.mark.parametrize(("look", "fate"), FATES)
def test_an_ambiguous_invoice_is_looked_up_after_the_grace_period(work, clock, look, fate):
    doing = work(lost_then(look))
    doing.deliver()
    clock.at += GRACE
    doing.resolve()
    assert doing.states == {"inv_1": fate}
    assert len(doing.posts) == 1


def test_nobody_looks_before_the_grace_period_is_over(work, clock):
    doing = work(lost_then(ABSENT))
    doing.deliver()
    clock.at += GRACE - 1
    assert doing.resolve().waiting == Waiting(count=1, first=clock.at + 1, last=clock.at + 1)
    assert doing.states == {"inv_1": S.AMBIGUOUS}
    assert all(heard.method != "GET" for heard in doing.server.heard)


def test_an_invoice_that_sap_says_is_there_is_looked_up_at_once(work):
    def script(heard):
        return (
            (400, {}, error("ZINVOICE/001", "exists"))
            if heard.method == "POST"
            else (200, {}, json.dumps({"d": SHOWN}).encode())
        )

    doing = work(script)
    doing.deliver()
    assert doing.resolve().delivered == 1
    assert doing.states == {"inv_1": S.DELIVERED}


def test_an_invoice_that_sap_says_is_there_but_does_not_show_waits_for_the_grace_period_before_it_is_sent_again(
    work, clock
):
    def script(heard):
        return (400, {}, error("ZINVOICE/001", "exists")) if heard.method == "POST" else ABSENT

    doing = work(script)
    doing.deliver()
    doing.resolve()
    assert doing.states == {"inv_1": S.AMBIGUOUS}
    clock.at += GRACE
    doing.resolve()
    assert doing.states == {"inv_1": S.READY}


def test_what_sap_shows_twice_when_it_is_read_back_is_a_conflict(work, clock):
    """P5: nothing was ever sent twice, so somebody else posted the other one."""
    doing = work(lambda heard: created(heard) if heard.method == "POST" else TWICE)
    doing.deliver()
    clock.at += 1
    assert confirm(doing.lookout, POSTMAN, stop=doing.stop, age=0).conflicts == 1
    (found,) = doing.ledger.entries(POSTMAN)
    assert (found.state, found.reasons) == (S.CONFLICT, ("SAP shows 2 documents under this key",))


def test_a_conflict_that_comes_of_what_was_looked_up_is_told(work, clock, arrival, place):
    """The newer revision had to wait, and now the one before it is in SAP."""
    doing = work(lost_then((200, {}, json.dumps({"d": SHOWN}).encode())))
    doing.deliver()
    doing.ledger.receive("postman", [arrival("inv_1", "other")], place)
    clock.at += GRACE
    found = doing.resolve()
    assert (found.delivered, found.conflicts, found.released) == (1, 1, 0)
    assert doing.states == {"inv_1": S.CONFLICT}


def test_a_sap_that_shows_nothing_is_not_asked_for_every_invoice(work, clock):
    doing = work(lost_then((500, {}, b"")), 5)
    doing.deliver()
    clock.at += GRACE
    found = doing.resolve()
    assert [type(stop) for stop in found.stops] == [Unavailable]
    assert sum(heard.method == "GET" for heard in doing.server.heard) == 3
    assert set(doing.states.values()) == {S.AMBIGUOUS}


def test_what_was_absent_is_sent_again_and_delivered(work, clock):
    replies = iter([Cut(b"HTTP/1.1 2")])

    def script(heard):
        return ABSENT if heard.method == "GET" else next(replies, None) or created(heard)

    doing = work(script)
    doing.deliver()
    clock.at += GRACE
    doing.resolve()
    doing.deliver()
    assert doing.states == {"inv_1": S.DELIVERED}
    assert len(doing.posts) == 2
