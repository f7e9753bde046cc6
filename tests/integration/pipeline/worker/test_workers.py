"""Several workers, whatever happens to them, to their ticks and to their broker: every invoice once.

Doubles are counted on the wire, since sap-mock refuses a second document of a key.
"""

import os
import signal
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from crew import until

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("rabbitmq")]
SMALL = ("--batch-size", "5")


def delivered(wire, count):
    return lambda: sum(wire.created.values()) >= count


def assert_all_there_once(pipeline, wire, count):
    assert wire.duplicates == 0
    assert (sum(wire.created.values()), len(wire.created)) == (count, count)
    compared = pipeline.run("reconcile", "postman", "--json")
    assert compared.code == 0, compared.out + compared.err
    assert compared.json["sides"]["sap"] == compared.json["sides"]["source"]


def scraped(port):
    """What a worker tells by now; nothing before it listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.URLError:
        return ""


def settled(states, count):
    return states["DELIVERED"] + states["CONFIRMED"] == count


def is_stopped(pid):
    return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_four_workers_share_the_work_though_ticks_are_lost_and_doubled(enqueued, crew_of, books, wire, free_port):
    """P10, P14: 30 % of the ticks are thrown away, the others come twice; claims are disjoint; nothing is lost or doubled."""
    pipeline = enqueued(400)
    crew = crew_of(pipeline)
    for seed in range(4):
        metrics = ("--metrics-port", str(free_port)) if seed == 0 else ()
        unruly = {"unruly": "loses and doubles ticks", "UNRULY_SEED": str(seed)}
        crew.start("--concurrency", "1", *SMALL, *metrics, **unruly)
    wire.wait_for(delivered(wire, 400), 120)
    until(lambda: 'billing_to_sap_documents{source="postman",state="DELIVERED"} 400.0' in scraped(free_port))
    assert "billing_to_sap_dead_letters 0.0" in scraped(free_port)
    assert crew.stop() == [0] * 4
    assert settled(books().states(), 400)
    ((who,),) = books().ask("SELECT count(DISTINCT actor) FROM history WHERE after = 'DELIVERED'")
    assert who > 1
    assert_all_there_once(pipeline, wire, 400)


def test_a_worker_tells_whether_sap_takes_anything(enqueued, crew_of, sap, free_port):
    pipeline = enqueued(10, B2S_SWEEP_SECONDS="1")
    sap.ask("/_mock/faults", {"fault": "no_free_process", "method": "POST", "times": None})
    crew = crew_of(pipeline)
    crew.start("--concurrency", "1", "--metrics-port", str(free_port))
    told = 'billing_to_sap_breaker_open{target="ZINVOICE_SRV/Invoices"}'
    until(lambda: f"{told} 1.0" in scraped(free_port))
    sap.ask("/_mock/reset", {})
    until(lambda: f"{told} 0.0" in scraped(free_port))
    assert crew.stop() == [0]


def test_a_child_killed_after_sending_and_a_worker_killed_are_made_up_for(enqueued, crew_of, books, wire):
    """P11: a child dies between SAP's answer and its settlement, then a whole worker dies; the others finish."""
    pipeline = enqueued(200)
    crew = crew_of(pipeline)
    first = crew.start("--concurrency", "2", *SMALL, unruly="dies after sending")
    wire.wait_for(delivered(wire, 50), 60)
    os.killpg(first.pid, signal.SIGKILL)
    crew.start("--concurrency", "2", *SMALL)
    found = books()
    until(lambda: settled(found.states(), 200))
    assert crew.once.exists()
    assert crew.stop() == [0]
    assert_all_there_once(pipeline, wire, 200)


def test_a_tick_that_kills_whoever_takes_it_ends_among_the_dead_and_its_worker_goes_on(enqueued, crew_of, broker, wire):
    """P11: a poison tick is given up after the delivery limit and is in the dead-letter queue, once; the worker lives."""
    pipeline = enqueued(10, B2S_SWEEP_SECONDS="3600", B2S_SAP_SLOTS="1")
    crew = crew_of(pipeline)
    poisoned = crew.start("--concurrency", "1", unruly="dies with every tick")
    until(lambda: broker.length("billing-to-sap.dead"))
    assert poisoned.poll() is None
    assert crew.stop() == [0]
    assert sum(wire.created.values()) == 0
    crew.start("--concurrency", "1")
    wire.wait_for(delivered(wire, 10), 60)
    assert crew.stop() == [0]
    assert_all_there_once(pipeline, wire, 10)


def test_a_tick_that_hangs_is_ended_at_its_limit_and_its_worker_goes_on(enqueued, crew_of, books, wire):
    """P11: one process, whose first tick hangs; another one takes its place, and the sweeper makes up for the tick."""
    pipeline = enqueued(20, B2S_SWEEP_SECONDS="1", B2S_SAP_SLOTS="1")
    crew = crew_of(pipeline)
    crew.start("--concurrency", "1", *SMALL, unruly="hangs in a tick")
    found = books()
    until(lambda: settled(found.states(), 20))
    assert crew.once.exists()
    assert crew.stop() == [0]
    assert_all_there_once(pipeline, wire, 20)


@pytest.fixture
def filled(pipeline_to, billing_of, wire, own_broker, ledger_url):
    """A pipeline whose invoices are in the ledger and whose ticks are with the broker that may be ill-treated."""

    def build(invoices, **settings):
        given = {"B2S_LEDGER_URL": ledger_url, "B2S_BROKER_URL": own_broker.url, "B2S_SWEEP_SECONDS": "1"}
        pipeline = pipeline_to(billing_of(invoices), wire.url, **given, **settings)
        assert pipeline.run("enqueue", "postman").code == 0
        return pipeline

    return build


def test_a_broker_that_dies_and_comes_back_delays_and_loses_nothing(filled, wire, own_broker, crew_of, books):
    """P12: RabbitMQ is killed under load and started again; the same workers finish."""
    pipeline = filled(200)
    crew = crew_of(pipeline)
    for _ in range(2):
        crew.start("--concurrency", "1", "--batch-size", "1")
    wire.wait_for(delivered(wire, 40), 60)
    own_broker.kill()
    own_broker.start()
    assert pipeline.run("enqueue", "postman").code == 0
    found = books()
    until(lambda: settled(found.states(), 200))
    assert len(crew.running) == 2
    assert crew.stop() == [0, 0]
    assert_all_there_once(pipeline, wire, 200)


CHANGED = """
[begin {{ok, Was}} = application:get_env(rabbit, Key), application:set_env(rabbit, Key, To), {{Key, Was}} end
 || {{Key, To}} <- {}].
"""


@pytest.fixture
def impatient_broker(own_broker):
    """A broker that waits three seconds for an acknowledgement, and looks each second whether it has waited so long."""
    usual = own_broker.control("eval", CHANGED.format("[{consumer_timeout, 3000}, {channel_tick_interval, 1000}]"))
    yield own_broker
    own_broker.control("eval", CHANGED.format(usual.strip()))


def test_workers_whose_connections_are_cut_go_on_by_themselves(filled, wire, own_broker, crew_of, books):
    """P12: RabbitMQ closes every connection under load, twice; the same workers connect anew and finish."""
    pipeline = filled(200)
    wire.delay = 20
    crew = crew_of(pipeline)
    for _ in range(2):
        crew.start("--concurrency", "1", "--batch-size", "1")
    for count in (20, 60):
        wire.wait_for(delivered(wire, count), 60)
        own_broker.control("close_all_connections", "maintenance")
    found = books()
    until(lambda: settled(found.states(), 200))
    assert pipeline.run("enqueue", "postman").code == 0
    assert len(crew.running) == 2
    assert crew.stop() == [0, 0]
    assert_all_there_once(pipeline, wire, 200)


@pytest.mark.usefixtures("impatient_broker")
def test_a_tick_that_outlasts_the_patience_of_the_broker_is_finished_and_doubles_nothing(filled, wire, crew_of, books):
    """P12: RabbitMQ takes ticks back (consumer_timeout) and gives them to another while their workers are at it.

    Celery ends such a worker, not before its tick is done, for whoever watches it to start it anew.
    """
    pipeline = filled(150)
    wire.delay = 100
    crew = crew_of(pipeline)
    outlasted = [crew.start("--concurrency", "1", "--batch-size", "1") for _ in range(2)]
    until(lambda: all("delivery acknowledgement on channel" in crew.log(number).read_text() for number in range(2)))
    at_work = sum(wire.created.values())
    crew.start("--concurrency", "1", "--batch-size", "1")
    found = books()
    until(lambda: settled(found.states(), 150))
    assert at_work < 150
    assert [worker.wait(60) for worker in outlasted] == [1, 1]
    crew.stop()
    assert_all_there_once(pipeline, wire, 150)


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_no_more_requests_than_granted_are_in_flight_however_many_workers_there_are(
    enqueued, crew_of, books_of, wire, ledger_of, kind
):
    """P9: six processes, three slots: three at SAP at a time and never more, also when a holder is killed."""
    ledger_url = ledger_of(kind)
    pipeline = enqueued(240, B2S_SAP_SLOTS="3", B2S_LEDGER_URL=ledger_url)
    wire.delay = 40
    crew = crew_of(pipeline)
    workers = [crew.start("--concurrency", "2", *SMALL) for _ in range(3)]
    wire.wait_for(lambda: wire.peak == 3, 60)

    def kill_one(_number):
        wire.after = wire.nothing
        os.killpg(workers[0].pid, signal.SIGKILL)

    wire.after = kill_one
    workers[0].wait(60)
    found = books_of(ledger_url)
    until(lambda: settled(found.states(), 240))
    assert wire.peak == 3
    assert crew.stop() == [0, 0]
    assert_all_there_once(pipeline, wire, 240)


def test_a_sync_beside_workers_shares_their_slots(workplace, crew_of, books, wire):
    """P9: one slot, two workers and a sync that reads and sends while they do: one request at SAP at a time."""
    pipeline = workplace(300, B2S_SAP_SLOTS="1")
    pipeline.run("enqueue", "postman", "--limit", "150")
    wire.delay = 300
    crew = crew_of(pipeline)
    for _ in range(2):
        crew.start("--concurrency", "1", *SMALL)
    wire.wait_for(delivered(wire, 10), 60)
    beside = pipeline.start("sync", "postman", *SMALL)
    found = books()
    until(lambda: sum(found.states().values()) == 300)
    assert sum(wire.created.values()) < 300
    wire.delay = 20
    until(lambda: settled(found.states(), 300))
    assert (beside.communicate(timeout=60)[1], beside.returncode) == ("", 0)
    assert wire.peak == 1
    assert crew.stop() == [0, 0]
    assert_all_there_once(pipeline, wire, 300)


@pytest.mark.parametrize("moment", ["freezes before sending", "freezes before settling"])
def test_a_worker_that_wakes_after_its_lease_finds_that_others_did_its_work(enqueued, crew_of, books, wire, moment):
    """P13: stopped past its lease with claims in hand, or with answers in hand; woken, it sends and settles nothing."""
    pipeline = enqueued(60, B2S_GRACE_SECONDS="1", B2S_SAP_SLOTS="2")
    crew = crew_of(pipeline)
    crew.start("--concurrency", "1", *SMALL, unruly=moment)
    until(crew.once.exists)
    frozen = int(until(crew.once.read_text))
    until(lambda: is_stopped(frozen))
    crew.start("--concurrency", "1", *SMALL)
    found = books()
    until(lambda: settled(found.states(), 60))
    os.kill(frozen, signal.SIGCONT)
    assert crew.stop() == [0, 0]
    ((twice,),) = found.ask(
        "SELECT count(*) FROM (SELECT 1 FROM history WHERE after = 'DELIVERED' GROUP BY document_id HAVING count(*) > 1) x"
    )
    assert twice == 0
    assert_all_there_once(pipeline, wire, 60)


@pytest.mark.parametrize("signal_sent", [signal.SIGTERM, signal.SIGINT])
def test_a_clean_stop_leaves_nothing_in_doubt_and_nothing_claimed(enqueued, crew_of, books, wire, signal_sent):
    """P24: asked to end with a request under way, a worker finishes that, gives the rest back, and ends within a minute."""
    pipeline = enqueued(100)
    crew = crew_of(pipeline)
    worker = crew.start("--concurrency", "2", *SMALL)
    wire.after = lambda number: worker.send_signal(signal_sent) if number == wire.first + 4 else None
    wire.first = wire.posts
    assert worker.wait(60) == {signal.SIGTERM: 0, signal.SIGINT: 130}[signal_sent]
    states = books().states()
    assert set(states) == {"READY", "DELIVERED"}
    assert states["DELIVERED"] == sum(wire.created.values())
    assert books().ask("SELECT count(*) FROM document WHERE owner IS NOT NULL AND state = 'READY'") == [(0,)]
