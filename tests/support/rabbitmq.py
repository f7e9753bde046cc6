"""A RabbitMQ node of its own for tests: in a temporary folder, on free ports of 127.0.0.1, gone at the end.

Node, cookie, epmd and log are private, so that it neither finds nor disturbs another node of the machine.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MISSING = (
    "RabbitMQ is not installed: `apt-get install rabbitmq-server` (looked for in /usr/lib/rabbitmq/bin and on PATH, "
    "with epmd), or name a broker in B2S_TEST_BROKER_URL"
)
READY_SECONDS = 120
CONFIG = """
loopback_users.guest = true
log.file = false
log.console = true
log.console.level = warning
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 10MB
"""


class NoBroker(Exception):
    """There is no RabbitMQ to start, or it did not start; the message says which."""


def program() -> Path | None:
    """The script that starts a node in the foreground."""
    installed = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    on_path = shutil.which("rabbitmq-server")
    found = installed if installed.exists() else Path(on_path) if on_path else None
    return found if shutil.which("epmd") else None


class Broker:
    """One node; what it has stored survives `kill` and `start`."""

    def __init__(self, folder: Path) -> None:
        found = program()
        if found is None:
            raise NoBroker(MISSING)
        self._program = found
        self._folder = folder
        self._port, self._distribution, epmd = _free_ports(3)
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}//"
        self._node: subprocess.Popen[bytes] | None = None
        (folder / "rabbitmq.conf").write_text(CONFIG)
        (folder / "plugins").write_text("[].\n")
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))},
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"b2s{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}",
        }
        epmd_program = shutil.which("epmd") or "epmd"
        self._epmd = subprocess.Popen(
            [epmd_program, "-port", str(epmd), "-address", "127.0.0.1"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        # Erlang starts an epmd of its own, which would outlive the node, where it finds none.
        self._wait(self._epmd, lambda: _answers(epmd), "epmd")

    def start(self) -> None:
        """Start the node and wait until it speaks AMQP. Raises NoBroker."""
        with (self._folder / "log").open("ab") as log:
            self._node = subprocess.Popen(
                [self._program],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=self._environ,
                start_new_session=True,  # its own group, so that the script and the machine behind it end together
            )
        self._wait(self._node, lambda: _speaks_amqp(self._port), "RabbitMQ")

    def _wait(self, process: subprocess.Popen[bytes], is_ready: Callable[[], bool], name: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                log = self._folder / "log"
                raise NoBroker(
                    f"{name} did not start: {log.read_text('utf-8', 'replace')[-2000:] if log.exists() else ''}"
                )
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.2)

    def kill(self) -> None:
        """End the node at once, as a power cut would."""
        if self._node is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._node.pid, signal.SIGKILL)
            self._node.wait(30)
            self._node = None

    def control(self, *arguments: str) -> str:
        """Have `rabbitmqctl` do something to the node; what it said. Raises NoBroker."""
        done = subprocess.run(
            [self._program.with_name("rabbitmqctl"), "--quiet", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd=self._folder,
            env=self._environ,
            timeout=READY_SECONDS,
        )
        if done.returncode:
            raise NoBroker(done.stdout + done.stderr)
        return done.stdout

    def close(self) -> None:
        """End everything that was started."""
        self.kill()
        self._epmd.kill()
        self._epmd.wait(30)


@contextmanager
def node() -> Iterator[Broker]:
    """A running node with nothing in it; raises :class:`NoBroker`."""
    folder = Path(tempfile.mkdtemp(prefix="b2s-rabbitmq-"))
    try:
        broker = Broker(folder)
        try:
            broker.start()
            yield broker
        finally:
            broker.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def _speaks_amqp(port: int) -> bool:
    """Whether the port answers the protocol header with Connection.Start, which a node does once it takes clients."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
            probe.sendall(b"AMQP\x00\x00\x09\x01")
            return probe.recv(1) == b"\x01"
    except OSError:
        return False


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
