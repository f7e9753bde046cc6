"""Starts and stops what is measured; knows its processes, so that their memory can be read."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_READY_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    pid: int
    started_in: float

    def resident_megabytes(self) -> float:
        """Resident memory of the process and its children, in MB."""
        return sum(_resident(pid) for pid in (self.pid, *_children(self.pid))) / 1024


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str], port: int, ready_path: str) -> Iterator[Server]:
    """Start a command, wait until ``ready_path`` answers, stop it at the end."""
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(port, ready_path, process)
            yield Server(port=port, pid=process.pid, started_in=time.perf_counter() - begun)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def sap_mock(port: int, database: str, threads: int = 16) -> list[str]:
    """The command that serves ZINVOICE_SRV."""
    return [sys.executable, "-m", "sap_mock", "serve", "--port", str(port), "--database", database,
            "--changeset-operations", "many", "--threads", str(threads)]  # fmt: skip


def bare(port: int) -> list[str]:
    """The command that serves the reference."""
    return [sys.executable, "-m", "scripts.bench.bare", str(port)]


def _wait(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        except OSError:
            if process.poll() is not None:
                raise RuntimeError("the server ended before it was ready") from None
            time.sleep(0.02)
        finally:
            connection.close()
    raise RuntimeError(f"no answer on port {port} within {_READY_SECONDS} seconds")


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                    found.append(int(entry.name))
    return found


def _resident(pid: int) -> int:
    """Kilobytes."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def machine() -> str:
    """One line about the machine."""
    model = "unknown processor"
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    return f"{os.cpu_count()} x {model}, Python {sys.version.split()[0]}, {sys.platform}"
