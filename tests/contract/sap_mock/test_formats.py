"""Any entity that a format writes, it reads back equal: JSON and Atom, every Edm type, every facet."""

from __future__ import annotations

import random

import generated
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sap_mock.formats import atom_reader, json_reader
from sap_mock.formats.atom import Atom
from sap_mock.formats.verbose_json import VerboseJson
from sap_mock.formats.view import View
from sap_mock.odata.entity import Entity

FORMATS = {
    "json": (VerboseJson(), json_reader.read_entry),
    "atom": (Atom(), atom_reader.read_entry),
}
SETS = [
    "Samples",
    "Customers",
    "Orders",
    "OrderItems",
    "ScheduleLines",
    "Switches",
    "Tags",
    "Employees",
    "Contacts",
    "Documents",
]


def written_and_read(model, name, kind, values):
    writer, read = FORMATS[kind]
    entity_set = model.entity_sets[name]
    view = View(root="http://localhost:8000/sap/opu/odata/sap/REFERENCE_SRV/", model=model)
    return read(writer.write_entry(Entity(values=values), entity_set, view), entity_set, model)


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), name=st.sampled_from(SETS), nulls=st.sampled_from([0, 0.2, 1]))
def test_any_entity_comes_back_equal(model, kind, seed, name, nulls):
    values = generated.entity(model.entity_sets[name].entity_type, random.Random(seed), nulls=nulls)  # noqa: S311 - hypothesis chooses the seed
    read = written_and_read(model, name, kind, values)
    assert read.values == values
    assert not read.inline
    assert not read.links


@pytest.mark.parametrize("kind", FORMATS)
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_but_for_blanks_at_its_end(model, kind, text):
    """ABAP's text has no blanks at its end, so a Gateway writes none."""
    values = generated.entity(model.entity_sets["Samples"].entity_type, random.Random(1))  # noqa: S311 - one and the same entity
    read = written_and_read(model, "Samples", kind, {**values, "Text": text})
    assert read.values["Text"] == text.rstrip(" ")
