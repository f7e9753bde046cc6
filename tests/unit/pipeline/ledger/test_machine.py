"""Whatever happens in whatever order: no document is created twice, and in the end none is missing.

SAP is a counter here that accepts duplicates on purpose, so that they can be seen. A request may take effect as late as the grace
period allows, whatever became of its sender.
"""

from collections import Counter
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from pipeline_stands import MovedClock

from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Arrival, Place, Verdict
from pipeline.ledger.states import State

S = State
GRACE, LEASE = 660_000, 300_000
POSTMAN = ["postman"]
KEYS = ("inv_1", "inv_2")
FATES = ("created", "refused", "not taken", "answer lost", "late", "died before", "died after", "died, late")


class Deliveries(RuleBasedStateMachine):
    """One ledger, one SAP, and everything that can go wrong between them."""

    def __init__(self):
        super().__init__()
        self.clock = MovedClock()
        self.ledger = Ledger.open("sqlite://", self.clock, grace=GRACE, lease=LEASE)
        self.created = Counter()
        self.content = {}
        self.late = []
        self.latest = {}

    @rule(key=st.sampled_from(KEYS), content=st.sampled_from("ab"))
    def arrive(self, key, content):
        arrival = Arrival(
            source="postman",
            source_id=key,
            target="T",
            record="{}",
            digest=content,
            doc_key=key,
            payload=content.encode(),
            currency="USD",
            amount=Decimal(1),
        )
        self.ledger.receive("postman", [arrival], Place(stream="s"))
        self.latest[key] = content

    @rule(fates=st.lists(st.sampled_from(FATES), min_size=2, max_size=2), delay=st.sampled_from((1, LEASE, GRACE)))
    def send(self, fates, delay):
        claims = self.ledger.claim(POSTMAN, "T", 3, self.clock.guid())
        for claim, fate in zip(claims, fates, strict=False):
            self._meet(claim, fate, delay)

    def _meet(self, claim, fate, delay):
        if fate in {"created", "answer lost", "died after"}:
            self._create(claim)
        if fate in {"late", "died, late"}:
            self.late.append((self.clock.at + delay, claim))
        after = {
            "created": S.DELIVERED,
            "refused": S.REJECTED,
            "not taken": S.READY,
            "answer lost": S.AMBIGUOUS,
            "late": S.AMBIGUOUS,
        }.get(fate)
        if after is not None:
            self.ledger.settle([Verdict(claim=claim, after=after, look_at=claim.sent_at + GRACE)])

    def _create(self, claim):
        self.created[claim.doc_key] += 1
        self.content.setdefault(claim.doc_key, claim.payload)

    @rule(milliseconds=st.sampled_from((1, 15_000, LEASE, GRACE)))
    def wait(self, milliseconds):
        self.clock.at += milliseconds
        for commit in [one for one in self.late if one[0] <= self.clock.at]:
            self.late.remove(commit)
            self._create(commit[1])

    @rule(dies=st.booleans())
    def look(self, dies):
        self.ledger.expire()
        claims = self.ledger.looks(POSTMAN, 3, self.clock.guid())
        if not dies:
            self.ledger.settle([self._seen(claim) for claim in claims], before=S.RESOLVING)
        self.ledger.release_held()

    def _seen(self, claim):
        if claim.doc_key not in self.content:
            assert self.ledger.grace_is_over(claim)
            return Verdict(claim=claim, after=S.READY)
        same = self.content[claim.doc_key] == claim.payload
        return Verdict(claim=claim, after=S.DELIVERED if same else S.CONFLICT)

    @invariant()
    def nothing_is_created_twice(self):
        assert max(self.created.values(), default=0) <= 1

    @invariant()
    def every_invoice_is_in_exactly_one_place(self):
        assert sorted(entry.source_id for entry in self.ledger.entries(POSTMAN)) == sorted(self.latest)

    def teardown(self):
        for _ in range(4):
            self.wait(GRACE)
            self.wait(LEASE)
            self.look(dies=False)
            self.send(["created"] * 2, 1)
        self.nothing_is_created_twice()
        ends = {entry.source_id: entry.state for entry in self.ledger.entries(POSTMAN)}
        self.ledger.close()
        assert set(ends.values()) <= {S.DELIVERED, S.REJECTED, S.CONFLICT}
        for key, state in ends.items():
            if state is S.DELIVERED:
                assert (self.created[key], self.content[key]) == (1, self.latest[key].encode())


Deliveries.TestCase.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
TestDeliveries = Deliveries.TestCase
