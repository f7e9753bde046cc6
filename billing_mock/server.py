"""One worker process of granian with a few threads, started and stopped cleanly; knows no address of the app.

The state is the worker's alone, hence one. granian binds with SO_REUSEPORT, so a second server on the same port
would silently take half of the requests: the port is therefore reserved here first, and held.
"""

import errno
import http.client
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

THREADS = 8
READY_SECONDS = 60
HEALTH = "/_mock/health"
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where to reach oneself, not where to bind

Wsgi = Callable[..., Any]


class PortError(Exception):
    """The address cannot be bound; the message says why."""


def resolved(host: str) -> str:
    """The address of a name, as granian wants it: the IPv4 one, where there are several. PortError if there is none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise PortError(f"{host!r} cannot be used: no address goes by this name. Choose another with --host.") from None
    return str(min(found, key=lambda one: one[0] != socket.AF_INET)[4][0])


def reserve(host: str, port: int) -> socket.socket:
    """Take the port (a free one for 0) and hold it against everyone but our own worker; PortError if it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        if port:
            with socket.socket(family, socket.SOCK_STREAM) as probe:  # without SO_REUSEPORT: fails beside any listener
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        held = socket.socket(family, socket.SOCK_STREAM)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host, port))
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        option = "--host" if isinstance(error, OSError) and error.errno == errno.EADDRNOTAVAIL else "--port"
        raise PortError(f"{_bracketed(host)}:{port} cannot be used: {reason}. Choose another with {option}.") from error
    return held


def serve(build: Callable[[], Wsgi], *, host: str, port: int, name: str) -> None:
    """Serve what `build` makes until SIGTERM or Ctrl-C; prints `NAME ready at URL` once it answers.

    PortError if the address cannot be bound.
    """
    host = resolved(host)
    with reserve(host, port) as held:
        bound = held.getsockname()[1]
        server = Server(
            name,
            address=host,
            port=bound,
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=THREADS,
            log_level=LogLevels.error,
            log_dictconfig={"handlers": dict.fromkeys(("console", "access"), _STDERR)},
            workers_kill_timeout=5,
        )
        server.serve(target_loader=partial(_worker, build, host, bound, name), wrap_loader=False)


_STDERR = {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}


def _worker(build: Callable[[], Wsgi], host: str, port: int, name: str) -> Wsgi:
    """Runs in the worker process: the app, and the two threads that announce it and end it with its parent."""
    for variable in [known for known in os.environ if known.startswith(("HTTP_", "CONTENT_"))]:
        del os.environ[variable]  # granian copies the environment into every request, where HTTP_… means a header
    logging.captureWarnings(capture=True)
    app = build()
    threading.Thread(target=_announce, args=(host, port, name), daemon=True).start()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return app


def _announce(host: str, port: int, name: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(_WILDCARDS.get(host, host), port, timeout=READY_SECONDS)
        try:
            connection.request("GET", HEALTH)
            if connection.getresponse().status == http.HTTPStatus.OK:
                sys.stdout.write(f"{name} ready at http://{_bracketed(host)}:{port}\n")
                sys.stdout.flush()
                return
        except OSError:
            time.sleep(0.02)
        finally:
            connection.close()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
