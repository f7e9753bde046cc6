"""`audit`: the append-only trail as an auditor takes it away, one transition per line.

A spreadsheet takes a text that begins with = + - @, a tab or a return for a formula (OWASP ASVS 5.0, 1.2.10): in CSV
such a text gets an apostrophe in front; numbers stay numbers.
"""

import csv
import json
import re
import sys
from collections.abc import Sequence

import click

from pipeline.cli import choosing
from pipeline.clock import readable

COLUMNS = (
    *("step", "at", "source", "source_id", "revision", "before", "after", "why", "who", "program"),
    *("target", "doc_key", "currency", "amount", "digest", "attempt", "batch_id", "outcome"),
    *("http_status", "sap_code", "sap_message", "sap_transaction_id"),
)
NUMBERS = frozenset({"step", "revision", "amount", "http_status"})
_FORMULA = re.compile(r"[=+\-@\t\r\0]")


def audit(*, sources: Sequence[str], kind: str) -> int:
    """Write the trail of these sources, or of all, to stdout."""
    wanted = choosing.known(sources)
    ledger = choosing.parts().kept_ledger()
    table = csv.writer(sys.stdout, lineterminator="\r\n")
    try:
        if kind == "csv":
            table.writerow(COLUMNS)
        for step in ledger.trail(wanted):
            row = {**step, "at": readable(int(str(step["at"])))}
            if kind == "csv":
                table.writerow([_cell(name, row[name]) for name in COLUMNS])
            else:
                click.echo(json.dumps({name: row[name] for name in COLUMNS}, ensure_ascii=False))
    finally:
        ledger.close()
    return 0


def _cell(name: str, value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if name not in NUMBERS and _FORMULA.match(text) else text
