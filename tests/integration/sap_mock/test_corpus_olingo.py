"""Apache Olingo's reference scenario, replayed: SAP ported Olingo 2 from its ABAP library, so its answers are a guide.

B2S_CORPUS names the folder with the recorded cases, B2S_REPLAY the program that sends them. Levels: status equal, shape
(the same keys or elements), values. Where what is known of a real Gateway differs from Olingo, the Gateway wins.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sap_mock.testing import started_gateway

pytestmark = [pytest.mark.corpus, pytest.mark.processes, pytest.mark.xdist_group("olingo")]

SUPPORT = Path(__file__).parents[2] / "support"
UNKNOWN_NAME = "an unknown name in $select or $expand is 400 at a Gateway (docs/fidelity.md, row 34)"
ACCEPT_OF_WRITE = "an empty Accept field asks for nothing in particular; the answer to a change has no body anyway"
WAY_TO_CHANGE = "Olingo's library does not change an entity by a way that leads to it; a data provider of SAP's may"
NUMBER_AS_TEXT = "a Gateway's JSON reader takes an integer in quotes"
COLLECTION_METADATA = "a Gateway writes a function's collection as results only"

# The end of a case's id → why its answer differs in shape
DIFFERENCES = {
    "ContentNegotiationTest.formatNotSupported#0": "an unknown $format is 400 at a Gateway (docs/fidelity.md, row 28)",
    "EntryJsonChangeTest.createEntryWithInlineFeed#5": "the body has a member twice; the last one counts",
    "EntryXmlChangeTest.createInvalidXml#1": "a body that says it is Atom is read as Atom, also for a media entity",
    "EntryXmlChangeTest.createInvalidXml#2": "follows from #1",
    "EntryXmlReadOnlyTest.expand#2": UNKNOWN_NAME,
    "EntryXmlReadOnlyTest.expand#5": UNKNOWN_NAME,
    "EntryXmlReadOnlyTest.select#8": UNKNOWN_NAME,
    "EntryXmlReadOnlyTest.select#9": UNKNOWN_NAME,
    "EntryXmlReadOnlyTest.select#10": UNKNOWN_NAME,
    "EntryXmlReadOnlyTest.select#11": UNKNOWN_NAME,
    "FeedXmlReadOnlyTest.filter#21": "Olingo's provider cannot filter by a related entity's property; ours can",
    "FunctionImportJsonTest.simpleTypeCollection#0": COLLECTION_METADATA,
    "FunctionImportJsonTest.complexTypeCollection#0": COLLECTION_METADATA,
    "LinksJsonReadOnlyTest.links#0": "links are in results at a Gateway, as every collection of protocol version 2",
    "MiscChangeTest.deletePropertyValue#6": WAY_TO_CHANGE,
    "MiscChangeTest.deleteEntry#8": WAY_TO_CHANGE,
    "MiscChangeTest.deleteLink#4": WAY_TO_CHANGE,
    "PropertyJsonChangeTest.simplePropertyWithInvalidAcceptHeader#0": ACCEPT_OF_WRITE,
    "PropertyJsonChangeTest.simplePropertyWithInvalidAcceptHeader#1": ACCEPT_OF_WRITE,
    "PropertyJsonChangeTest.simplePropertyWithInvalidAcceptHeader#2": ACCEPT_OF_WRITE,
    "PropertyJsonChangeTest.simplePropertyWithInvalidAcceptHeader#3": ACCEPT_OF_WRITE,
    "PropertyJsonChangeTest.simplePropertyWithAcceptHeader#2": NUMBER_AS_TEXT,
    "PropertyJsonChangeTest.simplePropertyWithoutAcceptHeader#2": NUMBER_AS_TEXT,
    "PropertyXmlReadOnlyTest.simpleProperty#6": "binary data that nobody has set is empty in ABAP, not missing",
    "ServiceJsonTest.serviceDocumentAcceptHeaderInvalidCharset#0": "parameters of an Accept field do not count",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What the replay of the portable cases says."""
    corpus, replay = os.environ.get("B2S_CORPUS"), os.environ.get("B2S_REPLAY")
    if not corpus or not replay:
        pytest.skip("B2S_CORPUS (the folder with olingo_ref.*) and B2S_REPLAY (the path of replay.py) are not both set")
    found = tmp_path_factory.mktemp("olingo") / "report.json"
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("PYTHONPATH", str(SUPPORT))
        with started_gateway(["--database", "sqlite://", "--service", "olingo_reference"]) as gateway:
            arguments = {
                "--cases": f"{corpus}/olingo_ref.jsonl",
                "--seed": f"{corpus}/olingo_ref.seed.json",
                "--target": gateway.service("REFSCENARIO").rstrip("/"),
                "--auth": f"{gateway.user}:{gateway.password}",
                "--reset-url": f"{gateway.url}/_mock/reset",
                "--skip": "tag:unportable",
                "--out": str(found),
            }
            command = [sys.executable, replay, "--csrf", *(word for pair in arguments.items() for word in pair)]
            said = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    assert found.exists(), said.stdout + said.stderr
    return json.loads(found.read_bytes())


def differing(report) -> dict[str, list[str]]:
    return {row["id"].partition(":")[2]: row["why"] for row in report["results"] if not row["shape"]}


def test_at_least_95_of_100_portable_cases_are_answered_in_the_same_shape(report):
    assert report["cases"] > 500
    assert report["shape"] / report["cases"] >= 0.95, sorted(differing(report))


def test_every_difference_has_its_reason(report):
    found = differing(report)
    assert {name: why for name, why in found.items() if name not in DIFFERENCES} == {}


def test_no_reason_is_given_for_a_difference_that_is_gone(report):
    assert sorted(set(DIFFERENCES) - set(differing(report))) == []
