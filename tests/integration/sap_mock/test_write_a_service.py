"""docs/write-a-service.md does what it says: its files are written, its service started, its calls made in order."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from sap_mock.odata import entity
from sap_mock.odata.entity import EntityInput
from sap_mock.provider import data_provider, data_util, exceptions, message_class, model_provider, select_options
from sap_mock.provider.data_provider import Dpc
from sap_mock.provider.message_container import MessageContainer
from sap_mock.provider.model_provider import Mpc
from sap_mock.provider.request_context import RequestContext, ResponseContext
from sap_mock.provider.select_options import SelectOption
from sap_mock.services.accounting import customizing
from sap_mock.storage.entity_store import EntityStore
from sap_mock.storage.number_ranges import NumberRanges
from sap_mock.testing import started_gateway

PAGE = Path(__file__).parents[3] / "docs" / "write-a-service.md"
ADDRESS = "http://127.0.0.1:8000"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Block:
    language: str
    file: str
    text: str


BLOCKS = [Block(*found) for found in BLOCK.findall(PAGE.read_text(encoding="utf-8"))]
RUN = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-W", "error", "-c"]}


def calls():
    """What the page runs, each with what it says comes out."""
    pairs = [(a, b) for a, b in pairwise(BLOCKS) if b.language == "text"]
    return [(call, said.text) for call, said in pairs if "sap-mock serve" not in call.text]


def serve_arguments():
    (command,) = [block.text for block in BLOCKS if "sap-mock serve" in block.text]
    path, program, serve, *arguments = shlex.split(command)
    assert (path, program, serve) == ("PYTHONPATH=.", "sap-mock", "serve")
    return arguments


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The folder with the page's files, where Python finds them."""
    for block in BLOCKS:
        if block.file:
            target = tmp_path / block.file
            target.parent.mkdir(exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page calls curl, which is not here")
def test_every_call_of_the_page_answers_what_the_page_says(package):
    environ = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    heard = []
    with started_gateway(serve_arguments()) as gateway:
        for call, _ in calls():
            command = [*RUN[call.language], call.text.replace(ADDRESS, gateway.url)]
            done = subprocess.run(
                command, cwd=package, env=environ, capture_output=True, text=True, timeout=60, check=False
            )
            heard.append(done.stdout or done.stderr)

    assert len(heard) >= 4
    assert heard == [said for _, said in calls()]


def test_a_journal_over_another_companys_data_starts(package, monkeypatch):
    shutil.copy(customizing._DEFAULT, package / "company.json")
    monkeypatch.chdir(package)

    with started_gateway(["--service", "my_journal", "--database", "sqlite://"]) as gateway:
        assert gateway.entities("ZJOURNAL_SRV", "JournalEntries") == []


NOT_NAMES = {"context", "data", "metadata", "xml", "status", "is_leading", "sap", "IN", "messages", "store"}
"""Parameters, files, headers and instance attributes on the right of the tables."""


def test_every_name_on_the_right_of_the_tables_exists():
    modules = (data_provider, data_util, entity, exceptions, message_class, model_provider, select_options)
    classes = (Dpc, Mpc, RequestContext, ResponseContext, EntityInput, SelectOption)
    kept = (MessageContainer, NumberRanges, EntityStore)
    known = {name for place in (*modules, *classes, *kept) for name in vars(place)} | {"data_util", "number_ranges"}
    tables = PAGE.read_text(encoding="utf-8").partition("## What it is called here")[2].partition("## Where")[0]
    rows = [row.strip("| ").split(" | ")[1] for row in tables.splitlines() if row.startswith("| `")]
    quoted = [code for row in rows for code in re.findall(r"`([^`]+)`", row)]
    names = {
        part.removeprefix("invoices_")
        for code in quoted
        for part in re.match(r"(?:raise )?(?:self\.)?([\w.]*)", code)[1].split(".")
    }

    assert len(names) > 40
    assert names - known - NOT_NAMES - {""} == set()
