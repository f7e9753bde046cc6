"""docs/faults.md tells of every fault: what happens, its parameters, what a right client does, a plan, its test."""

import json
import re

import pytest
from repository import ROOT
from test_fidelity import NAMED_TEST, functions_in

from billing_mock.faults import FAULTS as BILLING_FAULTS
from billing_mock.faults import REACH
from sap_mock.faults import FAULTS
from sap_mock.faults.plan_reader import read

PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
BILLING = PAGE.partition("## billing-mock's faults")[2]
CURL = re.compile(r"curl http://127\.0\.0\.1:8000/_mock/faults --json '(\{.*\})'")


def test_the_page_tells_of_every_fault_and_of_no_other():
    assert sorted(SECTIONS) == sorted(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_parameters_a_right_client_a_plan_and_a_test(name):
    section = SECTIONS[name]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", section, re.MULTILINE)
    parameters = FAULTS[name].parameters
    assert dict(rows) == {key: str(parameter.default) or "(none)" for key, parameter in parameters.items()}
    assert "A right client" in section
    assert read(json.loads(CURL.search(section)[1]), FAULTS).fault == name
    ((path, test),) = NAMED_TEST.findall(section)
    assert test in functions_in(path)


def test_every_module_of_a_fault_says_what_a_right_client_does():
    for fault in FAULTS.values():
        path = ROOT / "sap_mock" / "faults" / f"{fault.name}.py"
        words = " ".join((path.read_text(encoding="utf-8").split('"""')[1]).split())
        assert "right client" in words, fault.name


def test_the_table_of_billing_mock_tells_of_every_fault_its_parameters_and_its_vendors():
    told = {}
    for names, parameters, vendors in re.findall(
        r"^\| (`\w+`(?:, `\w+`)*) \| (.*?) ?\| (.*?) \|", BILLING, re.MULTILINE
    ):
        for name in re.findall(r"\w+", names):
            told[name] = set(re.findall(r"`(\w+)`", parameters)), set(vendors.split(", "))
    assert told == {name: (set(defaults), set(REACH.get(name, {"all"}))) for name, defaults in BILLING_FAULTS.items()}
