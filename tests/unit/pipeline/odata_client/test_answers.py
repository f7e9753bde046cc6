"""What each answer means: provably outside is a short list, and everything unclear may be in SAP."""

import json

import pytest

from pipeline.model.outcome import Ambiguous, Delivered, NotTaken, Refused
from pipeline.odata_client.answer import Answer, NoAnswer
from pipeline.odata_client.answers import Absent, Expected, Found, Several, Unknown, outcome, sight

EXPECTED = Expected(key="inv_1", key_property="ID", duplicate_codes=frozenset({"ZINVOICE/001"}))


def created(key="inv_1"):
    return json.dumps({"d": {"ID": key, "Value": "440.000"}}).encode()


def error(code="SY/530", message="Wrong", details=()):
    inner = {"errordetails": [{"code": code, "message": text, "severity": "error"} for text in details]}
    return json.dumps(
        {"error": {"code": code, "message": {"lang": "en", "value": message}, "innererror": inner}}
    ).encode()


def answer(status, body=b"", **headers):
    return Answer(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=body)


LOG_ON_PAGE = b"<html><title>Logon Error Message</title></html>"
TABLE = [
    # answer                                                        outcome
    (answer(201, created()), Delivered),
    (answer(201, created("inv_2")), Ambiguous),
    (answer(201, b""), Ambiguous),
    (answer(201, created()[:-3]), Ambiguous),
    (answer(201, created(), content_type="text/html"), Delivered),
    (answer(201, b"<entry xmlns='http://www.w3.org/2005/Atom'/>", content_type="application/atom+xml"), Ambiguous),
    (answer(200, created()), Ambiguous),
    (answer(200, LOG_ON_PAGE), Ambiguous),
    (answer(204), Ambiguous),
    (answer(302), Ambiguous),
    (answer(400, error()), Refused),
    (answer(400, error("ZINVOICE/001", "exists already")), Ambiguous),
    (answer(409, error("X/409", "conflict")), Ambiguous),
    (answer(400, error("/IWBEP/CM_COS/005", "RequestID is outdated")), Ambiguous),
    (answer(500, error("/IWBEP/CM_COS/005", "RequestID is outdated")), Ambiguous),
    (answer(400, error(), repeatabilityresult="unsupported"), NotTaken),
    (answer(501, b"", repeatabilityresult="unsupported"), NotTaken),
    (answer(400, error()[:-3]), Ambiguous),
    (answer(400, LOG_ON_PAGE), Ambiguous),
    (answer(401, LOG_ON_PAGE), NotTaken),
    (answer(403, b"CSRF token validation failed", x_csrf_token="Required"), NotTaken),
    (answer(403, b"CSRF token validation failed", x_csrf_token="required"), NotTaken),
    (answer(403, b"CSRF token validation failed"), Ambiguous),
    (answer(403, error("/IWFND/MED/170", "No service found")), Refused),
    (answer(404, error()), Refused),
    (answer(404, LOG_ON_PAGE), Ambiguous),
    (answer(408, error()), Ambiguous),
    (answer(412, error()), Refused),
    (answer(413), Ambiguous),
    (answer(422, error()), Refused),
    (answer(423, error("M3/682", "Locked by user MILLER")), NotTaken),
    (answer(423), Ambiguous),
    (answer(429), NotTaken),
    (answer(503, b"<p>Error: EOVERLOAD</p>"), NotTaken),
    (answer(503, b"<p>Error: EMAINTENANCE</p>"), NotTaken),
    (answer(503, LOG_ON_PAGE), Ambiguous),
    (answer(503, error()), Ambiguous),
    (answer(500, error()), Ambiguous),
    (answer(501, error()), Ambiguous),
    (answer(502), Ambiguous),
    (answer(504), Ambiguous),
    (NoAnswer(why="no connection", never_left=True), NotTaken),
    (NoAnswer(why="no answer in time"), Ambiguous),
    (NoAnswer(why="the connection broke"), Ambiguous),
]


@pytest.mark.parametrize(("given", "kind"), TABLE)
def test_an_answer_means_one_outcome(given, kind):
    assert type(outcome(given, EXPECTED)) is kind


def test_provably_outside_sap_are_only_a_failed_connect_the_token_the_log_on_and_who_is_turned_away():
    def name(given):
        if isinstance(given, NoAnswer):
            return "never left"
        return given.repeatability or given.status

    assert {name(given) for given, kind in TABLE if kind is NotTaken} == {
        *("never left", "unsupported"),
        *(401, 403, 423, 429, 503),
    }


def test_a_refusal_keeps_code_message_and_every_detail():
    refused = outcome(
        answer(400, error("ZINVOICE/004", "Wrong", ["Wrong", "Currency is unknown", "Date is too early"])), EXPECTED
    )
    assert refused.reasons == ("Wrong (ZINVOICE/004)", "Currency is unknown", "Date is too early")


def test_a_duplicate_may_be_looked_up_since_sap_says_that_it_exists():
    assert outcome(answer(400, error("ZINVOICE/001", "exists")), EXPECTED).exists


GENERAL = [
    # what came back: whether the next document would hardly fare better
    (answer(200, LOG_ON_PAGE), True),
    (answer(302), True),
    (answer(403), True),
    (answer(408), True),
    (answer(502), True),
    (answer(503), True),
    (answer(503, error()), True),
    (answer(504, LOG_ON_PAGE), True),
    (NoAnswer(why="no answer in time"), True),
    (answer(201, created("inv_2")), False),
    (answer(400, error("ZINVOICE/001", "exists")), False),
    (answer(500, error("SY/530", "short dump")), False),
]


@pytest.mark.parametrize(("given", "general"), GENERAL)
def test_silence_and_strange_pages_concern_every_document_but_a_short_dump_only_its_own(given, general):
    assert outcome(given, EXPECTED).general is general


def test_a_processed_request_id_may_be_looked_up_at_once_since_nothing_is_under_way():
    assert outcome(answer(400, error("/IWBEP/CM_COS/005")), EXPECTED).exists


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (answer(201, created(), sap_transactionid="A1B2"), "A1B2"),
        (answer(500, error()[:-2] + b',"x":1}}'), ""),
        (
            answer(
                400,
                json.dumps(
                    {"error": {"code": "X", "message": {"value": "no"}, "innererror": {"transactionid": "C3"}}}
                ).encode(),
            ),
            "C3",
        ),
        (answer(400, error(), sap_transactionid="D\x1b4"), "D\\x1b4"),
    ],
)
def test_sap_s_own_name_of_the_request_is_kept(given, name):
    assert outcome(given, EXPECTED).transaction_id == name


def test_what_the_target_says_of_the_request_id_is_kept():
    assert outcome(answer(201, created(), repeatabilityresult="accepted"), EXPECTED).repeatability == "accepted"
    assert outcome(answer(201, created(), repeatabilityresult="perhaps"), EXPECTED).repeatability == ""


def test_a_forbidden_post_stops_the_run_with_or_without_sap_s_own_words():
    assert outcome(answer(403), EXPECTED).stops == outcome(answer(403, error()), EXPECTED).stops != ""


def test_a_busy_sap_is_left_alone_for_as_long_as_it_asks():
    assert {outcome(answer(status, retry_after="7"), EXPECTED).wait for status in (429, 503)} == {7000}


@pytest.mark.parametrize("status", [401])
def test_a_refused_log_on_stops_the_run_because_it_concerns_every_invoice(status):
    assert "B2S_SAP_PASSWORD" in outcome(answer(status), EXPECTED).stops


NOT_FOUND = error("/IWBEP/CM_MGW_RT/020", "Resource not found for segment 'Invoice'")


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer(200, created()), Found),
        (answer(200, created("inv_2")), Unknown),
        (answer(200, LOG_ON_PAGE), Unknown),
        (answer(404, NOT_FOUND), Absent),
        (answer(404, LOG_ON_PAGE), Unknown),
        (
            answer(404, error("005056A509B11EE1B9A8FEC11C21D78E", "Resource not found for the segment 'Invoices'.")),
            Unknown,
        ),
        (answer(404), Unknown),
        (answer(403, error("/IWFND/MED/170", "No service found")), Unknown),
        (answer(500, NOT_FOUND), Unknown),
        (NoAnswer(why="no connection", never_left=True), Unknown),
    ],
)
def test_a_document_is_absent_only_if_gateway_itself_says_that_this_entity_is_not_found(given, kind):
    assert type(sight(given, EXPECTED)) is kind


def listed(*keys):
    return json.dumps({"d": {"results": [{"ID": key} for key in keys]}}).encode()


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer(200, listed("inv_1")), Found),
        (answer(200, listed()), Absent),
        (answer(200, listed("inv_1", "inv_1")), Several),
        (answer(200, listed("inv_2")), Unknown),
        (answer(200, listed("inv_1", "inv_2")), Unknown),
        (answer(404, NOT_FOUND), Absent),
        (answer(500, listed()), Unknown),
    ],
)
def test_a_look_by_filter_shows_one_none_several_or_nothing_that_can_be_trusted(given, kind):
    assert type(sight(given, EXPECTED)) is kind
