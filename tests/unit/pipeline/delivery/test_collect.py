"""From a source into the ledger: marks move only behind what is stored, and what nobody repeats is still counted."""

from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from pipeline.delivery.collect import Extent, Feed, collect
from pipeline.delivery.judge import Judge
from pipeline.delivery.report import count
from pipeline.delivery.stop import Stop
from pipeline.ledger.rows import Place, Verdict
from pipeline.ledger.states import State
from pipeline.model.stops import Unavailable
from pipeline.sap import invoice_entity
from pipeline.schemas import postman
from pipeline.sources.page import Page


def record(number, **more):
    total = {"value": 440, "currency": "USD"}
    return {"id": f"inv_{number}", "status": "PAID", "issuedAt": "2023-10-12", "totalAmount": total, **more}


@dataclass
class Source:
    """Gives its pages, each an exception to raise or (records, mark), and remembers from where it was asked."""

    given: list
    name: str = "postman"
    is_incremental: bool = True
    asked: list = field(default_factory=list)

    def pages(self, since):
        self.asked.append(dict(since))
        for page in self.given:
            if isinstance(page, Exception):
                raise page
            yield Page(stream="s", records=tuple(page[0]), mark=page[1])


@pytest.fixture
def run(ledger):
    def start(source, *, limit=None, stop=None, keep=True):
        judge = Judge(source="postman", load=postman.load, form=invoice_entity.FORM, build=invoice_entity.build)
        feed = Feed(source=source, judge=judge, unknown_fields=postman.unknown_fields)
        return collect(feed, ledger, Extent(stop=stop or Stop(), limit=limit, keep=keep))

    return start


def test_the_next_run_begins_at_the_last_mark(run):
    run(Source([([record(1)], None), ([record(2)], "m1")]))
    later = Source([([], "m1")])
    run(later)
    assert later.asked == [{"s": "m1"}]


def test_a_source_that_breaks_off_moves_no_mark_but_keeps_what_came(run, ledger):
    run(Source([([record(1)], "m1")]))
    with pytest.raises(Unavailable):
        run(Source([([record(2)], "m1"), Unavailable("down")]))
    assert ledger.positions("postman") == {"s": "m1"}
    assert len(list(ledger.entries(["postman"]))) == 2


def test_an_empty_page_may_move_the_mark(run, ledger):
    run(Source([([], "m2")]))
    assert ledger.positions("postman") == {"s": "m2"}


def test_a_limit_moves_no_mark_past_what_it_left_out(run, ledger):
    run(Source([([record(1)], "m1")]))
    run(Source([([record(2), record(3)], "m2")]), limit=1)
    assert ledger.positions("postman") == {"s": "m1"}
    run(Source([([record(2), record(3)], "m2")]), limit=2)
    assert ledger.positions("postman") == {"s": "m2"}


def test_what_an_earlier_run_left_unsettled_is_carried_over(run, ledger):
    run(Source([([record(1), record(2, status=None)], "m1")]))
    found = run(Source([([record(3)], "m2")]))
    counted = count(found, ledger.entries(["postman"]), 0).tally
    assert (counted.read, counted.carried, counted.pending, counted.quarantined, counted.holds) == (1, 2, 2, 1, True)
    assert counted.equation.startswith("1 read + 2 carried over = ")


def test_of_a_source_that_gives_everything_only_what_may_still_come_to_sap_is_carried_over(run, ledger):
    run(Source([([record(1), record(2, status=None)], None)], is_incremental=False))
    found = run(Source([([record(3)], None)], is_incremental=False))
    counted = count(found, ledger.entries(["postman"]), 0)
    assert (counted.tally.carried, counted.tally.pending, counted.gone, counted.tally.holds) == (1, 2, 1, True)


class Meanwhile(Stop):
    """Does something with the first wait; waits for nothing."""

    def __init__(self, does):
        super().__init__()
        self._does = [does]

    def wait(self, milliseconds):
        self._does.pop()()
        return self.is_set


def test_who_finds_a_source_being_read_reads_once_that_is_over_and_from_there(run, ledger):
    """P18: what was read earlier is never stored later, as if it were the newer."""
    other = ExitStack()
    assert other.enter_context(ledger.lock("source-postman"))

    def the_other_run_ends():
        ledger.receive("postman", [], Place(stream="s", cursor="m1"))
        other.close()

    source = Source([([record(1)], "m2")])
    assert run(source, stop=Meanwhile(the_other_run_ends)).read == 1
    assert source.asked == [{"s": "m1"}]


def test_a_source_that_is_being_read_is_this_runs_until_its_end(run, ledger):
    class Watched(Source):
        def pages(self, since):
            with ledger.lock("source-postman") as free:
                assert not free
            yield from super().pages(since)

    run(Watched([([record(1)], "m1")]))
    with ledger.lock("source-postman") as free:
        assert free


def test_who_is_asked_to_stop_while_another_run_reads_has_read_nothing(run, ledger):
    stop = Meanwhile(lambda: Stop.set(stop))
    with ledger.lock("source-postman"):
        assert run(Source([([record(1)], "m1")]), stop=stop).read == 0
    assert ledger.positions("postman") == {}


def test_a_rehearsal_stores_nothing_and_so_waits_for_nobody(run, ledger):
    with ledger.lock("source-postman"):
        assert run(Source([([record(1)], "m1")]), keep=False).read == 1


def test_a_rehearsal_gives_the_numbers_and_the_reasons_that_the_run_then_gives(run, ledger):
    def counted(found):
        told = count(found, ledger.entries(["postman"]), 0)
        return told.tally, told.troubles.groups()

    run(Source([([record(1), record(2)], None)]))
    claims = ledger.claim(["postman"], invoice_entity.FORM.name, 9, "A")
    ledger.settle([Verdict(claim=claim, after=State.DELIVERED) for claim in claims])
    changed = record(1, totalAmount={"value": 9, "currency": "USD"})
    pages = [([changed, record(2), record(3, status=None)], None), ([record(4)], None)]
    rehearsed = run(Source(pages), keep=False)
    assert rehearsed.first.source_id == "inv_4"
    numbers = counted(rehearsed)
    assert numbers == counted(run(Source(pages)))
    assert (numbers[0].conflicts, numbers[0].delivered, numbers[0].quarantined, numbers[0].pending) == (1, 1, 1, 1)
    assert [group.place for group in numbers[1]] == ["conflicts", "quarantined"]


def test_a_rehearsal_of_what_is_in_sap_already_would_send_nothing(run, ledger):
    run(Source([([record(1)], None)]))
    claims = ledger.claim(["postman"], invoice_entity.FORM.name, 9, "A")
    ledger.settle([Verdict(claim=claim, after=State.DELIVERED) for claim in claims])
    assert run(Source([([record(1)], None)]), keep=False).first is None
