"""The page for those who build the SAP side names what is really sent."""

import re

import pytest
from repository import ROOT

from pipeline.assembly import FORMS

PAGE = (ROOT / "docs" / "what-sap-needs.md").read_text(encoding="utf-8")
BUILT = [form for form in FORMS.values() if form.service.startswith("Z")]


def facets(prop):
    """The property as the page writes it: `Value` Decimal 16.3."""
    size = f" {prop.max_length}" if prop.max_length else f" {prop.precision}.{prop.scale}" if prop.precision else ""
    return f"`{prop.name}` {prop.type.removeprefix('Edm.')}{size}"


def section(service):
    return re.split(r"^## ", PAGE.partition(f"## {service}\n")[2], flags=re.MULTILINE)[0]


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.service)
def test_each_service_has_a_section_with_its_set_its_key_and_how_it_says_already_there(form):
    told = section(form.service)
    assert f"`{form.entity_set}`" in told
    assert f"`{form.key}`" in told
    for code in form.duplicate_codes:
        message_class, _, number = code.partition("/")
        assert re.search(rf"message\s{number} of class {message_class}", told)


@pytest.mark.parametrize("form", BUILT, ids=lambda form: form.service)
def test_a_service_that_is_to_be_built_has_every_property_with_its_size_and_no_other(form):
    sent = {facets(prop) for properties in form.properties.values() for prop in properties}
    assert set(re.findall(r"`[A-Za-z]+` (?:String \d+|Decimal \d+\.\d+|DateTime)\b", section(form.service))) == sent


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.service)
def test_the_page_says_where_the_metadata_of_each_service_lies(form):
    assert f"`sap_mock/services/{form.service.lower()}/metadata.xml`" in PAGE
