"""A target that does a request only once is sent the same request again, and asked nothing."""

import pytest
from between import Between, Changed, Ended, NeverReached, Reply, json_bodies

from pipeline.delivery import repeat
from pipeline.ledger.rows import Waiting
from pipeline.ledger.states import State
from sap_mock.testing import started_gateway

S = State
LOST = Ended(after=0, resets=True)
TARGET = "ZINVOICE_SRV/Invoices"


@pytest.fixture(scope="module")
def idempotent_gateway():
    with started_gateway(["--database", "sqlite://", "--idempotent"]) as gateway:
        yield gateway


@pytest.fixture
def idempotent(idempotent_gateway):
    idempotent_gateway.reset()
    wire = Between(idempotent_gateway.url)
    wire.documents = lambda: idempotent_gateway.entities("ZINVOICE_SRV", "Invoices")
    yield wire
    wire.close()


def request_ids(seen):
    """RequestID → its instant and the document that went with it, of a plain POST or of every operation in a batch."""
    if "requestid" in seen.headers:
        return {seen.headers["requestid"]: (seen.headers["repeatabilitycreation"], json_bodies(seen)[0])}
    lines = seen.body.decode().split("\r\n")
    ids, instants = (
        [line.partition(": ")[2] for line in lines if line.startswith(name)]
        for name in ("RequestID: ", "RepeatabilityCreation: ")
    )
    return dict(zip(ids, zip(instants, json_bodies(seen), strict=True), strict=True))


def told(doing):
    """Let the target say once what it makes of a RequestID."""
    doing.ledger.note_repeatability(TARGET, repeat.ACCEPTED)


@pytest.mark.parametrize("batch_size", [1, 5])
def test_a_lost_answer_is_asked_for_again_with_the_same_id_and_bytes_at_once_and_nothing_is_looked_up(
    delivering, idempotent, invoices, batch_size
):
    """P4: idempotency key used right, with a fifth of the answers lost."""
    idempotent.fate = lambda seen: LOST if seen.number and seen.number % 5 == 2 else None
    doing = delivering(invoices(40), url=idempotent.url, batch_size=batch_size)
    told(doing)
    doing.deliver()
    in_doubt = sum(state is S.AMBIGUOUS for state in doing.states.values())
    began = doing.clock.at
    while doing.resolve().unknown:
        doing.clock.at += 5_000
    assert set(doing.states.values()) == {S.DELIVERED}
    assert in_doubt
    assert doing.clock.at - began < doing.ledger.grace
    assert idempotent.gets == []
    assert len(idempotent.documents()) == 40
    assert idempotent.duplicates == 0
    sent = {}
    for seen in idempotent.posts:
        for identifier, content in request_ids(seen).items():
            assert sent.setdefault(identifier, content) == content
    assert len(sent) == 40


def test_the_ledger_remembers_what_the_target_promised(delivering, idempotent, invoices):
    doing = delivering(invoices(1), url=idempotent.url)
    doing.deliver()
    assert doing.ledger.target(TARGET).repeatability == "accepted"


def test_a_request_that_sap_never_got_is_done_when_it_comes_again(delivering, idempotent, invoices):
    doing = delivering(invoices(3), url=idempotent.url, batch_size=1)
    told(doing)
    idempotent.fate = lambda seen: Ended(after=0, resets=False) if seen.number == 1 else None
    doing.deliver()
    doing.resolve()
    assert set(doing.states.values()) == {S.DELIVERED}
    assert len(idempotent.documents()) == 3


OUTDATED = Reply(
    400,
    {"Content-Type": "application/json"},
    b'{"error":{"code":"/IWBEP/CM_COS/005","message":{"lang":"en","value":"RequestID is outdated"}}}',
)


def test_a_request_whose_answer_sap_no_longer_keeps_is_looked_up(delivering, idempotent, invoices):
    """P4: message 005 says that the request was processed; what it led to is looked up by key, at once."""
    doing = delivering(invoices(1), url=idempotent.url, batch_size=1)
    told(doing)
    idempotent.fate = lambda seen: {1: LOST, 2: OUTDATED}.get(seen.number)
    doing.deliver()
    assert doing.resolve().delivered == 1
    assert (len(idempotent.posts), len(idempotent.gets)) == (2, 1)
    assert doing.states == {"inv_001": S.DELIVERED}


def test_a_request_older_than_what_sap_keeps_is_looked_up_instead(delivering, idempotent, invoices):
    doing = delivering(invoices(1), url=idempotent.url, batch_size=1)
    told(doing)
    idempotent.fate = lambda seen: LOST if seen.number == 1 else None
    doing.deliver()
    doing.clock.at += doing.lookout.retention
    doing.resolve()
    assert (len(idempotent.posts), len(idempotent.gets)) == (1, 1)
    assert doing.states == {"inv_001": S.DELIVERED}


UNSUPPORTED = Reply(
    400,
    {"Content-Type": "application/json", "RepeatabilityResult": "unsupported"},
    b'{"error":{"code":"/IWBEP/CM_COS/001","message":{"lang":"en","value":"Check configuration"}}}',
)


def test_a_target_that_takes_no_request_id_gets_none_any_more_and_that_is_said_once(delivering, between, invoices):
    """P4: unsupported falls back to looking after the grace period."""
    between.fate = lambda seen: {1: UNSUPPORTED, 3: LOST}.get(seen.number)
    doing = delivering(invoices(6), batch_size=1, slots=1)
    run = doing.deliver()
    assert [remark.split(": ")[0] for remark in run.remarks] == [f"{TARGET} takes no RequestID"]
    assert ["requestid" in seen.headers for seen in between.posts] == [True] + [False] * 6
    assert doing.resolve().waiting.count
    assert between.gets == []
    doing.after_grace()
    assert set(doing.states.values()) == {S.DELIVERED}
    assert len(between.gets) == 1
    assert doing.deliver().remarks == []


def test_a_document_that_brings_down_its_whole_batch_keeps_no_other_out(delivering, idempotent, invoices):
    """P6: also where the batch is sent once more as it was."""
    dump = Reply(500, {"Content-Type": "text/html"}, b"<html>500 SAP Internal Server Error</html>")
    idempotent.fate = lambda seen: dump if seen.method == "POST" and b'"inv_003"' in seen.body else None
    doing = delivering(invoices(10), url=idempotent.url, slots=1)
    told(doing)
    doing.deliver()
    for _ in range(5):
        doing.clock.at += 10_000
        doing.resolve()
    assert [key for key, state in doing.states.items() if state is not S.DELIVERED] == ["inv_003"]
    assert (max(idempotent.created.values()), idempotent.duplicates) == (1, 0)


def test_a_target_without_a_word_on_request_ids_is_looked_at_after_the_grace_period(delivering, between, invoices):
    between.fate = lambda seen: LOST if seen.number == 1 else None
    doing = delivering(invoices(1), batch_size=1, slots=1)
    doing.deliver()
    due = doing.clock.at + doing.ledger.grace
    assert doing.resolve().waiting == Waiting(count=1, first=due, last=due)
    assert doing.ledger.target(TARGET).repeatability is None


REFUSAL = b'{"error":{"code":"M3/682","message":{"lang":"en","value":"Locked"}}}'
REFUSALS = {
    # what comes back when the request, which SAP has done, is repeated: where its document goes, before and after the
    # grace period
    "SAP's first answer": (Reply(400, {"RepeatabilityResult": "accepted"}, REFUSAL), S.REJECTED, S.REJECTED),
    "a refusal of its own": (Reply(400, {}, REFUSAL), S.AMBIGUOUS, S.DELIVERED),
    "too busy": (Reply(503, body=b"<p>Error: EOVERLOAD</p>"), S.AMBIGUOUS, S.AMBIGUOUS),
    "a proxy's 503": (Reply(503), S.AMBIGUOUS, S.AMBIGUOUS),
    "nothing": (LOST, S.AMBIGUOUS, S.AMBIGUOUS),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_of_a_repeated_request_is_believed_only_if_it_is_the_first_answer_and_else_looked_into(
    delivering, idempotent, invoices, name
):
    fate, before, after = REFUSALS[name]
    doing = delivering(invoices(1), url=idempotent.url, batch_size=1)
    told(doing)
    idempotent.fate = lambda seen: LOST if seen.number == 1 else fate if seen.number else None
    doing.deliver()
    doing.resolve()
    assert doing.states == {"inv_001": before}
    doing.after_grace()
    assert doing.states == {"inv_001": after}


def test_a_target_that_forgets_its_promise_is_believed_no_longer(delivering, idempotent, invoices):
    silent = Changed(lambda content: content)
    silent.instead = lambda seen: (201, {}, b'{"d":{"ID":"%s"}}' % json_bodies(seen)[0]["ID"].encode())
    doing = delivering(invoices(1), url=idempotent.url, batch_size=1)
    told(doing)
    idempotent.fate = lambda seen: {1: LOST, 2: silent}.get(seen.number)
    doing.deliver()
    doing.resolve()
    assert doing.ledger.target(TARGET).repeatability == "unsupported"


def refuses(doing):
    """SAP still holds its lock on the RequestID, and says so without calling it a first answer."""
    return Reply(400, {}, REFUSAL)


def forgets(doing):
    """Another document has shown that the promise is kept no longer."""
    doing.ledger.note_repeatability(TARGET, repeat.UNSUPPORTED)


@pytest.mark.parametrize("then", [refuses, forgets])
def test_a_repeat_that_sap_may_still_be_doing_is_not_overtaken_however_old_the_first_request_is(
    delivering, between, invoices, then
):
    """P3, P4: the grace period counts from the last time that the request left."""
    doing = delivering(invoices(1), batch_size=1, slots=1)
    told(doing)
    between.fate = lambda seen: NeverReached() if seen.number else None
    doing.deliver()
    doing.clock.at += doing.ledger.grace * 5
    doing.resolve()
    repeated_at = doing.clock.at
    doing.clock.at += 5_000
    answer = then(doing)
    between.fate = lambda seen: answer if seen.number else None
    doing.resolve()
    assert doing.states == {"inv_001": S.AMBIGUOUS}
    assert doing.ledger.waiting(["postman"]).first >= repeated_at + doing.ledger.grace
    doing.after_grace()
    assert doing.states == {"inv_001": S.READY}
