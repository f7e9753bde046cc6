"""What must not be written anywhere, because an invoice would be lost, doubled or changed by it."""

import ast

import pytest
from repository import modules, name, tree

VALUE_CODE = ("pipeline", "sap_mock/edm", "sap_mock/odata", "sap_mock/formats", "sap_mock/storage", "sap_mock/services")
WHY = {
    "verify=False": "a server that cannot prove who it is gets no invoice and no password",
    "allowed_methods=None": "urllib3 would repeat a POST whose answer was lost, and SAP would book twice",
}
BINARY_BY_DEFINITION = {
    "sap_mock/edm/primitives.py::Double": "Edm.Double is a binary fraction",
    "sap_mock/storage/sqlite_functions.py::_aligned": "so is a comparison with one",
    "sap_mock/storage/sqlite_functions.py::_rounded": "and rounding one",
}
CLOCKS = {"fromtimestamp", "utcfromtimestamp", "localtime", "mktime"}


def keywords(module):
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if isinstance(keyword.value, ast.Constant):
                    yield f"{keyword.arg}={keyword.value.value}", node.lineno
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                if isinstance(target, ast.Attribute):
                    yield f"{target.attr}={node.value.value}", node.lineno


def test_no_call_switches_off_what_protects_a_delivery():
    found = [
        f"{name(path)}:{line} {keyword}: {WHY[keyword]}"
        for path in modules("pipeline", "sap_mock")
        for keyword, line in keywords(tree(path))
        if keyword in WHY
    ]
    assert found == []


def conversions_to_float(module):
    """`float(...)` of anything but a constant, with the outermost class or function around it."""
    for outermost in module.body:
        for node in ast.walk(outermost):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
            if called and not all(isinstance(argument, ast.Constant) for argument in node.args):
                yield getattr(outermost, "name", "")


def test_no_amount_passes_through_a_binary_fraction():
    found = {f"{name(path)}::{scope}" for path in modules(*VALUE_CODE) for scope in conversions_to_float(tree(path))}
    assert found == set(BINARY_BY_DEFINITION)


@pytest.mark.parametrize("package", VALUE_CODE)
def test_no_day_passes_through_a_local_time_zone(package):
    found = [
        f"{name(path)}:{node.lineno} {node.attr}"
        for path in modules(package)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS
    ]
    assert found == []


def test_the_rules_would_catch_what_they_forbid():
    assert list(conversions_to_float(ast.parse("def f(x):\n    return float(x), float('inf')"))) == ["f"]
    breach = ast.parse("s.verify = False\nRetry(allowed_methods=None)\nget(u, verify=False)")
    assert sorted(keyword for keyword, _ in keywords(breach)) == [
        "allowed_methods=None",
        "verify=False",
        "verify=False",
    ]
