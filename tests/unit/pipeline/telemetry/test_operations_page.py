"""The page for operators names each metric with its labels and each log event with its level, and no other."""

import ast
import re
from dataclasses import replace
from pathlib import Path

from pipeline.telemetry import metrics

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
LEVELS = {"exception": "ERROR", "critical": "CRITICAL"}


def rows(head):
    """The cells of the table that begins so."""
    table = PAGE.partition(f"\n{head}")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()[2:]]


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


def test_each_metric_has_its_row_with_its_labels(ledger, clock, arrival, place, transition, done):
    ledger.receive("postman", [arrival("inv_1")], place)
    ledger.set_capacity("SAP", 1)
    counted, standing = metrics.Metrics(), metrics.Standing(ledger, clock, targets=["SAP"])
    counted.transitions([transition()])
    counted.done(replace(done(Delivered=1), opens=False))
    standing.dead_letters = 0
    counted.registry.register(standing)
    told = {
        (re.sub("_(bucket|sum|count)$", "", one.name), frozenset(one.labels) - {"le"})
        for family in counted.registry.collect()
        for one in family.samples
    }
    wanted = {
        (f"billing_to_sap_{names(name)[0]}", frozenset(re.findall(r"\w+", labels)))
        for name, labels, *_ in rows("| metric |")
    }
    assert told == wanted


def test_alerts_ask_for_metrics_that_there_are():
    asked = [re.sub(r"{.*?}|\[.*?]", "", names(alert)[0]) for alert, *_ in rows("| when |")]
    words = set(re.findall(r"[a-z_]{4,}", " ".join(asked))) - {"min_over_time"}
    assert len(words) > 4
    assert words <= {names(name)[0] for name, *_ in rows("| metric |")}


def events():
    """The events that the program logs, each with its level."""
    for module in sorted((ROOT / "pipeline").rglob("*.py")):
        for call in ast.walk(ast.parse(module.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not call.args or not isinstance(call.args[0], ast.Constant):
                continue
            what = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if what == "event":
                given = [one.value for one in call.keywords if one.arg == "level"]
                yield call.args[0].value, given[0].attr if given else "INFO"
            elif what in LEVELS:
                yield call.args[0].value, LEVELS[what]


def test_each_event_has_its_row_with_its_level():
    assert set(events()) == {(name, level) for cell, level, _ in rows("| event |") for name in names(cell)}
