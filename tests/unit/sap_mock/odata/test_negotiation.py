"""$format, Accept and DataServiceVersion → one format, or a refusal."""

from __future__ import annotations

import pytest

from sap_mock.odata.errors import ODataError
from sap_mock.odata.negotiation import Format, accepts_xml, check_version, choose

BROWSER = "application/atomsvc+xml;q=0.8, application/json;odata=verbose;q=0.5, */*;q=0.1"


@pytest.mark.parametrize(("option", "accept", "found"), [
    (None, None, Format.ATOM), (None, "", Format.ATOM), (None, "*/*", Format.ATOM), (None, "application/json", Format.JSON),
    (None, "application/json;odata=verbose", Format.JSON), (None, "application/atom+xml", Format.ATOM), (None, "text/xml", Format.ATOM),
    (None, "application/xml;q=0.1,application/json", Format.JSON), (None, "image/png,application/json;q=0.5", Format.JSON),
    (None, "application/json;q=0,application/xml", Format.ATOM), (None, BROWSER, Format.JSON),
    ("json", None, Format.JSON), ("json", "application/xml", Format.JSON), ("atom", "application/json", Format.ATOM),
    ("xml", None, Format.ATOM), ("JSON", None, Format.JSON), ("application/json", None, Format.JSON),
])  # fmt: skip
def test_format_beats_accept_and_without_either_it_is_atom(option, accept, found):
    assert choose(option, accept) is found


@pytest.mark.parametrize(("option", "accept", "status"), [
    ("XXXML", None, 400), ("", None, 400), ("xlsx", None, 400), (None, "image/png", 406), (None, "application/atomsvc+xml", 406),
    (None, "application/json;q=0", 406), (None, "nonsense", 406),
])  # fmt: skip
def test_what_nobody_writes_is_refused(option, accept, status):
    with pytest.raises(ODataError) as refused:
        choose(option, accept)
    assert refused.value.status == status


@pytest.mark.parametrize(
    ("accept", "found"),
    [("application/atomsvc+xml", Format.ATOM), ("application/xml", Format.ATOM), (BROWSER, Format.ATOM)],
)
def test_the_service_document_has_an_atom_type_of_its_own(accept, found):
    assert choose(None, accept, atom_type="application/atomsvc+xml") is found
    with pytest.raises(ODataError):
        choose(None, "application/atom+xml", atom_type="application/atomsvc+xml")


@pytest.mark.parametrize(
    ("accept", "fits"), [(None, True), ("*/*", True), ("application/xml", True), ("application/json", False)]
)
def test_metadata_exists_in_xml_only(accept, fits):
    assert accepts_xml(accept) is fits


@pytest.mark.parametrize("version", [None, "1.0", "2.0", "2.0;hallo", " 2.0 "])
def test_versions_up_to_two_are_taken(version):
    check_version(version)


@pytest.mark.parametrize("version", ["3.0", "4.0", "3.2", "somethingwrong", ""])
def test_a_later_version_is_refused(version):
    """[MS-ODATA] 2.2.5.3; Olingo's DataServiceVersionTest."""
    with pytest.raises(ODataError) as refused:
        check_version(version)
    assert refused.value.status == 400
