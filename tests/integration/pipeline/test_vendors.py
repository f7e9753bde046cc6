"""Every vendor the whole way, against what its stand-in says should arrive: counts and sums, to the last unit."""

import pytest

pytestmark = pytest.mark.processes

KINDS = {
    # what the vendors leave open, each way: vendor and the stand-in's switches
    "bill": ("bill",),
    "bill, 422 and tokens that end": ("bill", "--bill-limit-status", "422", "--bill-tokens-end-with-session"),
    "bill, archived apart": ("bill", "--bill-lists-without-archived"),
    "copaco": ("copaco",),
    "copaco, positive credits": ("copaco", "--copaco-credit-sign", "positive", "--copaco-dates", "datetime"),
    "copaco, decimal comma": ("copaco", "--copaco-decimal-comma", "--copaco-credit-type", "Gutschrift"),
    "copaco, no codes": (
        "copaco",
        "--no-copaco-type-codes",
        "--copaco-invoice-type",
        "Factuur",
        "--copaco-credit-type",
        "Creditnota",
    ),
    "copaco, other names": (
        "copaco",
        "--copaco-key-header",
        "Ocp-Key",
        "--copaco-start-parameter",
        "from",
        "--copaco-end-parameter",
        "until",
    ),
    "postman": ("postman", "--postman-auth", "blog"),
    "postman, cents": ("postman", "--postman-unit", "minor"),
    "fynn": ("fynn",),
    "fynn, euros": ("fynn", "--fynn-unit", "major", "--fynn-amounts", "string"),
    "fynn, page zero is the first": ("fynn", "--fynn-page-zero", "first", "--fynn-violation-status", "422"),
    "fynn, texts": ("fynn", "--fynn-amounts", "string", "--no-fynn-posting-keys", "--fynn-beyond-last", "not_found"),
}


def holds(told, truth):
    return {name: told[name] for name in ("delivered", "held", "quarantined", "sums")} == truth


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


def test_what_should_arrive_arrives_and_reconciles(pipeline_to, vendor_of, empty_sap, kind):
    billing = vendor_of(*kind)
    truth = billing.ask("/_mock/truth")["sources"][kind[0]]
    pipeline = pipeline_to(billing, empty_sap.url)
    first = pipeline.run("sync", "--all", "--json")
    assert first.err == ""
    assert holds(first.json["sources"][kind[0]], truth), first.json["troubles"]
    compared = pipeline.run("reconcile", "--json")
    assert compared.code == 0
    for side in ("source", "ledger", "sap"):
        sums = compared.json["sources"][kind[0]][side]
        assert {code: one["sum"] for code, one in sums.items()} == truth["sums"]


def rehearsed(told):
    """The numbers that a rehearsal and its run must share: where the one says pending, the other says delivered."""
    names = ("read", "new", "unchanged", "changed", "held", "quarantined", "conflicts", "rejected")
    return {name: told[name] for name in names} | {"to SAP": told["pending"] + told["delivered"]}


@pytest.mark.parametrize("vendor", ["bill", "copaco", "fynn"])
def test_a_rehearsal_gives_the_numbers_and_reasons_of_the_run(pipeline_to, vendor_of, empty_sap, vendor):
    pipeline = pipeline_to(vendor_of(vendor), empty_sap.url)
    rehearsal, run = (pipeline.run("sync", vendor, "--json", *more).json for more in (["--dry-run"], []))
    assert rehearsed(rehearsal["totals"]) == rehearsed(run["totals"])
    assert rehearsal["totals"]["pending_sums"] == run["totals"]["sums"]
    assert rehearsal["troubles"] == run["troubles"]
    again = pipeline.run("sync", vendor, "--dry-run")
    assert "the first request would be" not in again.out


@pytest.mark.parametrize("vendor", ["bill", "copaco", "fynn"])
def test_a_second_sync_sends_nothing(pipeline_to, vendor_of, empty_sap, vendor):
    pipeline = pipeline_to(vendor_of(vendor), empty_sap.url)
    pipeline.run("sync", "--all")
    second = pipeline.run("sync", "--all", "--json").json["sources"][vendor]
    assert (second["new"], second["changed"], second["sent"]) == (0, 0, 0)


PAYABLE = '[supplier_invoices.{}]\nsupplier = "10300099"\ngl_account = "600100"\ntax_code = "V0"\n'
MAPPED = {
    # what a mapping file leads elsewhere: vendor and switches, the file
    "gross revenue": (("fynn", "--fynn-revenue", "gross"), "[journal]\nautomatic_gross = true\n"),
    "the other chart": (("fynn", "--fynn-chart", "skr04"), '[journal]\nchart = "SKR04"\ncompany_code = "1020"\n'),
    **{f"payables of {name}": ((name,), PAYABLE.format(name)) for name in ("postman", "bill", "copaco")},
}


@pytest.mark.parametrize("what", MAPPED)
def test_what_a_mapping_file_leads_elsewhere_arrives_and_reconciles(pipeline_to, vendor_of, empty_sap, tmp_path, what):
    (vendor, *switches), mapping = MAPPED[what]
    (tmp_path / "mapping.toml").write_text(mapping)
    billing = vendor_of(vendor, *switches)
    pipeline = pipeline_to(billing, empty_sap.url, B2S_MAPPING_FILE=str(tmp_path / "mapping.toml"))
    told = pipeline.run("sync", "--all", "--json")
    truth = billing.ask("/_mock/truth")["sources"][vendor]
    mine = told.json["sources"][vendor]
    assert (mine["rejected"], mine["ambiguous"], mine["pending"]) == (0, 0, 0), told.json["troubles"]
    too_long = "payables" in what  # a number that is too long for a row of ZINVOICE_SRV is not for a payable
    assert mine["delivered"] + mine["held"] == truth["delivered"] + truth["held"] + too_long
    assert mine["quarantined"] == truth["quarantined"] - too_long
    assert vendor != "fynn" or mine["sums"] == truth["sums"]
    assert pipeline.run("reconcile").code == 0
    assert pipeline.run("sync", "--all", "--json").json["sources"][vendor]["sent"] == 0


def test_an_address_that_may_not_call_is_told_as_such(pipeline_to, vendor_of, empty_sap):
    ended = pipeline_to(vendor_of("copaco", "--copaco-allow-nobody"), empty_sap.url).run("sync", "--all")
    assert (ended.code, "allowlist" in ended.err) == (2, True)


def test_all_four_at_once_share_one_ledger_and_one_sap(pipeline_to, vendor_of, billing_of, empty_sap):
    others = {name: vendor_of(name) for name in ("bill", "copaco", "fynn")}
    postman = billing_of(40)
    settings = {name: value for one in others.values() for name, value in one.ask("/_mock/settings").items()}
    pipeline = pipeline_to(postman, empty_sap.url, **settings)
    told = pipeline.run("sync", "--all", "--json").json["sources"]
    truths = {name: one.ask("/_mock/truth")["sources"][name] for name, one in {**others, "postman": postman}.items()}
    assert all(holds(told[name], truth) for name, truth in truths.items())
    assert pipeline.run("reconcile").code == 0
    assert pipeline.run("doctor").code == 0
