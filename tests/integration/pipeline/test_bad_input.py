"""Whatever is wrong is said in one sentence, with the right exit code and without a traceback."""

import sqlite3

import pytest

pytestmark = pytest.mark.processes
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def pipeline(pipeline_to, billing_of, empty_sap):
    return pipeline_to(billing_of(40), empty_sap.url)


TABLE = {
    # what is wrong: (settings, code, words)
    "SAP's address is another server's": ({"B2S_SAP_URL": "billing"}, 2, "there is no OData service"),
    "SAP's password": ({"B2S_SAP_PASSWORD": "wrong"}, 2, "check B2S_SAP_USER, B2S_SAP_PASSWORD and B2S_SAP_CLIENT"),
    "SAP cannot be reached": ({"B2S_SAP_URL": NOBODY}, 5, "SAP does not answer"),
    "SAP's address": ({"B2S_SAP_URL": "sap.example.com"}, 2, "B2S_SAP_URL is no address"),
    "the API key": ({"B2S_POSTMAN_API_KEY": "PMAK-wrong"}, 2, "check B2S_POSTMAN_API_KEY"),
    "the key's role": ({"B2S_POSTMAN_API_KEY": "PMAK-billing-mock-without-role"}, 2, "billing role"),
    "the key's team": ({"B2S_POSTMAN_API_KEY": "PMAK-billing-mock-without-team"}, 2, "team"),
    "the account": ({"B2S_POSTMAN_ACCOUNT_ID": "999"}, 2, "B2S_POSTMAN_ACCOUNT_ID"),
    "the source cannot be reached": ({"B2S_POSTMAN_URL": NOBODY}, 5, "postman does not answer"),
    "the source's address": ({"B2S_POSTMAN_URL": "sap"}, 2, "B2S_POSTMAN_URL"),
    "the file of the source's address": ({"B2S_POSTMAN_URL_FILE": "nosuch"}, 2, "names a file that cannot be read"),
    "a setting's name": ({"B2S_POSTMAN_UNTI": "minor"}, 2, "did you mean B2S_POSTMAN_UNIT?"),
    "a setting is missing": ({"B2S_SAP_USER": None}, 2, "B2S_SAP_USER is missing"),
    "the ledger's database": ({"B2S_LEDGER_URL": "mysql://h/d"}, 2, "write sqlite:///FILE or postgresql://"),
    "the ledger's server": ({"B2S_LEDGER_URL": "postgresql://u:p@127.0.0.1:1/d"}, 5, "cannot be reached"),
    "the ledger's folder": ({"B2S_LEDGER_URL": "sqlite:////nowhere/x.db"}, 2, "there is no folder"),
}


@pytest.mark.parametrize("wrong", TABLE)
def test_a_wrong_setting_is_told_in_one_sentence(pipeline, billing_of, empty_sap, wrong):
    settings, code, words = TABLE[wrong]
    names = {"billing": billing_of(40).url, "sap": empty_sap.url}
    ended = pipeline.run("sync", "--all", **{name: names.get(value, value) for name, value in settings.items()})
    assert words in ended.err
    assert len(ended.err.strip().splitlines()) == 1
    assert "Traceback" not in ended.err + ended.out
    assert ended.code == code


def test_a_ledger_that_is_no_database_is_refused_and_left_as_it_is(pipeline):
    file = pipeline.folder / "billing-to-sap.db"
    file.write_text("not a database, but a text that is long enough to be looked at\n" * 50)
    ended = pipeline.run("sync", "--all")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "is not a ledger database" in ended.err
    assert file.read_text().startswith("not a database")


def test_a_database_of_another_program_is_refused(pipeline):
    with sqlite3.connect(pipeline.folder / "billing-to-sap.db") as file:
        file.execute("CREATE TABLE recipe (id)")
    file.close()
    ended = pipeline.run("status")
    assert (ended.code, "database of another program" in ended.err) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["sync"],
        ["sync", "nobody"],
        ["sync", "postman", "--all"],
        ["enqueue", "postman", "--all"],
        ["audit", "nobody"],
        ["sync", "--all", "--batch-size", "0"],
        ["sync", "--batch-size", "many"],
        ["nothing"],
        ["show", "postman", "none"],
        ["worker"],
        ["enqueue"],
    ],
)
def test_a_wrong_command_is_wrong_usage(pipeline, arguments):
    ended = pipeline.run(*arguments)
    assert ended.code == 2
    assert ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("file", ["nowhere/b2s.prom", "."])
def test_a_metrics_file_that_cannot_be_written_is_told_before_anything_is_sent(pipeline_to, billing_of, wire, file):
    ended = pipeline_to(billing_of(40), wire.url).run("sync", "--all", "--metrics-file", file)
    assert (ended.code, ended.out, wire.posts) == (2, "", 0)
    assert ended.err.startswith(f"billing-to-sap: the metrics file {file} cannot be written")


def test_a_metrics_file_that_cannot_be_written_any_more_hides_no_report(pipeline_to, billing_of, wire):
    pipeline = pipeline_to(billing_of(40), wire.url)
    (pipeline.folder / "metrics").mkdir()
    wire.before = lambda number: (pipeline.folder / "metrics").rmdir() if number == 1 else None
    ended = pipeline.run("sync", "--all", "--json", "--metrics-file", "metrics/b2s.prom")
    assert (ended.code, ended.json["totals"]["delivered"]) == (2, 40)
    assert (
        ended.err == "billing-to-sap: the metrics file metrics/b2s.prom cannot be written (No such file or directory)\n"
    )


def test_several_missing_settings_are_told_together(pipeline):
    ended = pipeline.run("sync", "--all", B2S_SAP_USER=None, B2S_SAP_PASSWORD=None, B2S_SAP_URL="x")
    assert len(ended.err.splitlines()) == 3
    for name in ("B2S_SAP_USER", "B2S_SAP_PASSWORD", "B2S_SAP_URL"):
        assert name in ended.err


def test_what_was_read_before_sap_failed_is_kept_and_sent_later(pipeline):
    pipeline.run("sync", "--all", B2S_SAP_URL=NOBODY)
    later = pipeline.run("sync", "--all", "--json")
    assert (later.json["totals"]["unchanged"], later.json["totals"]["delivered"]) == (40, 40)


def test_json_is_the_only_thing_on_stdout_even_in_trouble(pipeline):
    ended = pipeline.run("sync", "--all", "--json", B2S_SAP_PASSWORD="wrong")
    assert ended.json["totals"]["pending"] == 40
    assert "B2S_SAP_PASSWORD" in ended.json["stopped"][0]


def test_the_doctor_names_each_failure_with_its_remedy(pipeline):
    ended = pipeline.run("doctor", B2S_SAP_PASSWORD="wrong", B2S_POSTMAN_API_KEY="wrong")
    assert ended.code == 2
    assert ended.out.count("failed") == 2


def test_the_doctor_names_what_is_in_the_environment_and_is_no_setting(pipeline):
    told = "ok      settings: B2S_ANOTHER_PROGRAMS in the environment: no setting of this program"
    assert told in pipeline.run("doctor", B2S_ANOTHER_PROGRAMS="x").out.splitlines()


def test_the_doctor_names_a_witness_that_cannot_be_written(pipeline):
    (pipeline.folder / "state").touch()
    told = [line for line in pipeline.run("doctor").out.splitlines() if "an old copy of the ledger" in line]
    assert len(told) == 1
    assert told[0].startswith(f"ok      ledger: {pipeline.folder}/state/ledger-")
    assert "cannot be written" in told[0]


def test_a_file_of_settings_that_cannot_be_read_is_told_before_what_is_missing_then(pipeline):
    (pipeline.folder / "billing-to-sap.toml").write_text("B2S_POSTMAN_URL")
    ended = pipeline.run("sync", "--all", B2S_POSTMAN_URL=None)
    assert (ended.code, "billing-to-sap.toml cannot be read" in ended.err) == (2, True)


GAPS = """
[journal]
company_code = "10"
chart = "SKR99"
[journal.customers]
other = "12345678901"
[supplier_invoices.postman]
gl_account = "600100x"
[supplier_invoices.postmann]
supplier = "10300099"
gl_account = "600100"
tax_code = "V0"
"""
NAMED = (
    *("journal.company_code", "journal.chart", "journal.customers.other", "supplier_invoices.postman.supplier"),
    *("supplier_invoices.postman.gl_account", "supplier_invoices.postman.tax_code", "supplier_invoices.postmann"),
)


@pytest.mark.parametrize("command", [["sync", "--all"], ["status"], ["reconcile"], ["worker"], ["enqueue", "--all"]])
def test_a_ledger_in_memory_is_refused_before_anything_is_sent(pipeline_to, billing_of, wire, command):
    """It would know nothing of what was sent by the command before."""
    broker = {"B2S_BROKER_URL": "amqp://127.0.0.1:1/"}
    ended = pipeline_to(billing_of(40), wire.url).run(*command, B2S_LEDGER_URL="sqlite:///:memory:", **broker)
    assert (ended.code, ended.out, len(ended.err.strip().splitlines())) == (2, "", 1)
    assert "B2S_LEDGER_URL must name a file" in ended.err
    assert wire.posts == 0


@pytest.mark.parametrize("also", [{}, {"B2S_SAP_USER": None}])
def test_the_doctor_names_every_gap_of_the_mapping_together_and_goes_on_asking(pipeline, also):
    (pipeline.folder / "mapping.toml").write_text(GAPS)
    ended = pipeline.run("doctor", B2S_MAPPING_FILE=str(pipeline.folder / "mapping.toml"), **also)
    told = [line for line in ended.out.splitlines() if line.startswith("failed  mapping file: ")]
    assert ended.code == 2
    assert sorted(line.split(": ")[2] for line in told) == sorted(NAMED)
    if also:
        assert "failed  settings: B2S_SAP_USER is missing" in ended.out
    else:
        assert "ok      postman: account" in ended.out
        assert "ok      SAP: $metadata" in ended.out


def test_a_mapping_file_may_begin_with_the_mark_of_utf_8(pipeline):
    (pipeline.folder / "mapping.toml").write_text('[journal]\nchart = "SKR04"\n', encoding="utf-8-sig")
    assert "ok      mapping file: company code" in pipeline.run("doctor", B2S_MAPPING_FILE="mapping.toml").out


def test_nothing_is_sent_under_a_mapping_with_gaps(pipeline_to, billing_of, wire):
    pipeline = pipeline_to(billing_of(40), wire.url)
    (pipeline.folder / "mapping.toml").write_text(GAPS)
    ended = pipeline.run("sync", "--all", B2S_MAPPING_FILE=str(pipeline.folder / "mapping.toml"))
    assert (ended.code, len(ended.err.strip().splitlines()), wire.posts) == (2, len(NAMED), 0)
