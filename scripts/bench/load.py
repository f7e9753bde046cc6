"""A load generator over bare keep-alive sockets: a fixed number of requests, a few connections, nothing but counting.

Answers are read to their last byte and their status is checked, so a fast refusal never passes for a fast answer.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_CONNECTIONS = 8
_STALLED_SECONDS = 60


@dataclass
class _Connection:
    socket: socket.socket
    buffer: bytearray = field(default_factory=bytearray)


def requests_per_second(port: int, requests: Iterator[bytes], count: int, status: int) -> float:
    """Send ``count`` requests and give the rate; raises ``RuntimeError`` for an answer with another status."""
    selector = selectors.DefaultSelector()
    connections = [_Connection(socket.create_connection(("127.0.0.1", port))) for _ in range(_CONNECTIONS)]
    begun = time.perf_counter()
    sent = done = 0
    for connection in connections:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.socket.sendall(next(requests))
        sent += 1
    while done < count:
        ready = selector.select(_STALLED_SECONDS)
        if not ready:
            raise RuntimeError(f"no answer for {_STALLED_SECONDS} seconds, after {done} answers")
        for key, _ in ready:
            connection = key.data
            connection.buffer += connection.socket.recv(1 << 20)
            if not _complete(connection.buffer, status):
                continue
            connection.buffer.clear()
            done += 1
            if sent < count:
                connection.socket.sendall(next(requests))
                sent += 1
    took = time.perf_counter() - begun
    for connection in connections:
        connection.socket.close()
    return count / took


def _complete(buffer: bytearray, status: int) -> bool:
    """Whether a whole answer is there; raises ``RuntimeError`` for another status."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(buffer[:end])
    if not head.startswith(f"HTTP/1.1 {status} ".encode()):
        raise RuntimeError(f"{status} was expected, and {bytes(buffer[:600])!r} came")
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    if at < 0:
        return buffer.endswith(b"0\r\n\r\n") or status == 204
    length = int(lowered[at + 15 :].split(b"\r\n", 1)[0])
    return len(buffer) >= end + 4 + length


def repeated(request: bytes) -> Iterator[bytes]:
    """The same request for ever."""
    while True:
        yield request


def numbered(build: Callable[[int], bytes], first: int = 0) -> Iterator[bytes]:
    """Requests built from 0, 1, 2 and on."""
    number = first
    while True:
        yield build(number)
        number += 1
