"""The reference: a bare Flask route that answers with JSON, on the same server as sap-mock."""

from __future__ import annotations

from typing import Any

from flask import Flask


def app() -> Flask:
    """The application."""
    flask = Flask("bare")

    @flask.get("/bare")
    def bare() -> dict[str, Any]:
        return {"ID": "inv_1", "Status": "PAID", "Value": "440.000", "Currency": "USD"}

    return flask


def main(port: int) -> None:
    """Serve it until told to stop."""
    from granian import Granian  # noqa: PLC0415 - the module is also imported by granian's workers
    from granian.constants import Interfaces  # noqa: PLC0415 - as above
    from granian.log import LogLevels  # noqa: PLC0415 - as above

    Granian(
        "scripts.bench.bare:app",
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=16,
        factory=True,
        log_level=LogLevels.error,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    import sys

    main(int(sys.argv[1]))
