"""Several threads, several worker processes, and a restart: one gateway all the same."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from sap_mock.testing import started_gateway

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("sap_mock_processes")]


def children_of(pid):
    """The processes that a process started and that still run, by /proc."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


@pytest.fixture(scope="module")
def two_workers():
    before = set(children_of(os.getpid()))
    with started_gateway(["--database", "sqlite://", "--workers", "2"]) as gateway:
        (server,) = set(children_of(os.getpid())) - before
        yield gateway, server


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted by /proc")
def test_two_workers_are_two_processes(two_workers):
    gateway, server = two_workers
    for _ in range(200):  # the process that announces the address is a child too, and gone in a moment
        requests.get(f"{gateway.url}/_mock/health", timeout=30)
        if len(children_of(server)) == 2:
            break
    assert len(children_of(server)) == 2


def test_workers_share_sessions_tokens_and_entities(two_workers):
    gateway, _ = two_workers
    gateway.reset()
    root = gateway.service("ZINVOICE_SRV")
    with gateway.session() as session:
        fields = {**session.headers, "Connection": "close"}  # a connection each, for either worker to take
        cookies = session.cookies.get_dict()
    statuses = [
        requests.post(
            f"{root}Invoices", json={"ID": str(n), "Currency": "EUR"}, headers=fields, cookies=cookies, timeout=30
        ).status_code
        for n in range(30)
    ]
    assert statuses == [201] * 30
    assert len(gateway.entities("ZINVOICE_SRV", "Invoices")) == 30


def test_workers_share_the_score_of_a_fault(two_workers):
    gateway, _ = two_workers
    gateway.reset()
    plan = gateway.faults.add("http_error", status=503, times=3)
    auth = (gateway.user, gateway.password)

    def ask(_):
        return requests.get(
            gateway.service("ZINVOICE_SRV"), auth=auth, headers={"Connection": "close"}, timeout=30
        ).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(ask, range(20)))
    assert sorted(statuses) == [200] * 17 + [503] * 3
    score = gateway.faults.score(plan)
    assert (score["fired"], score["left"], score["completed"]) == (3, 0, True)


def test_a_reset_reaches_every_worker(two_workers):
    gateway, _ = two_workers
    with gateway.session() as session:
        cookies = session.cookies.get_dict()
    gateway.faults.add("http_error", times=100)
    gateway.reset()
    gateway.faults.never_fired()
    for _ in range(10):
        answer = requests.get(
            gateway.service("ZINVOICE_SRV"), cookies=cookies, headers={"Connection": "close"}, timeout=30
        )
        assert answer.status_code == 401


def test_many_threads_write_and_nothing_is_lost_or_doubled(invoices, sap_gateway):
    def write(number):
        with sap_gateway.session() as session:
            return [
                session.post(
                    f"{invoices.root}Invoices", json={"ID": f"{key}", "Currency": "EUR"}, timeout=60
                ).status_code
                for key in (f"{number}-own", "contested", f"{number}-more")
            ]

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(write, range(12)))
    assert [(first, last) for first, _, last in statuses] == [(201, 201)] * 12
    assert sorted(contested for _, contested, _ in statuses) == [201] + [400] * 11
    assert invoices.get("Invoices/$count").content == b"25"


def test_a_restart_keeps_the_data(tmp_path):
    options = ["--database", f"sqlite:///{tmp_path}/kept.db"]
    with started_gateway(options) as gateway:
        gateway.create("ZINVOICE_SRV", "Invoices", ID="1", Value="440", Currency="EUR")
    with started_gateway(options) as gateway:
        (invoice,) = gateway.entities("ZINVOICE_SRV", "Invoices")
        with pytest.raises(ValueError, match="Invoice 1 already exists"):
            gateway.create("ZINVOICE_SRV", "Invoices", ID="1", Currency="EUR")
    assert (invoice["ID"], invoice["Value"]) == ("1", "440.000")


def test_the_caller_s_environment_does_not_become_header_fields(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://me:CANARY@proxy.example.com:3128")
    monkeypatch.setenv("CONTENT_TYPE", "text/canary")
    with started_gateway(["--database", "sqlite://"]) as gateway, gateway.connection() as session:
        session.get(gateway.service("ZINVOICE_SRV"), auth=(gateway.user, gateway.password), timeout=30)
        asked = gateway.journal[-1]["request"]["headers"]
    assert {"proxy", "content-type"}.isdisjoint(name for name, _ in asked)
