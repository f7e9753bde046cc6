"""What SAP does not show, or shows otherwise, is sent again by its name only, and only where SAP still shows nothing."""

import time

import pytest
import requests

pytestmark = pytest.mark.processes
INVOICES = 8
LONGEST = 60


class Invoices:
    """What a person does in SAP itself, with a session of her own."""

    def __init__(self, sap):
        self.address = f"{sap.url}/sap/opu/odata/sap/ZINVOICE_SRV/Invoices"
        self.session = requests.Session()
        self.session.auth = ("DEVELOPER", "Sap-mock1")
        self.session.headers["Accept"] = "application/json"
        root = self.session.get(self.address.removesuffix("Invoices"), headers={"x-csrf-token": "Fetch"}, timeout=30)
        self.session.headers["x-csrf-token"] = root.headers["x-csrf-token"]

    def keys(self):
        return sorted(one["ID"] for one in self.session.get(self.address, timeout=30).json()["d"]["results"])

    def take_away(self, key):
        """The invoice as it was."""
        entity = self.session.get(f"{self.address}('{key}')", timeout=30).json()["d"]
        assert self.session.delete(f"{self.address}('{key}')", timeout=30).status_code == 204
        return {name: value for name, value in entity.items() if name != "__metadata"}

    def put_back(self, entity):
        assert self.session.post(self.address, json=entity, timeout=30).status_code == 201


@pytest.fixture
def pipeline(pipeline_to, billing_of, empty_sap):
    running = pipeline_to(billing_of(INVOICES), empty_sap.url, B2S_GRACE_SECONDS="1")
    assert (running.run("sync", "--all").code, running.run("reconcile").code) == (0, 0)
    return running


@pytest.fixture
def invoices(empty_sap):
    with (people := Invoices(empty_sap)).session:
        yield people


@pytest.fixture
def vanished(pipeline, invoices):
    """One invoice that SAP shows no longer, as reconcile has noticed once the grace period was over."""
    entity = invoices.take_away(invoices.keys()[0])
    give_up = time.monotonic() + LONGEST
    while "VANISHED" not in pipeline.run("reconcile").out:
        assert time.monotonic() < give_up
    return entity


def test_what_sap_still_does_not_show_is_sent_again_once(pipeline, invoices, vanished):
    assert "1 back in line as a new revision" in pipeline.run("retry", "--id", vanished["ID"]).out
    assert pipeline.run("sync", "--all", "--json").json["totals"]["sent"] == 1
    assert len(invoices.keys()) == INVOICES
    assert pipeline.run("reconcile").code == 0


OTHERWISE = {
    # what SAP shows by now: how retry ends, and what reconcile says
    "the same": ({}, 0),
    "another value": ({"Value": "0.010"}, 6),
}


@pytest.mark.parametrize("what", OTHERWISE)
def test_what_sap_shows_after_all_is_not_sent_again(pipeline, invoices, vanished, what):
    """P5: not even by its name, since an update that failed may have been repeated in SAP meanwhile."""
    changes, reconciled = OTHERWISE[what]
    invoices.put_back(vanished | changes)
    told = pipeline.run("retry", "--id", vanished["ID"])
    assert (
        f"1 not sent again, since SAP shows something under their key, or does not tell yet: {vanished['ID']}"
        in told.out
    )
    assert "0 back in line" in told.out
    assert pipeline.run("sync", "--all", "--json").json["totals"]["sent"] == 0
    assert pipeline.run("reconcile").code == reconciled


def test_where_sap_cannot_be_asked_nothing_goes_back_in_line(pipeline, vanished, empty_sap):
    empty_sap.ask("/_mock/faults", {"fault": "maintenance_window", "seconds": 600})
    refused = pipeline.run("retry", "--id", vanished["ID"])
    assert (refused.code, "Traceback" in refused.err) == (5, False)
    requests.delete(f"{empty_sap.url}/_mock/faults", timeout=30)
    assert pipeline.run("sync", "--all", "--json").json["totals"]["sent"] == 0


@pytest.fixture
def altered(pipeline, invoices):
    """One invoice in whose place somebody has put another one; as it was."""
    entity = invoices.take_away(invoices.keys()[0])
    invoices.put_back(entity | {"Value": "0.010"})
    assert pipeline.run("reconcile").code == 6
    return entity


def test_a_conflict_stays_one_as_long_as_sap_shows_something_else(pipeline, invoices, altered):
    told = pipeline.run("retry", "--id", altered["ID"])
    assert (told.code, "1 not sent again, since SAP shows something under their key" in told.out) == (3, True)
    assert pipeline.run("sync", "--all", "--json").json["totals"]["sent"] == 0


def test_a_conflict_goes_back_in_line_once_the_other_document_is_out_of_sap(pipeline, invoices, altered):
    """P5: asked for by its name, and only after one more look."""
    invoices.take_away(altered["ID"])
    assert "1 back in line as a new revision" in pipeline.run("retry", "--id", altered["ID"]).out
    assert pipeline.run("sync", "--all", "--json").json["totals"]["sent"] == 1
    assert pipeline.run("reconcile").code == 0
    assert invoices.take_away(altered["ID"]) == altered


def test_a_conflict_is_over_once_sap_shows_what_was_sent(pipeline, invoices, altered):
    invoices.take_away(altered["ID"])
    invoices.put_back(altered)
    assert "0 back in line" in pipeline.run("retry", "--id", altered["ID"]).out
    assert pipeline.run("sync", "--all", "--json").json["totals"]["sent"] == 0
    assert pipeline.run("reconcile").code == 0
