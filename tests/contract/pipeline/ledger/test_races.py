"""P14: two runs at once on one ledger, as threads and as processes: each invoice is one worker's, each answer counts once."""

import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from pipeline_stands import MovedClock
from sqlalchemy import create_engine, text

from pipeline.ledger import statements
from pipeline.ledger.dispatch import BEGIN_WITHIN
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import TargetProfile, Verdict
from pipeline.ledger.states import State

TARGET = "ZINVOICE_SRV/Invoices"
S = State
ONE = ["postman"]
INVOICES = 120
WORKER = """
import sys
from pipeline.clock import Clock
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Verdict
from pipeline.ledger.states import State

ledger = Ledger.open(sys.argv[1], Clock(), grace=1000, lease=60000)
print("ready", flush=True)
sys.stdin.readline()
while kept := ledger.claim(["postman"], "ZINVOICE_SRV/Invoices", 7, sys.argv[2]):
    print(*(claim.id for claim in kept), flush=True)
    ledger.settle([Verdict(claim=claim, after=State.DELIVERED, outcome="delivered") for claim in kept])
ledger.close()
"""


@pytest.fixture
def full(ledger, arrival, place):
    ledger.receive("postman", [arrival(f"inv_{number}") for number in range(INVOICES)], place)
    return ledger


def assert_each_was_sent_once(ledger, sql, sent):
    assert Counter(sent).most_common(1)[0][1] == 1
    assert len(sent) == INVOICES
    assert {entry.state for entry in ledger.entries(ONE)} == {S.DELIVERED}
    assert sql("SELECT count(*) FROM attempt") == [(INVOICES,)]
    assert sql("SELECT count(*) FROM history WHERE after IN ('SENDING', 'DELIVERED')") == [(2 * INVOICES,)]


def test_two_threads_send_each_invoice_once(full, open_ledger, sql):
    """P14: claims of two runs are disjoint."""
    sent, troubles = [], []

    def work(owner):
        mine = open_ledger()
        try:
            while kept := mine.claim(ONE, TARGET, 7, owner):
                sent.extend(claim.id for claim in kept)
                mine.settle([Verdict(claim=claim, after=S.DELIVERED, outcome="delivered") for claim in kept])
        except Exception as trouble:  # noqa: BLE001 - a thread's trouble is the test's
            troubles.append(trouble)

    threads = [threading.Thread(target=work, args=(f"T{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert_each_was_sent_once(full, sql, sent)


@pytest.mark.processes
def test_two_processes_send_each_invoice_once(full, database_url, sql):
    """P14: start the same run twice on one ledger."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, database_url, f"P{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    assert [worker.stdout.readline() for worker in workers] == ["ready\n", "ready\n"]
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    told = [worker.communicate(timeout=60)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert_each_was_sent_once(full, sql, [int(number) for text in told for number in text.split()])


def test_two_threads_receive_the_same_page_as_one(ledger, open_ledger, arrival, place, sql):
    """P18: overlapping pages, read by two runs at once, are one invoice each."""
    page = [arrival(f"inv_{number}") for number in range(40)]
    receipts = []

    def work():
        receipts.append(open_ledger().receive("postman", page, place))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(one.new for one in receipts), sum(one.unchanged for one in receipts)) == (40, 80)
    assert sql("SELECT count(*) FROM document") == [(40,)]


on_a_server = pytest.mark.parametrize(
    "database_url",
    [pytest.param("postgresql", marks=[pytest.mark.processes, pytest.mark.xdist_group("postgresql")])],
    indirect=True,
)


def waiting(sql):
    """How many sessions with this ledger wait for somebody's lock."""
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return sql(blocked)[0][0]


@pytest.fixture
def until():
    def wait(happens):
        end = time.monotonic() + 20
        while not happens():
            assert time.monotonic() < end
            threading.Event().wait(0.01)

    return wait


@pytest.fixture
def beside():
    """Do something in a thread; gives what came of it, or the trouble, in `told` when the test has joined it."""
    threads, told = [], []

    def start(doing):
        def run():
            try:
                told.append(doing())
            except Exception as trouble:  # noqa: BLE001 - a thread's trouble is the test's
                told.append(trouble)

        threads.append(threading.Thread(target=run))
        threads[-1].start()

    def joined():
        for thread in threads:
            thread.join(40)
        return told

    start.joined = joined
    return start


@on_a_server
def test_two_that_learn_of_a_target_at_once_both_write_it_down(ledger, open_ledger, sql, beside, until):
    """P14: both have had the first answer that says whether a RequestID is honoured."""
    other = open_ledger()
    with ledger._changing() as change:
        statements.set_target(change.connection, TARGET, 1, {"repeatability": "accepted"})
        beside(lambda: other.set_capacity(TARGET, 3))
        until(lambda: waiting(sql) == 1)
    assert beside.joined() == [None]
    assert ledger.target(TARGET) == TargetProfile(repeatability="accepted", capacity=3)


@on_a_server
def test_who_settles_and_who_receives_wait_for_each_other_in_one_direction_only(
    ledger, open_ledger, arrival, place, sql, database_url, beside, until
):
    """P14, P18: rows are locked in the order of their ids, however many revisions they are of."""
    ledger.receive("postman", [arrival("y", "a")], place)
    ledger.receive("postman", [arrival("x", "a")], place)
    ledger.receive("postman", [arrival("y", "b")], place)
    claims = ledger.claim(ONE, TARGET, 10, "me")
    assert [claim.source_id for claim in claims] == ["x", "y"]
    other, engine = open_ledger(), create_engine(database_url)
    with engine.begin() as holder:
        holder.execute(text("SELECT 1 FROM document WHERE id = :id FOR UPDATE"), {"id": claims[0].id})
        beside(lambda: ledger.settle([Verdict(claim=claim, after=S.DELIVERED) for claim in claims]))
        until(lambda: waiting(sql) == 1)
        beside(lambda: other.receive("postman", [arrival("y", "b"), arrival("x", "a"), arrival("z")], place).new)
        until(lambda: waiting(sql) == 2)
    engine.dispose()
    assert sorted(beside.joined()) == [1, 2]


def test_a_worker_that_wakes_after_its_lease_moves_nothing_though_another_one_sends_again(full, open_ledger, clock):
    """P13: the fence; what the sleeper was told is kept as evidence, and changes no state."""
    sleeper, other = full, open_ledger()
    (asleep,) = sleeper.claim(ONE, TARGET, 1, "sleeper")
    clock.at += sleeper.lease + sleeper.grace
    other.expire()
    (look,) = other.looks(ONE, 1, "other")
    other.settle([Verdict(claim=look, after=S.READY)], before=S.RESOLVING)
    (again,) = [one for one in other.claim(ONE, TARGET, 1, "other") if one.id == asleep.id]
    assert again.fence > asleep.fence
    assert sleeper.is_stale(asleep)
    assert sleeper.settle([Verdict(claim=asleep, after=S.READY, outcome="not taken")]) == 0
    assert other.settle([Verdict(claim=again, after=S.DELIVERED, outcome="delivered")]) == 1
    (story,) = other.stories("postman", asleep.source_id)
    assert [one["outcome"] for one in story.attempts] == ["not taken", "delivered"]
    assert story.document["state"] == S.DELIVERED


def test_a_claim_and_a_change_of_the_same_invoice_never_give_two_live_revisions(full, open_ledger, arrival, place, sql):
    """P18: an invoice that changes while workers claim: replaced if it had not left, held if it may have."""
    changed = [arrival(f"inv_{number}", "b") for number in range(INVOICES)]
    worker = open_ledger()
    troubles = []

    def send():
        try:
            while worker.claim(ONE, TARGET, 5, "W"):
                pass
        except Exception as trouble:  # noqa: BLE001 - a thread's trouble is the test's
            troubles.append(trouble)

    thread = threading.Thread(target=send)
    thread.start()
    for start in range(0, INVOICES, 10):
        full.receive("postman", changed[start : start + 10], place)
    thread.join()
    while full.claim(ONE, TARGET, 5, "the next"):  # what the receiver held locked when the worker asked last
        pass
    assert troubles == []
    twice = "SELECT doc_key FROM document WHERE state IN ('READY', 'SENDING') GROUP BY doc_key HAVING count(*) > 1"
    assert sql(twice) == []
    assert sql("SELECT count(DISTINCT source_id) FROM document WHERE state = 'SENDING'") == [(INVOICES,)]


class OneOfSeveral(MovedClock):
    """A machine's own clock beside a server's, which goes on by itself."""

    def shared(self, told):
        return told


@pytest.fixture
def machine(database_url):
    """The ledger as it is opened on a machine whose clock is wrong by so many milliseconds; grace and lease are short."""
    opened = []

    def start(wrong_by):
        clock = OneOfSeveral(time.time_ns() // 1_000_000 + wrong_by)
        opened.append(Ledger.open(database_url, clock, grace=60_000, lease=60_000))
        return opened[-1]

    yield start
    for ledger in opened:
        ledger.close()


HOUR = 3_600_000


@on_a_server
@pytest.mark.parametrize("wrong_by", [-HOUR, HOUR])
def test_machines_whose_clocks_differ_take_nothing_from_each_other_before_its_time(machine, arrival, place, wrong_by):
    """P3, P13: claims, leases and the grace period go by the server's clock."""
    one, other = machine(0), machine(wrong_by)
    one.receive("postman", [arrival("inv_1"), arrival("inv_2")], place)
    (sending,) = one.claim(ONE, TARGET, 1, "one")
    assert other.expire() == 0
    (lost,) = other.claim(ONE, TARGET, 1, "other")
    other.settle([Verdict(claim=lost, after=S.AMBIGUOUS, look_at=other.now())])
    (look,) = one.looks(ONE, 1, "one")
    assert not one.grace_is_over(look)
    assert not one.is_stale(sending)
    assert abs(other.skew() + wrong_by) < 60_000


@on_a_server
def test_who_slept_while_its_own_clock_stood_still_is_stale_by_the_servers(machine, arrival, place, sql):
    """P13: a virtual machine that was paused between the intent and the request."""
    ledger = machine(0)
    ledger.receive("postman", [arrival()], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    assert not ledger.is_stale(claim)
    assert ledger.is_stale(claim._replace(sent_at=claim.sent_at - BEGIN_WITHIN))


def test_a_clock_that_is_set_back_makes_nobody_fresh_again(ledger, arrival, place, clock):
    """P13: how long ago the intent was is told by a clock that nobody sets, too."""
    ledger.receive("postman", [arrival()], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    monotonic, clock.monotonic = clock.at, lambda: monotonic + BEGIN_WITHIN
    clock.at -= BEGIN_WITHIN
    assert ledger.is_stale(claim)


def test_a_look_that_began_within_the_grace_period_shows_nothing_of_what_came_after_it(ledger, arrival, place, clock):
    """P3: though the grace period is over when its answer is there."""
    ledger.receive("postman", [arrival()], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.settle([Verdict(claim=claim, after=S.AMBIGUOUS, look_at=clock.at)])
    clock.at += ledger.grace - 1
    (look,) = ledger.looks(ONE, 1, "me")
    clock.at += 1
    assert not ledger.grace_is_over(look)
