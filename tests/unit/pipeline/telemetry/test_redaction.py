"""What must not be written is taken out, however it is spelled."""

import base64
import json
from urllib.parse import quote

import pytest

from pipeline.telemetry.redaction import Redactor, passwords_in, values_in

SECRET = 'pa55/wörd "CANARY"+'
SPELLINGS = {
    "as it is": SECRET,
    "in an address": quote(SECRET, safe=""),
    "in JSON": json.dumps(SECRET),
    "in a traceback": f"ValueError: {SECRET}\n  at line 3",
    "as a log-on": "Basic " + base64.b64encode(f"user:{SECRET}".encode()).decode(),
    "as a bearer's": "Authorization: Bearer abcdef.CANARY-123",
    "in a database's address": "postgresql://user:some-CANARY@host/db",
    **{
        f"in Base64 behind {before} bytes": base64.b64encode(b"u" * before + SECRET.encode() + b"zz").decode()
        for before in range(4)
    },
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_hidden_in_every_spelling(spelling):
    shown = Redactor([SECRET]).clean(f"before {SPELLINGS[spelling]} after")
    assert SPELLINGS[spelling] not in shown
    assert "CANARY" not in shown
    assert "[hidden]" in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")


NAMED = {
    "password": "x", "B2S_SAP_PASSWORD": "x", "X-CSRF-Token": "x", "apiKey": "x", "Authorization": "x", "Set-Cookie": "x",
    "x-api-key": "x", "pwd": "x", "credentials": ["x"], "headers": {"authorization": "x", "sessionId": "x"},
    "sent": [{"authorization": "x"}, ({"cookie": "x"},)],
}  # fmt: skip


def test_what_stands_under_a_secrets_name_is_hidden_and_the_rest_is_not():
    shown = Redactor([]).by_name(None, "", {**NAMED, "source_id": "inv_1", "more": {"why": "busy"}})
    assert "'x'" not in str(shown)
    assert (shown["source_id"], shown["more"]) == ("inv_1", {"why": "busy"})


def test_a_value_too_short_to_be_a_secret_hides_nothing():
    assert Redactor(["1", ""]).clean("inv_1 of 10") == "inv_1 of 10"


def test_what_a_terminal_would_obey_is_made_visible():
    assert Redactor([]).clean("a\x1b[2J\x9b\u202eb\tc\nd") == "a\\u001b[2J\\u009b\\u202eb\tc\nd"


def test_passwords_are_found_in_addresses_in_both_spellings():
    assert passwords_in("amqp://u:tw%40o@h", "sqlite:///f.db", "postgresql://u@h/d") == ["tw%40o", "tw@o"]


@pytest.mark.parametrize(
    ("fields", "values"),
    [
        ("api-key=one", ["one", "one"]),
        ("authorization=Basic%20dTpw==, x-team=two", ["Basic%20dTpw==", "Basic dTpw==", "two", "two"]),
        ("api-key: one", ["one", "one"]),  # which no collector is sent, and which is told
        ("one", ["one", "one"]),
    ],
)
def test_values_are_found_in_header_fields_however_wrongly_they_are_written(fields, values):
    assert values_in(fields) == values
