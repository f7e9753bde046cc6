"""Real $metadata documents of SAP systems: all load, nothing in them is lost, and clients read what is served.

The documents stay where they are: B2S_CORPUS names the folder with edmx.tar.xz and edmx-manifest.csv.
"""

from __future__ import annotations

import csv
import os
import tarfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from lxml import etree
from pyodata.v2.model import Config, MetadataBuilder, PolicyIgnore

from sap_mock.edm import consistency
from sap_mock.edm.csdl_reader import MetadataError, read
from sap_mock.edm.csdl_writer import write
from sap_mock.edm.model import Model
from sap_mock.edm.oddities import Oddity, Severity

pytestmark = pytest.mark.corpus

SERVICE = "http://localhost:8000/sap/opu/odata/sap/ANY_SRV/"


@dataclass
class Corpus:
    """The documents by file name, what the manifest says of each, and the models of those that load."""

    documents: dict[str, bytes]
    rows: dict[str, dict[str, str]]
    models: dict[str, Model] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    folder = os.environ.get("B2S_CORPUS")
    if not folder:
        pytest.skip("B2S_CORPUS is not set: it names the folder with edmx.tar.xz and edmx-manifest.csv")
    with tarfile.open(Path(folder) / "edmx.tar.xz") as archive:
        opened = {Path(member.name).name: archive.extractfile(member) for member in archive if member.isfile()}
        documents = {name: file.read() for name, file in opened.items() if file}
    with (Path(folder) / "edmx-manifest.csv").open(encoding="utf-8", newline="") as manifest:
        rows = {row["file"]: row for row in csv.DictReader(manifest)}
    found = Corpus(documents=documents, rows=rows)
    for name in rows:
        try:
            found.models[name] = read(documents[name])
        except MetadataError as error:
            found.refused[name] = str(error)
    return found


def test_every_well_formed_document_loads_and_only_those(corpus):
    assert len(corpus.rows) > 300
    assert set(corpus.models) == {name for name, row in corpus.rows.items() if row["lxml"] == "ok"}


def test_the_others_are_refused_in_one_sentence_with_the_line(corpus):
    assert corpus.refused
    for sentence in corpus.refused.values():
        assert sentence.startswith("The document is not well-formed XML (line ")
        assert "\n" not in sentence


# What the manifest counts → the model's part, and the oddities that leave such an element out
COUNTED = {
    "entity_types": ("entity_types", "EntityType ", ()),
    "complex_types": ("complex_types", "ComplexType ", ()),
    "entity_sets": ("entity_sets", "EntitySet ", (Oddity.SET_WITHOUT_TYPE, Oddity.SET_WITHOUT_KEY)),
    "associations": (
        "associations",
        "Association ",
        (Oddity.END_WITHOUT_TYPE, Oddity.NOT_TWO_ENDS, Oddity.ODD_MULTIPLICITY),
    ),
    "function_imports": ("function_imports", "FunctionImport ", (Oddity.RETURNS_NOTHING_KNOWN,)),
}


def declared(model: Model, part: str, prefix: str, leaving_out: tuple[Oddity, ...]) -> int:
    """How many of a part the document declares: those of the model, and those that a finding says are left out."""
    left_out = {finding.place for finding in model.findings if finding.oddity in leaving_out}
    twice = [f for f in model.findings if f.oddity is Oddity.DEFINED_TWICE and f.place.startswith(prefix)]
    return len(getattr(model, part)) + len(left_out) + len(twice)


@pytest.mark.parametrize("column", COUNTED)
def test_nothing_is_missing_from_a_model_without_a_finding(corpus, column):
    differences = {
        name: (corpus.rows[name][column], found)
        for name, model in corpus.models.items()
        if int(corpus.rows[name][column]) != (found := declared(model, *COUNTED[column]))
    }
    assert differences == {}


def test_nearly_every_document_of_sap_can_be_served_whole(corpus):
    with_errors = {
        name for name, model in corpus.models.items() if any(f.severity is Severity.ERROR for f in model.findings)
    }
    assert len(with_errors) < 0.02 * len(corpus.models), with_errors


def test_the_check_reports_what_the_reader_found(corpus):
    name = max(corpus.models, key=lambda name: len(corpus.models[name].findings))
    assert consistency.findings(corpus.documents[name]) == corpus.models[name].findings


def test_every_way_of_every_entity_set_leads_somewhere_or_is_reported(corpus):
    for name, model in corpus.models.items():
        reported = sum(finding.oddity is Oddity.WAY_TO_NO_SET for finding in model.findings)
        ways = sum(len(entity_set.entity_type.navigation) for entity_set in model.entity_sets.values())
        assert len(model.relations) + reported == ways, name


def test_what_is_served_reads_as_the_same_model(corpus):
    differing = [
        name for name, model in corpus.models.items() if read(write(model, service_url=SERVICE, language="en")) != model
    ]
    assert differing == []


def test_pyodata_reads_what_is_served_wherever_it_reads_the_original(corpus):
    """Strictly where it reads the original so, else with its policy to ignore what it does not know."""
    failed = {}
    for name, model in corpus.models.items():
        row = corpus.rows[name]
        if "ok" not in (row["pyodata_strict"], row["pyodata_ignore_policy"]):
            continue
        config = Config() if row["pyodata_strict"] == "ok" else Config(default_error_policy=PolicyIgnore())
        try:
            MetadataBuilder(write(model, service_url=SERVICE, language="en"), config).build()
        except Exception as error:  # noqa: BLE001 - whatever a client cannot read is a failure of ours
            failed[name] = repr(error)
    assert failed == {}


def seconds(work, document: bytes) -> float:
    """The best of five runs: what the work costs when nothing disturbs it."""
    runs = []
    for _ in range(5):
        start = time.perf_counter()
        work(document)
        runs.append(time.perf_counter() - start)
    return min(runs)


def test_reading_costs_a_small_multiple_of_parsing(corpus):
    """lxml parses a megabyte in about 10 ms, so twenty times that is well under a second."""
    large = [corpus.documents[name] for name in corpus.models if len(corpus.documents[name]) > 500_000]
    assert large
    assert sum(seconds(read, each) for each in large) < 20 * sum(seconds(etree.fromstring, each) for each in large)
