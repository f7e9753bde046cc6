"""What `doctor` asks SAP: each service by itself, and a log-on that is refused once for all."""

import pytest

from pipeline.assembly import FORMS
from pipeline.clock import Clock
from pipeline.delivery.checks import sap_checks
from pipeline.odata_client.client import Client
from pipeline.odata_client.target import Target


@pytest.fixture
def check(answering):
    """Ask for each form of a SAP that answers everything alike; the checks and how often it was asked."""

    def ask(status):
        server = answering(lambda _heard: (status, {}, b""))

        def connect(form):
            return Client(Target(base_url=server.url, service=form.service, user="U", password="P"), Clock())

        return sap_checks(connect, FORMS.values()), len(server.heard)

    return ask


def test_a_refused_log_on_is_tried_once_and_names_all_it_may_be_due_to(check):
    (refused,), asked = check(401)
    assert (refused.ok, refused.code, asked) == (False, 2, 1)
    assert "B2S_SAP_USER, B2S_SAP_PASSWORD and B2S_SAP_CLIENT" in refused.text


@pytest.mark.parametrize(("status", "code"), [(403, 2), (404, 2), (503, 5)])
def test_what_else_one_service_says_is_asked_of_each(check, status, code):
    assert [one.code for one in check(status)[0]] == [code] * len(FORMS)
