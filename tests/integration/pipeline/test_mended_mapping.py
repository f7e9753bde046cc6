"""What a wrong mapping file has kept out of SAP goes in once the file is mended and `retry` has judged it anew."""

import pytest

pytestmark = pytest.mark.processes

PAYABLES = '[supplier_invoices.bill]\nsupplier = "{}"\ngl_account = "600100"\ntax_code = "V0"\n'
MAPPINGS = {
    # what is wrong: the vendor, the file, where it leaves what it keeps out, the file when it is mended
    "a supplier that SAP does not know": (
        "bill",
        PAYABLES.format("99999999"),
        "rejected",
        PAYABLES.format("10300099"),
    ),
    "an account that the company's chart does not have": (
        "fynn",
        '[journal.accounts]\n8400 = "9999"\n',
        "rejected",
        "",
    ),
    "tax-free revenue taken for a tax": (
        "fynn",
        '[charts.SKR03]\ntax_accounts = ["1771", "1776", "1787", "8120", "8338"]\n',
        "quarantined",
        "",
    ),
}


@pytest.fixture(params=MAPPINGS)
def wrong(request):
    return MAPPINGS[request.param]


def test_what_a_wrong_mapping_kept_out_is_in_sap_once_after_the_file_is_mended_and_retry(
    pipeline_to, vendor_of, empty_sap, tmp_path, wrong
):
    vendor, broken, place, mended = wrong
    file = tmp_path / "mapping.toml"
    file.write_text(broken)
    billing = vendor_of(vendor, invoices=30, bad=0)
    unsound = billing.ask("/_mock/truth")["sources"][vendor]["quarantined"]
    pipeline = pipeline_to(billing, empty_sap.url, B2S_MAPPING_FILE=str(file))
    first = pipeline.run("sync", "--all", "--json").json["sources"][vendor]
    kept_out = first["rejected"] + first["quarantined"] - unsound
    assert (kept_out > 0, first[place] >= kept_out) == (True, True)
    assert first["read"] == first["delivered"] + first["held"] + kept_out + unsound
    file.write_text(mended)
    retried = pipeline.run("retry")
    assert retried.out.splitlines()[0] == f"{kept_out} back in line as a new revision, {unsound} still no sound invoice"
    then = pipeline.run("sync", "--all", "--json").json["sources"][vendor]
    assert (then["rejected"], then["quarantined"], then["conflicts"]) == (0, unsound, 0)
    compared = pipeline.run("reconcile", "--json")
    assert compared.code == 0
    in_sap = sum(sums["count"] for sums in compared.json["sides"]["sap"].values())
    assert in_sap == first["read"] - unsound - compared.json["held"]
