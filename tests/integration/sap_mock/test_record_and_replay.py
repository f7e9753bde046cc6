"""What is recorded in front of one server and played against another: nothing differs but what was changed."""

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner

from sap_mock.cli import main
from sap_mock.replay.player import Player
from sap_mock.replay.proxy import Proxy
from sap_mock.replay.recording import Recording
from sap_mock.replay.report import cases_in
from sap_mock.services import zinvoice_srv
from sap_mock.testing import SapGateway, started_gateway

ENTRY = {
    "CompanyCode": "1010", "DocumentType": "DR", "DocumentDate": "2023-11-07T00:00:00",
    "PostingDate": "2023-11-07T00:00:00", "Currency": "EUR",
    "ToItems": [
        {"Item": "0001", "Customer": "10001", "DebitCreditCode": "S", "Amount": "119.00"},
        {"Item": "0002", "GLAccount": "8400", "DebitCreditCode": "H", "Amount": "119.00", "CostCenter": "KOST1"},
    ],
}  # fmt: skip


@contextmanager
def recorded(target, folder, **options):
    """A client's view of the target through a recording proxy."""
    with Proxy(("127.0.0.1", 0), target.url, Recording(folder, target.url.partition("://")[2], **options)) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield SapGateway(url=f"http://127.0.0.1:{proxy.server_port}")
        finally:
            proxy.shutdown()
            thread.join()


def used(gateway):
    """What a client does in a day: token, create, refusal, read, change with an entity tag's address, batch, delete."""
    root = gateway.service("ZINVOICE_SRV")
    with gateway.session() as session:
        created = session.post(f"{root}Invoices", json={"ID": "1", "Currency": "EUR", "Value": "1.5"}, timeout=30)
        session.post(f"{root}Invoices", json={"ID": "1", "Currency": "EUR"}, timeout=30)
        session.get(created.json()["d"]["__metadata"]["uri"], timeout=30)
        session.get(f"{root}$metadata", headers={"Accept": "application/xml"}, timeout=30).raise_for_status()
        session.patch(created.headers["location"], json={"Status": "PAID"}, timeout=30)
        batch = "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET Invoices HTTP/1.1\r\n\r\n\r\n--b--\r\n"
        headers = {"Content-Type": "multipart/mixed; boundary=b"}
        answer = session.post(f"{root}$batch", data=batch, headers=headers, timeout=30)
        session.delete(created.headers["location"], timeout=30)
        session.head(root, timeout=30)
    return answer


def replayed(target, folder, *options):
    arguments = ["replay", str(folder), "--target", target.url, "--user", f"{target.user}:{target.password}", *options]
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def recording(sap_gateway, tmp_path):
    with recorded(sap_gateway, tmp_path / "cases") as through:
        used(through)
    return tmp_path / "cases"


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """A gateway whose invoices know no status of twenty characters, only of three."""
    metadata = zinvoice_srv.SERVICE.mpc.metadata.read_text(encoding="utf-8")
    file = tmp_path_factory.mktemp("changed") / "metadata.xml"
    file.write_text(
        metadata.replace(
            'Name="Status" Type="Edm.String" MaxLength="20"', 'Name="Status" Type="Edm.String" MaxLength="3"'
        )
    )
    with started_gateway(["--database", "sqlite://", "--service", f"ZINVOICE_SRV={file}"]) as gateway:
        yield gateway


def test_a_client_sees_through_the_proxy_what_it_would_see_without(sap_gateway, tmp_path):
    with recorded(sap_gateway, tmp_path) as through:
        answer = used(through)
    assert answer.status_code == 202
    assert answer.text.count("200 OK") == 1


def test_what_was_recorded_is_alike_on_another_server(sap_gateway, recording):
    sap_gateway.reset()
    result = replayed(sap_gateway, recording)
    assert "differs" not in result.output
    assert result.output.endswith("9 cases, 9 exchanges: 0 differences, 0 approved\n")
    assert result.exit_code == 0


def test_what_was_changed_is_shown_until_it_is_approved_with_a_reason(changed, recording):
    changed.reset()
    first = replayed(changed, recording)
    assert first.exit_code == 6
    assert "     - /Edmx/DataServices/Schema/EntityType[Invoice]/Property[Status]/@MaxLength = 20\n" in first.output
    assert "     + /Edmx/DataServices/Schema/EntityType[Invoice]/Property[Status]/@MaxLength = 3\n" in first.output

    changed.reset()
    assert replayed(changed, recording, "--reason", "our status has three letters").exit_code == 0

    changed.reset()
    third = replayed(changed, recording, "--json")
    told = json.loads(third.stdout)
    assert third.exit_code == 0
    assert told["open"] == 0
    assert {one["approved"] for one in told["differences"]} == {"our status has three letters"}


def test_numbers_that_the_server_assigned_are_not_expected_of_another(sap_gateway, tmp_path):
    with recorded(sap_gateway, tmp_path) as through:
        document = through.create("ZJOURNAL_SRV", "JournalEntries", ExternalID="a", **ENTRY)
        with through.session("ZJOURNAL_SRV") as session:
            session.get(f"{document['__metadata']['uri']}/ToItems", timeout=30).raise_for_status()
    sap_gateway.reset()
    other = sap_gateway.create("ZJOURNAL_SRV", "JournalEntries", ExternalID="b", **ENTRY)
    assert other["__metadata"]["uri"] == document["__metadata"]["uri"].replace(through.url, sap_gateway.url)

    result = replayed(sap_gateway, tmp_path)

    assert result.output.endswith("0 differences, 0 approved\n"), result.output


def test_no_secret_and_no_person_is_left_in_a_recording(sap_gateway, tmp_path):
    with recorded(sap_gateway, tmp_path) as through, through.session() as session:
        secrets = [cookie.value for cookie in session.cookies if "SESSION" in cookie.name]
        secrets += [session.headers["X-CSRF-Token"], "REVWRUxPUEVSOlNhcC1tb2NrMQ"]  # DEVELOPER:Sap-mock1
        properties = {"ID": "1", "Currency": "EUR", "Link": "of DEVELOPER, max@corp.de"}
        session.post(f"{through.service('ZINVOICE_SRV')}Invoices", json=properties, timeout=30).raise_for_status()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir()).decode()

    assert len(secrets) == 3
    assert [secret for secret in [*secrets, "DEVELOPER", "max@corp.de", sap_gateway.url[7:]] if secret in written] == []
    assert written.count('"Link":"of PERSON1, person2@example.com"') == 1
    assert written.count('"Link": "of PERSON1, person2@example.com"') == 1


@pytest.mark.processes
def test_the_command_records_until_it_is_told_to_stop(sap_gateway, tmp_path):
    command = [
        sys.executable,
        "-m",
        "sap_mock",
        "record",
        "--target",
        sap_gateway.url,
        "--out",
        str(tmp_path / "cases"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().rpartition(" ready at ")[2].strip()
            requests.get(f"{address}/sap/opu/odata/sap/ZINVOICE_SRV/", timeout=30)
        finally:
            process.terminate()
    assert process.returncode == 0
    assert [path.name for path in (tmp_path / "cases").iterdir()] == ["0001_get_zinvoice_srv.http"]


def test_an_answer_that_was_lost_is_lost_to_the_client_and_in_the_recording(sap_gateway, tmp_path):
    with recorded(sap_gateway, tmp_path) as through, through.session() as session:
        sap_gateway.faults.add("lost_response", method="POST")
        with pytest.raises(requests.ConnectionError):
            session.post(f"{through.service('ZINVOICE_SRV')}Invoices", json={"ID": "1", "Currency": "EUR"}, timeout=30)
        sap_gateway.faults.add("cut_body", method="GET")
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            session.get(f"{through.service('ZINVOICE_SRV')}Invoices", timeout=30)
    lost, cut = [case.exchanges[0] for case in cases_in([tmp_path])][-2:]
    assert lost.response is None
    assert cut.response.cut


def test_a_large_answer_passes_through_in_pieces(sap_gateway, tmp_path):
    with sap_gateway.session() as session:
        for number in range(40):
            properties = {"ID": str(number), "Currency": "EUR", "Link": "x" * 1000}
            session.post(f"{sap_gateway.service('ZINVOICE_SRV')}Invoices", json=properties, timeout=30)
    with recorded(sap_gateway, tmp_path) as through:
        same = through.entities("ZINVOICE_SRV", "Invoices")
    there = json.dumps(sap_gateway.entities("ZINVOICE_SRV", "Invoices"))
    assert json.dumps(same).replace(through.url, sap_gateway.url) == there


def test_a_body_that_comes_in_chunks_arrives_whole(sap_gateway, tmp_path):
    with recorded(sap_gateway, tmp_path) as through, through.session() as session:
        headers = {"Content-Type": "application/json"}
        chunks = iter([b'{"ID":"1",', b'"Currency":"EUR"}'])
        answer = session.post(f"{through.service('ZINVOICE_SRV')}Invoices", data=chunks, headers=headers, timeout=30)
    assert answer.status_code == 201
    assert cases_in([tmp_path])[-1].exchanges[0].request.body == b'{"ID":"1","Currency":"EUR"}'


def test_a_server_that_is_not_there_is_named(tmp_path):
    nobody = SapGateway(url="http://127.0.0.1:9")
    with recorded(nobody, tmp_path) as through:
        answer = requests.get(f"{through.url}/x", timeout=30)
    assert answer.status_code == 502
    assert "http://127.0.0.1:9 cannot be reached" in answer.text
    assert list(tmp_path.iterdir()) == []


def test_a_case_says_by_itself_whether_it_is_logged_on(sap_gateway, recording):
    post = next(case for case in cases_in([recording]) if case.name.endswith("post_invoices"))
    bare = replace(post.exchanges[0].request, fields=(("Content-Type", "application/json"),))
    player = Player(sap_gateway.url, (sap_gateway.user, sap_gateway.password))
    (played,) = player.play(replace(post, exchanges=(replace(post.exchanges[0], request=bare),)))
    assert played.response.status == 401


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--target", "http://127.0.0.1:9"], 5, "http://127.0.0.1:9 cannot be reached"),
        (["--target", "sap.example.com"], 2, "--target 'sap.example.com' is no address such as https://"),
        (["--target", "http://a b"], 2, "--target 'http://a b' is no address such as https://"),
        (["--target", "http://sap:99999"], 2, "--target 'http://sap:99999' is no address such as https://"),
        (["--target", "http://[::1"], 2, "--target 'http://[::1' is no address such as https://"),
        (["--target", "http://sap/x"], 2, "give the address up to the port; the paths stand in the cases"),
        (["--target", "http://sap", "--user", "X"], 2, "--user must be NAME:PASSWORD"),
        (["--target", "http://sap", "--without", "x"], 2, "--without x: there are the rules length, "),
        (["--target", "http://sap", "--reason", " "], 2, "--reason is empty; say why what differs is right"),
        (["--target", "http://sap", "--approve", "no.toml"], 2, "--approve no.toml: there is no such file"),
    ],
)
def test_a_mistake_ends_in_a_sentence_and_a_code(tmp_path, arguments, code, said):
    (tmp_path / "c.http").write_text("### REQUEST\nGET / HTTP/1.1\n")
    result = CliRunner().invoke(main, ["replay", str(tmp_path), *arguments])
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_recording_that_cannot_begin_says_why_in_one_sentence(sap_gateway, tmp_path):
    taken = urlsplit(sap_gateway.url).port
    for arguments, said in (
        (["--target", "http://a b"], "--target 'http://a b' is no address such as https://sap.example.com:44300\n"),
        (["--target", "http://sap", "--port", str(taken)], f"Cannot listen on 127.0.0.1:{taken}: "),
        (["--target", "http://sap", "--port", "99999"], "Cannot listen on 127.0.0.1:99999: "),
    ):
        result = CliRunner().invoke(main, ["record", "--out", str(tmp_path / "recorded"), *arguments])
        assert (result.exit_code, result.stderr[: len(said)]) == (2, said)
        assert result.stderr.count("\n") == 1


def test_a_log_on_that_is_masked_needs_a_user(recording):
    result = CliRunner().invoke(main, ["replay", str(recording), "--target", "http://127.0.0.1:9"])
    assert (result.exit_code, result.stderr) == (
        2,
        "the cases are masked where they log on; give --user NAME:PASSWORD\n",
    )


def test_a_log_on_that_is_refused_is_said_in_one_sentence_and_tried_once(sap_gateway, recording):
    sap_gateway.reset()
    result = replayed(replace(sap_gateway, password="wrong"), recording)
    said = f"{sap_gateway.url} refuses the log-on (401): check --user NAME:PASSWORD\n"
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", said)
    assert [one["response"]["status"] for one in sap_gateway.journal] == [401]


def test_a_log_on_that_was_refused_when_it_was_recorded_is_to_be_refused_again(sap_gateway, tmp_path):
    with recorded(sap_gateway, tmp_path) as through:
        requests.get(through.service("ZINVOICE_SRV"), auth=("NOBODY", "wrong"), timeout=30)
    result = replayed(replace(sap_gateway, password="wrong"), tmp_path)
    assert (result.exit_code, result.stdout.split()[0]) == (0, "alike")


def test_a_folder_without_cases_is_named(tmp_path):
    result = CliRunner().invoke(main, ["replay", str(tmp_path), "--target", "http://sap"])
    assert (result.exit_code, result.stderr) == (2, f"{tmp_path}: there is no .http file in this folder\n")
