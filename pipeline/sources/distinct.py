"""How many different names were seen, in eight bytes for each time one was.

Two names in ten million share a digest of 64 bits once in half a million walks; the count is then one too low, and who
counts walks again.
"""

from array import array
from hashlib import blake2b

_BUCKETS = 256


class Distinct:
    """Names that are counted, not kept."""

    def __init__(self) -> None:
        self.buckets = [array("Q") for _ in range(_BUCKETS)]

    def add(self, name: str) -> None:
        """See a name, for the first time or again."""
        told = int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
        self.buckets[told % _BUCKETS].append(told)

    def update(self, other: "Distinct") -> None:
        """See all that the other has seen."""
        for ours, theirs in zip(self.buckets, other.buckets, strict=True):
            ours.extend(theirs)

    def count(self) -> int:
        """How many different ones."""
        return sum(len(set(bucket)) for bucket in self.buckets)
