"""A ledger that is older than SAP is not believed; what other workers sent in the meantime is no sign of that."""

from types import SimpleNamespace

import pytest

from pipeline.delivery.guard import look_before_sending
from pipeline.ledger.rows import Verdict
from pipeline.ledger.states import State
from pipeline.odata_client.answers import Found, Several

FOUND = Found(entity={})
TARGET = "ZINVOICE_SRV/Invoices"


@pytest.fixture
def lookout(ledger, arrival, place):
    """SAP shows all that it is asked for; `meanwhile` happens while it is asked."""
    ledger.receive("postman", [arrival("inv_1"), arrival("inv_2")], place)

    def build(meanwhile, sight=FOUND):
        def look(keys):
            meanwhile()
            return [sight for _ in keys]

        entities = SimpleNamespace(log_on=lambda: None, close=lambda: None, look=look)
        form = SimpleNamespace(types={}, differences=lambda _payload, _shown: ())
        return SimpleNamespace(ledger=ledger, at_once=50, forms={TARGET: form}, connect=lambda _target: entities)

    return build


def send(ledger, count=2):
    claims = ledger.claim(["postman"], TARGET, count, "other")
    ledger.settle([Verdict(claim=claim, after=State.DELIVERED, outcome="delivered") for claim in claims])


def test_what_sap_shows_and_nobody_sent_means_an_old_ledger(lookout, ledger):
    targets = look_before_sending(lookout(lambda: None), ["postman"])
    assert "already shows 2 of the first 2" in str(*targets.stops)
    assert TARGET not in targets
    assert ledger.distrusted()


def test_what_sap_shows_twice_is_there_too(lookout, ledger):
    assert look_before_sending(lookout(lambda: None, Several(count=2)), ["postman"]).stops
    assert ledger.distrusted()


def test_what_another_worker_sends_while_sap_is_asked_means_nothing(lookout, ledger):
    assert TARGET in look_before_sending(lookout(lambda: send(ledger)), ["postman"])
    assert not ledger.distrusted()


def test_what_vanished_and_is_shown_again_after_a_retry_is_taken_over_alone(lookout, ledger, arrival):
    """P5: somebody has repeated the update (SM13) between `retry --id` and the sending."""
    asked = lookout(lambda: None)
    send(ledger)
    ledger.vanished([one.id for one in ledger.current("postman", ["inv_1"]).values()], "not shown")
    ledger.renew("postman", [arrival("inv_1")])
    assert TARGET in look_before_sending(asked, ["postman"])
    assert not ledger.distrusted()
    assert ledger.claim(["postman"], TARGET, 9, "me") == []
    assert ledger.current("postman", ["inv_1"])["inv_1"].state == State.AMBIGUOUS


def test_one_that_nobody_sent_among_others_that_were_sent_still_counts(lookout, ledger):
    targets = look_before_sending(lookout(lambda: send(ledger, 1)), ["postman"])
    assert "already shows 1 of the first 2" in str(*targets.stops)
