"""How much SAP bears: requests in flight, documents in one request. Learned, and never above what is granted.

Additive increase, multiplicative decrease, as TCP does (Chiu and Jain 1989): a sign of trouble halves the limit, a row
of good exchanges raises it by a step. Trouble is what SAP says (429, 503), silence, and an answer that took far longer
than the quickest of late for as many documents, since a dialog work process that is waited for shows as latency before
it shows as a refusal.
"""

from collections import deque

GOOD_IN_A_ROW = 10
REMEMBERED = 50
FAR = 4
MARGIN = 2_000


class Limit:
    """A whole number from 1 to `most` that follows what it is told. Not for several threads at once."""

    def __init__(self, most: int, *, step: int = 1) -> None:
        self.most = most
        self.now = most
        self._step = step
        self._good = 0
        self._latencies: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)

    def observe(self, *, milliseconds: int, documents: int, busy: bool) -> None:
        """Take note of one exchange: how long it took, for how many documents, and whether it met trouble."""
        as_many = [took * max(documents, of) // of for took, of in self._latencies]
        slow = bool(as_many) and milliseconds > FAR * min(as_many) + MARGIN
        self._latencies.append((milliseconds, documents))
        if busy or slow:
            self._good = 0
            self.now = max(self.now // 2, 1)
            return
        self._good += 1
        if self._good >= GOOD_IN_A_ROW:
            self._good = 0
            self.now = min(self.now + self._step, self.most)
