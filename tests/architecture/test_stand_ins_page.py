"""docs/stand-ins.md has every address below /_mock/ that scripts use, and no other."""

import re

import pytest
from repository import ROOT

from billing_mock.app import create_app as billing
from billing_mock.options import Options
from sap_mock.settings import from_environ
from sap_mock.web.app import create_app as sap
from sap_mock.web.services import chosen

PAGE = (ROOT / "docs" / "stand-ins.md").read_text(encoding="utf-8")


def sap_mock(folder):
    settings = from_environ({}, {"database": f"sqlite:///{folder}/sap.db"})
    app = sap(settings, chosen(settings), folder / "generation", durable=False)
    app.extensions["sap_mock"].dispose()
    return app


def billing_mock(_folder):
    return billing(Options(invoices=1))


@pytest.mark.parametrize("stand_in", [sap_mock, billing_mock])
def test_every_address_has_its_row_and_every_row_is_an_address(stand_in, tmp_path):
    served = {
        f"{method} {rule.rule}"
        for rule in stand_in(tmp_path).url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/_mock/") and not rule.endpoint.startswith("console.")
    }
    section = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1 if stand_in is sap_mock else 2]
    assert set(re.findall(r"^\| `([A-Z]+ /_mock/\S+)` \|", section, re.MULTILINE)) == served
