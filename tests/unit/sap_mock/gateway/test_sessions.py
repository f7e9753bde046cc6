"""Sessions and tokens by themselves: what they are made of, and when they end."""

import base64

import pytest

from sap_mock.gateway.sessions import Logon, NotAdmitted
from sap_mock.odata.messages import Headers, ODataRequest

BASIC = "Basic " + base64.b64encode(b"ANNA:geheim:mit Doppelpunkt").decode()


def logon(lifetime=1800, secret=b"s" * 32):
    return Logon(
        {"ANNA": "geheim:mit Doppelpunkt"}, sid="MCK", sap_client="001", secret=lambda: secret, lifetime=lifetime
    )


def request(method="GET", **fields):
    headers = Headers((name.replace("_", "-"), value) for name, value in fields.items())
    return ODataRequest(method=method, path="/", headers=headers)


def opened(system):
    headers = dict(system.admit(request(authorization=BASIC, x_csrf_token="Fetch")).headers)
    return headers["set-cookie"].partition(";")[0], headers["x-csrf-token"]


def test_a_token_is_sixteen_bytes_in_url_safe_base64():
    _, token = opened(logon())
    assert (len(token), len(base64.urlsafe_b64decode(token))) == (24, 16)


def test_a_session_ends_with_its_lifetime_and_its_token_with_it():
    system = logon(lifetime=-1)
    cookie, token = opened(system)
    with pytest.raises(NotAdmitted) as refusal:
        system.admit(request(cookie=cookie))
    assert refusal.value.response.status == 401
    with pytest.raises(NotAdmitted) as refusal:
        system.admit(request("POST", cookie=cookie, x_csrf_token=token, authorization=BASIC))
    assert refusal.value.response.status == 403
    assert refusal.value.response.header("x-csrf-token") == "Required"


def test_another_secret_ends_every_session():
    cookie, _ = opened(logon())
    with pytest.raises(NotAdmitted):
        logon(secret=b"t" * 32).admit(request(cookie=cookie))


def test_a_cookie_changed_in_one_character_is_no_session():
    system = logon()
    cookie, _ = opened(system)
    assert system.admit(request(cookie=f"a=b; {cookie}; c=d")).user == "ANNA"
    for index in range(len("SAP_SESSIONID_MCK_001="), len(cookie) - 6, 5):
        changed = cookie[:index] + ("A" if cookie[index] != "A" else "B") + cookie[index + 1 :]
        with pytest.raises(NotAdmitted):
            system.admit(request(cookie=changed))


@pytest.mark.parametrize("field", ["", "Basic", "Basic !", "Basic ä", "Bearer x", "Basic " + base64.b64encode(b"ANNA").decode(),
                                   "Basic " + base64.b64encode(b"\xff:\xff").decode(), BASIC[:-4]])  # fmt: skip
def test_credentials_that_are_none_are_refused(field):
    with pytest.raises(NotAdmitted):
        logon().admit(request(authorization=field))
