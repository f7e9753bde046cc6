"""What is logged: one event for each transition, the libraries' own lines beside them, and no secret in any."""

import io
import json
import logging
import sys
import threading

import pytest

from pipeline.ledger.states import State
from pipeline.telemetry import logs
from pipeline.telemetry.redaction import Redactor


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def log():
    def start(level="INFO", stream=None, secrets=("s3cret-CANARY",)):
        out = stream or io.StringIO()
        logs.set_up(level, Redactor(secrets), stream=out)
        return out

    return start


def lines(out):
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_transition_is_one_event_with_the_ids_of_both_sides(log, transition):
    out = log()
    logs.transitions([transition(), transition(after=State.AMBIGUOUS, source_id="inv_2", why="no answer in time")])
    first, second = lines(out)
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "event": "transition",
        "level": "info",
        "logger": "billing_to_sap",
        "source": "postman",
        "source_id": "inv_1",
        "revision": 1,
        "before": "SENDING",
        "after": "DELIVERED",
        "why": "",
        "attempt": "A" * 32,
        "sap_transaction": "64E5",
        "owner": "O" * 32,
    }
    assert (second["source_id"], second["why"]) == ("inv_2", "no answer in time")


def test_transitions_are_not_told_below_their_level(log, transition):
    out = log("WARNING")
    logs.transitions([transition()])
    assert out.getvalue() == ""


def test_what_libraries_log_goes_the_same_way_without_secrets(log):
    out = log("DEBUG")
    logging.getLogger("urllib3.connectionpool").debug("GET /x?key=%s", "s3cret-CANARY")
    logging.getLogger("celery").warning("token", extra={"headers": {"X-CSRF-Token": "CANARY"}})
    assert [one["event"] for one in lines(out)] == ["GET /x?key=[hidden]", "token"]
    assert "CANARY" not in out.getvalue()


def test_a_connect_that_is_repeated_is_no_news_below_debug(log):
    out = log("INFO")
    logging.getLogger("urllib3.connectionpool").warning("Retrying")
    assert out.getvalue() == ""


def broken():
    int("it was s3cret-CANARY")


def breaking_process():
    try:
        broken()
    except ValueError:
        sys.excepthook(*sys.exc_info())


def breaking_thread():
    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()


@pytest.mark.parametrize("breaking", [breaking_process, breaking_thread])
def test_a_traceback_is_told_without_secrets(log, breaking):
    out = log()
    breaking()
    (told,) = lines(out)
    assert (told["event"], told["level"]) == ("unexpected", "critical")
    assert "ValueError: invalid literal for int() with base 10: 'it was [hidden]'" in told["exception"]
    assert "CANARY" not in out.getvalue()


HARD = [
    "back\\slash-CANARY",
    "tick'-CANARY",
    'pa55/wörd "CANARY"+',
    "both'\"-CANARY",
    "tab\tCANARY",
    "\x1b-CANARY",
    "\U0001f511-CANARY",
]


@pytest.mark.parametrize("stream", [io.StringIO, Terminal], ids=["JSON", "lines"])
@pytest.mark.parametrize("secret", HARD, ids=ascii)
def test_a_secret_that_is_spelled_anew_in_each_pair_of_quotes_is_hidden_all_the_same(log, secret, stream):
    out = log(stream=stream(), secrets=[secret])
    told = {"as it is": secret, "shown": repr(secret), "twice": f"{[repr(secret)]}", "sent": secret.encode()}
    logging.getLogger("library").warning("it was %s and %r", secret, secret, extra=told)
    logging.getLogger("library").error("it failed", exc_info=ValueError(told))
    assert "CANARY" not in out.getvalue()
    assert out.getvalue().count("[hidden]") == 10


def test_people_get_a_line_that_no_record_can_break(log, transition):
    out = log(stream=Terminal())
    logs.transitions([transition(why="\x1b[2Jno\nsecond line")])
    text = out.getvalue()
    assert text.count("\n") == 1
    assert "\x1b" not in text
    assert "after=DELIVERED" in text
