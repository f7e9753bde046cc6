"""The gateway as the container image: a compose file of one service, and pytest-docker to start it.

pytest-docker runs its set-up before it begins to look after what it started, so ``up`` runs here, inside its care.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sap_mock.testing.gateway import SapGateway
from sap_mock.testing.starting import NotStarted, first_user

_PORT = 8000
_SECONDS = 120


@contextmanager
def gateway_in_container(
    image: str, arguments: Sequence[str] = (), *, command: str = "docker compose"
) -> Iterator[SapGateway]:
    """A sap-mock of ``image`` on a free port of 127.0.0.1, gone at the end; raises :class:`NotStarted`.

    ``arguments`` are those of ``sap-mock serve``; ``command`` is how Docker Compose is called.
    """
    from pytest_docker.plugin import get_docker_ip, get_docker_services  # noqa: PLC0415 - only who uses containers has it

    with tempfile.TemporaryDirectory(prefix="sap-mock-") as folder:
        file = Path(folder) / "compose.yaml"
        file.write_text(json.dumps(_compose(image, arguments)), encoding="utf-8")  # JSON is YAML
        project = f"sap-mock-{os.getpid()}"
        with get_docker_services(command, str(file), project, [], ["down --volumes --timeout 2"]) as services:
            compose = services._docker_compose  # noqa: SLF001 - it has no other way to run a command
            try:
                compose.execute(f"up --wait --wait-timeout {_SECONDS}")
            except Exception as error:
                said = compose.execute("logs --no-color --tail 30", success_codes=(0, 1)).decode()
                raise NotStarted(f"the container of {image} did not get ready: {error}\n{said}") from error
            port = services.port_for("sap-mock", _PORT)
            user, password = first_user(arguments)
            yield SapGateway(url=f"http://{get_docker_ip()}:{port}", user=user, password=password)


def _compose(image: str, arguments: Sequence[str]) -> dict[str, object]:
    escaped = [argument.replace("$", "$$") for argument in arguments]
    service = {
        "image": image,
        "command": ["sap-mock", "serve", "--host", "0.0.0.0", "--port", str(_PORT), *escaped],  # noqa: S104 - inside it
        "ports": [f"127.0.0.1::{_PORT}"],
    }
    return {"services": {"sap-mock": service}}
