"""The session with SAP, against servers that answer as Gateway does, or as it should not."""

import json
import socket
import threading
from dataclasses import replace
from urllib.parse import unquote

import pytest
from pipeline_stands import LOGGED_ON, REQUIRED, TOKEN, Cut, in_order

from pipeline.model.outcome import Ambiguous, Delivered, NotTaken, Refused
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.odata_client.answer import NoAnswer
from pipeline.odata_client.client import Client
from pipeline.odata_client.entities import Document, Entities, EntitySet
from pipeline.odata_client.target import Target

INVOICES = EntitySet(name="Invoices", key_property="ID", duplicate_codes=frozenset({"ZINVOICE/001"}))
DOCUMENT = Document(key="inv_1", payload=b'{"ID":"inv_1"}')
CREATED = (201, {"Content-Type": "application/json"}, b'{"d":{"ID":"inv_1"}}')
WRONG = (400, {}, b'{"error":{"code":"ZINVOICE/004","message":{"lang":"en","value":"no"}}}')


@pytest.fixture
def talk(answering, clock):
    """A client of a server that plays a script."""
    clients = []

    def start(script, **changed):
        server = answering(script)
        target = Target(base_url=server.url, service="ZINVOICE_SRV", user="U", password="pass-CANARY", **changed)
        clients.append(Client(target, clock))
        return server, clients[-1]

    yield start
    for client in clients:
        client.close()


def post(client):
    return client.post("Invoices", DOCUMENT.payload, content_type="application/json")


def create(client, clock, *documents):
    return Entities(client, INVOICES, clock).create(documents or [DOCUMENT])


def test_the_token_is_fetched_on_the_root_with_its_slash_and_sent_with_the_cookies(talk):
    server, client = talk(in_order(CREATED))
    assert post(client).status == 201
    fetch, sent = server.heard
    assert (fetch.method, fetch.path, fetch.headers["x-csrf-token"]) == (
        "HEAD",
        "/sap/opu/odata/sap/ZINVOICE_SRV/",
        "Fetch",
    )
    assert sent.headers["x-csrf-token"] == TOKEN
    assert sent.headers["cookie"] == "SAP_SESSIONID_MCK_001=a"
    assert sent.headers["authorization"].startswith("Basic ")
    assert sent.body == DOCUMENT.payload


def test_where_head_gives_no_token_get_is_asked(talk):
    server, client = talk(lambda heard: LOGGED_ON if heard.method == "GET" else (405, {}, b""))
    assert client.token() == TOKEN
    assert [heard.method for heard in server.heard] == ["HEAD", "GET"]


def test_a_token_serves_many_posts(talk):
    server, client = talk(in_order(CREATED, CREATED))
    post(client)
    post(client)
    assert [heard.method for heard in server.heard] == ["HEAD", "POST", "POST"]


def test_a_refused_token_is_renewed_once_and_the_post_repeated(talk):
    server, client = talk(in_order(REQUIRED, CREATED))
    assert post(client).status == 201
    assert [heard.method for heard in server.heard] == ["HEAD", "POST", "HEAD", "POST"]


def test_a_token_refused_twice_is_not_renewed_for_ever(talk, clock):
    server, client = talk(in_order(REQUIRED, REQUIRED))
    assert create(client, clock) == [NotTaken(why="SAP did not accept the CSRF token", status=403)]
    assert len(server.heard) == 4


@pytest.mark.parametrize("slow", ["POST", "HEAD"])
def test_a_token_that_is_renewed_late_posts_nothing_more_and_the_next_post_uses_it(talk, clock, slow):
    replies = iter([REQUIRED])

    def script(heard):
        clock.at += 20_000 * (heard.method == slow and len(server.heard) > 1)
        return LOGGED_ON if heard.method == "HEAD" else next(replies, CREATED)

    server, client = talk(script)
    assert create(client, clock) == [NotTaken(why="SAP did not accept the CSRF token", status=403)]
    assert create(client, clock) == [Delivered(status=201)]
    assert [heard.method for heard in server.heard] == ["HEAD", "POST", "HEAD", "POST"]


def test_a_403_without_the_word_required_is_not_repeated(talk, clock):
    server, client = talk(in_order((403, {}, WRONG[2])))
    (refused,) = create(client, clock)
    assert isinstance(refused, Refused)
    assert "authorization" in refused.stops
    assert [heard.method for heard in server.heard] == ["HEAD", "POST"]


FAILED_FETCHES = [
    ((401, {"x-csrf-token": "nothing"}, b""), Misconfigured, "B2S_SAP_PASSWORD"),
    (
        (403, {}, b'{"error":{"code":"/IWFND/MED/170","message":{"value":"No service found"}}}'),
        Misconfigured,
        "No service found",
    ),
    ((404, {}, b"<html>"), Misconfigured, "there is no OData service"),
    ((307, {"Location": "https://elsewhere.example/"}, b""), Misconfigured, "redirects"),
    ((200, {}, b"<html>"), Misconfigured, "is it an SAP Gateway"),
    ((503, {}, b""), Unavailable, "not available"),
    ((500, {}, b""), Unavailable, "not available"),
    ((429, {}, b""), Unavailable, "not available"),
    (Cut(b""), Unavailable, "does not answer"),
]


@pytest.mark.parametrize(("reply", "stop", "words"), FAILED_FETCHES)
def test_where_no_token_can_be_had_one_sentence_says_whose_turn_it_is(talk, reply, stop, words):
    server, client = talk(lambda _: reply)
    with pytest.raises(stop, match=words) as raised:
        client.token()
    assert "CANARY" not in str(raised.value)
    assert all(heard.method != "POST" for heard in server.heard)


def test_an_error_answer_may_carry_the_token(talk):
    _, client = talk(lambda _: (404, {"x-csrf-token": TOKEN}, b""))
    assert client.token() == TOKEN


def test_a_token_that_cannot_be_renewed_leaves_the_document_outside_and_stops_the_run(talk, clock):
    replies = iter([LOGGED_ON, REQUIRED, (401, {}, b""), (401, {}, b"")])
    _, client = talk(lambda _: next(replies))
    (outcome,) = create(client, clock)
    assert isinstance(outcome, NotTaken)
    assert "B2S_SAP_PASSWORD" in outcome.stops


NOTHING_CERTAIN = [
    Cut(b""),
    Cut(b"HTTP/1.1 201 Created\r\nContent-Le"),
    Cut(b'HTTP/1.1 201 Created\r\nContent-Length: 20\r\n\r\n{"d":{"ID"'),
    Cut(b'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n{"d":{"ID"'),
    Cut(b"rubbish\r\n\r\n"),
    (201, {"Content-Encoding": "gzip"}, b"not gzip"),
]


@pytest.mark.parametrize("reply", NOTHING_CERTAIN)
def test_a_post_without_a_whole_answer_is_ambiguous_and_is_never_repeated(talk, clock, reply):
    server, client = talk(in_order(reply))
    (outcome,) = create(client, clock)
    assert isinstance(outcome, Ambiguous)
    assert sum(heard.method == "POST" for heard in server.heard) == 1


@pytest.mark.parametrize("status", [302, 303, 307, 308])
def test_a_redirect_is_not_followed_since_it_would_carry_the_invoice_elsewhere(talk, answering, clock, status):
    elsewhere = answering(lambda _: CREATED)
    _, client = talk(in_order((status, {"Location": f"{elsewhere.url}/"}, b"")))
    assert isinstance(create(client, clock)[0], Ambiguous)
    assert elsewhere.heard == []


def test_a_server_that_nobody_answers_at_has_got_nothing(clock):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    client = Client(Target(base_url=url, service="ZINVOICE_SRV", user="U", password="P"), clock)
    assert client.get("") == NoAnswer(why="no connection", never_left=True)
    client.close()


def test_an_answer_that_takes_too_long_is_given_up_and_ambiguous(talk, clock):
    over = threading.Event()

    def script(heard):
        if heard.method == "POST":
            over.wait(10)
        return LOGGED_ON if heard.method == "HEAD" else CREATED

    _, client = talk(script, read_timeout=100)
    assert create(client, clock) == [Ambiguous(why="no answer in time", general=True)]
    over.set()


def test_an_answer_larger_than_the_cap_is_not_read(talk, clock):
    _, client = talk(in_order((201, {}, b"x" * 100_000)), body_cap=1000)
    (outcome,) = create(client, clock)
    assert outcome == Ambiguous(why="the answer is larger than 1000 bytes", general=True)


def test_a_connection_that_was_idle_for_fifteen_seconds_is_not_used_again(talk, clock):
    ports = []
    server, client = talk(in_order(CREATED, CREATED, CREATED))
    server._server.RequestHandlerClass.setup_, original = None, server._server.RequestHandlerClass.setup

    def setup(handler):
        ports.append(handler.client_address[1])
        original(handler)

    server._server.RequestHandlerClass.setup = setup
    post(client)
    post(client)
    assert len(ports) == 1
    clock.at += 15_000
    post(client)
    assert len(ports) == 2


def test_the_sap_client_is_sent_where_one_is_set(talk):
    server, client = talk(in_order(), sap_client="100")
    client.token()
    assert server.heard[0].headers["sap-client"] == "100"


def test_the_password_does_not_show(talk):
    _, client = talk(in_order())
    assert "CANARY" not in repr(client.target)


def batch_answer(*parts):
    body = b"".join(b"--B\r\nContent-Type: application/http\r\n\r\n" + part + b"\r\n" for part in parts) + b"--B--\r\n"
    return (202, {"Content-Type": "multipart/mixed; boundary=B"}, body)


def part(status, body):
    return (
        f"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    )


DOCUMENTS = [Document(key=f"inv_{number}", payload=f'{{"ID":"inv_{number}"}}'.encode()) for number in range(3)]


def test_several_documents_travel_as_one_batch_and_each_has_its_own_outcome(talk, clock):
    parts = [part(201, b'{"d":{"ID":"inv_0"}}'), part(400, WRONG[2]), part(201, b'{"d":{"ID":"other"}}')]
    server, client = talk(in_order(batch_answer(*parts)))
    outcomes = create(client, clock, *DOCUMENTS)
    assert [type(outcome) for outcome in outcomes] == [Delivered, Refused, Ambiguous]
    assert server.heard[-1].path.endswith("/ZINVOICE_SRV/$batch")
    assert all(document.payload in server.heard[-1].body for document in DOCUMENTS)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ((401, {}, b""), NotTaken),
        ((503, {}, b"Error: EOVERLOAD"), NotTaken),
        ((503, {}, b""), Ambiguous),
        ((429, {"Retry-After": "1"}, b""), NotTaken),
        ((400, {}, WRONG[2]), Ambiguous),
        ((500, {}, b""), Ambiguous),
        ((200, {}, b"<html>"), Ambiguous),
        (Cut(b""), Ambiguous),
    ],
)
def test_a_batch_answered_as_a_whole_says_the_same_of_each_document_but_never_a_refusal(talk, clock, reply, kind):
    _, client = talk(in_order(reply))
    assert {type(outcome) for outcome in create(client, clock, *DOCUMENTS)} == {kind}


def keys_behind(heard, keys):
    """The two keys that come next, as SAP lists them for the filter it is given."""
    after = unquote(heard.path).split("$filter=", 1)[1].split("&")[0].split("'")[1]
    beyond = [key for key in keys if key > after or (key == after and " ge " in unquote(heard.path))]
    return beyond[:2]


@pytest.mark.parametrize("entity_set", [INVOICES, replace(INVOICES, by_filter=True)], ids=["own key", "shared key"])
def test_everything_is_read_page_by_page_behind_the_last_key_until_nothing_comes(talk, clock, entity_set):
    def script(heard):
        results = [{"ID": key, "__metadata": {"uri": key}} for key in keys_behind(heard, "abcde")]
        return (200, {}, json.dumps({"d": {"results": results}}).encode())

    _, client = talk(script)
    assert [entity["ID"] for entity in Entities(client, entity_set, clock).everything()] == list("abcde")


def test_more_entities_under_one_key_than_a_page_holds_are_no_reading_of_sap(talk, clock, monkeypatch):
    monkeypatch.setattr("pipeline.odata_client.entities.PAGE", 2)
    shown = [{"ID": "a", "__metadata": {"uri": f"a{number}"}} for number in range(2)]
    _, client = talk(lambda _: (200, {}, json.dumps({"d": {"results": shown}}).encode()))
    with pytest.raises(Unavailable, match="under one key"):
        list(Entities(client, replace(INVOICES, by_filter=True), clock).everything())


@pytest.mark.parametrize(
    "reply",
    [
        (200, {}, b'{"d":{"results":{}}}'),
        (200, {}, b'{"d":{}}'),
        (200, {}, b"<html>"),
        (500, {}, b""),
        Cut(b""),
    ],
)
def test_anything_but_a_list_is_no_reading_of_sap(talk, clock, reply):
    _, client = talk(lambda _: reply)
    with pytest.raises(Unavailable):
        list(Entities(client, INVOICES, clock).everything())
