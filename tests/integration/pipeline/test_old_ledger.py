"""P17: a ledger that is older than SAP sends nothing until it has taken over what SAP has; then all is there once."""

import shutil

import pytest

pytestmark = pytest.mark.processes

REPAIR = "reconcile --repair"


@pytest.fixture
def billing(billing_of):
    return billing_of(60, 12)


@pytest.fixture
def pipeline(pipeline_to, billing, wire):
    return pipeline_to(billing, wire.url)


def ledger_files(pipeline):
    return sorted(pipeline.folder.glob("billing-to-sap.db*"))


def back_up(pipeline):
    """A copy of the ledger's file as it is now, without its witness."""
    shutil.copy(pipeline.folder / "billing-to-sap.db", pipeline.folder / "backup")


def put_back(pipeline):
    for file in ledger_files(pipeline):
        if not file.name.endswith(".witness"):
            file.unlink()
    shutil.copy(pipeline.folder / "backup", pipeline.folder / "billing-to-sap.db")


def forget(pipeline):
    """No witness is left anywhere."""
    for file in [*pipeline.folder.glob("*.witness"), *pipeline.folder.glob("state/*")]:
        file.unlink()


def assert_refused_then_mended(pipeline, wire):
    """Nothing is sent before the repair; after it everything is in SAP once, and all three sides agree."""
    posted = dict(wire.created)
    refused = pipeline.run("sync", "--all")
    assert (refused.code, REPAIR in refused.err) == (2, True)
    assert refused.err.count("\n") == 1
    assert dict(wire.created) == posted
    mended = pipeline.run("reconcile", "--repair", "--json")
    while mended.json["repair"]["trusted_from"]:
        assert mended.code == 5
        mended = pipeline.run("reconcile", "--repair", "--json")
    assert mended.json["repair"]["trusted_again"] is True
    again = pipeline.run("sync", "--all", "--json")
    assert again.json["totals"]["delivered"] == 60
    assert (sum(wire.created.values()), len(wire.created), wire.duplicates) == (60, 60, 0)
    assert pipeline.run("reconcile").code == 0


def test_yesterdays_ledger_put_back_is_found_out_by_its_witness(pipeline, wire):
    """P17: swap in yesterday's file."""
    pipeline.run("sync", "--all", "--limit", "20")
    back_up(pipeline)
    pipeline.run("sync", "--all")
    put_back(pipeline)
    assert_refused_then_mended(pipeline, wire)


def test_it_is_found_out_by_a_look_into_sap_where_the_witness_was_lost_too(pipeline, wire):
    """P17: on another machine, or with the whole folder put back."""
    pipeline.run("sync", "--all", "--limit", "20")
    back_up(pipeline)
    pipeline.run("sync", "--all")
    put_back(pipeline)
    forget(pipeline)
    assert_refused_then_mended(pipeline, wire)


def test_a_ledger_that_was_lost_altogether_is_made_anew_from_source_and_sap(pipeline, wire):
    """P17: no file at all."""
    pipeline.run("sync", "--all")
    for file in ledger_files(pipeline):
        file.unlink()
    assert_refused_then_mended(pipeline, wire)


def test_a_ledger_that_nobody_put_back_is_believed(pipeline, wire):
    """The counter-proof: with the same backup lying beside it, every run goes on."""
    pipeline.run("sync", "--all", "--limit", "20")
    back_up(pipeline)
    assert pipeline.run("sync", "--all", "--json").json["totals"]["delivered"] == 60
    assert pipeline.run("sync", "--all").code == 3
    assert wire.duplicates == 0


def test_a_distrusted_ledger_is_repaired_as_a_whole(pipeline):
    pipeline.run("sync", "--all", "--limit", "20")
    back_up(pipeline)
    pipeline.run("sync", "--all")
    put_back(pipeline)
    pipeline.run("sync", "--all")
    partly = pipeline.run("reconcile", "postman", "--repair")
    assert (partly.code, "as a whole" in partly.err) == (2, True)
