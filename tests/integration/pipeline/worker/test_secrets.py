"""P22: a canary in every secret slot, every way to fail, everything logged: no secret is anywhere afterwards."""

import base64
from urllib.parse import urlsplit

import collector as collectors
import pytest
from crew import Books

from pipeline.settings import SETTINGS

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("rabbitmq")]
CANARY = "c4nary-CANARY-%d"
SECRETS = [setting.name for setting in SETTINGS if setting.secret]
SLOTS = {name: CANARY % number for number, name in enumerate(SECRETS)}
NOBODY = "127.0.0.1:1"


def with_password(url, password):
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.username}:{password}@{parts.hostname}:{parts.port}").geturl()


@pytest.fixture
def collector():
    with collectors.listening() as found:
        yield found


@pytest.fixture
def pipeline(pipeline_to, billing_of, wire, broker, ledger_url, collector):
    """A pipeline that works, with a password in the ledger's address (the server trusts any).

    Its spans go to a collector, whose key is written as no header field is.
    """
    given = {
        "B2S_LEDGER_URL": with_password(ledger_url, CANARY % 97),
        "B2S_BROKER_URL": broker.url,
        "B2S_LOG_LEVEL": "DEBUG",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_HEADERS": f"api-key: {CANARY % 96}",
    }
    return pipeline_to(billing_of(20), wire.url, **given)


def failures(pipeline):
    """What is run, with what changed, and how it must end."""
    refused = with_password(pipeline.settings["B2S_BROKER_URL"], CANARY % 98)
    yield ("sync", "--all", "--metrics-file", "sync.prom"), {}, 0
    yield ("sync", "--all"), {"B2S_SAP_PASSWORD": SLOTS["B2S_SAP_PASSWORD"]}, 0  # nothing is left to send
    yield ("reconcile",), {"B2S_SAP_PASSWORD": SLOTS["B2S_SAP_PASSWORD"]}, 2
    yield ("reconcile",), {"B2S_SAP_URL": f"http://{NOBODY}"}, 5
    yield ("sync", "--all"), {"B2S_POSTMAN_API_KEY": SLOTS["B2S_POSTMAN_API_KEY"]}, 2
    yield ("sync", "--all"), {"B2S_POSTMAN_URL": f"http://{NOBODY}"}, 5
    yield ("sync", "--all"), {"B2S_PROXY_URL": f"http://u:{CANARY % 95}@{NOBODY}"}, 5
    yield ("reconcile",), {"B2S_SAP_PROXY_URL": f"http://u:{CANARY % 95}@{NOBODY}"}, 5
    yield ("status",), {"B2S_LEDGER_URL": f"postgresql://u:{CANARY % 99}@{NOBODY}/d"}, 5
    yield ("enqueue", "--all"), {"B2S_BROKER_URL": refused}, 2
    yield ("enqueue", "--all"), {"B2S_BROKER_URL": f"redis://:{CANARY % 99}@{NOBODY}/0"}, 2
    yield ("enqueue", "--all"), {"B2S_BROKER_URL": f"amqp://u:{CANARY % 99}@{NOBODY}/"}, 5
    others = {name: value for name, value in SLOTS.items() if name.startswith(("B2S_BILL", "B2S_COPACO", "B2S_FYNN"))}
    addresses = dict.fromkeys(("B2S_BILL_URL", "B2S_COPACO_URL", "B2S_FYNN_URL"), f"http://{NOBODY}")
    users = {"B2S_BILL_USERNAME": "u", "B2S_BILL_ORGANIZATION_ID": "o"}
    yield ("sync", "--all"), {**others, **addresses, **users}, 5
    yield ("doctor",), {**others, **addresses, **users, "B2S_SAP_PASSWORD": SLOTS["B2S_SAP_PASSWORD"]}, 5


def test_no_secret_is_in_any_output_log_metric_span_or_ledger(pipeline, crew_of, ledger_url, tmp_path, collector):
    """P22: every command that fails in its way, and a worker that finds a wrong password, all at DEBUG."""
    told = []
    for command, changed, code in failures(pipeline):
        ended = pipeline.run(*command, **changed)
        assert ended.code == code, (command, ended.out, ended.err)
        told += [ended.out, ended.err]
    books = Books(ledger_url)
    books.ask("UPDATE document SET state = 'READY', owner = NULL WHERE state = 'DELIVERED' RETURNING id")
    assert pipeline.run("enqueue", "--all").code == 0
    crew = crew_of(pipeline)
    worker = crew.start("--concurrency", "1", B2S_SAP_PASSWORD=SLOTS["B2S_SAP_PASSWORD"])
    assert worker.wait(60) == 2, crew.log(0).read_text()
    told += [path.read_text(errors="replace") for path in tmp_path.iterdir() if path.is_file()]
    tables = books.ask("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    told += [str(books.ask(f"SELECT * FROM {name}")) for (name,) in tables]  # noqa: S608 - the ledger's own names
    books.close()
    assert {"page", "exchange", "look", "run"} <= {span.name for span in collector.spans}
    told += [body.decode(errors="replace") for body in collector.bodies]
    everything = "\n".join(told)
    assert "SAP refuses the log-on (401)" in everything
    assert "http://127.0.0.1" in everything
    assert "DEBUG" in everything.upper()
    own = [pipeline.settings[name] for name in SECRETS if pipeline.settings.get(name) and name != "B2S_BROKER_URL"]
    log_ons = [base64.b64encode(f"DEVELOPER:{one}".encode()).decode() for one in (own[0], SLOTS["B2S_SAP_PASSWORD"])]
    found = [secret for secret in ("CANARY", "guest:guest", *own, *log_ons) if secret in everything]
    assert found == []
