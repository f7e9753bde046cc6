"""Reading a body that somebody else wrote: never longer than a cap, never later than a deadline.

A read timeout is no deadline: an answer that drips ten bytes a second resets it with every byte.
"""

from collections.abc import Callable

from pipeline.clock import Deadline

CHUNK = 65_536


class TooMuch(Exception):
    """The body is larger than the cap, or did not end before the deadline."""


def read_capped(read1: Callable[[int], bytes], *, cap: int, deadline: Deadline) -> bytes:
    """All bytes that `read1(size)` gives until it gives none. Raises TooMuch past the cap or the deadline."""
    parts: list[bytes] = []
    size = 0
    while part := read1(CHUNK):
        parts.append(part)
        size += len(part)
        if size > cap:
            raise TooMuch(f"the answer is larger than {cap} bytes")
        if deadline.passed:
            raise TooMuch("the answer did not end in time")
    return b"".join(parts)
