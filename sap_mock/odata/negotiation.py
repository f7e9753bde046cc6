"""$format and Accept → one format. $format wins; without either a Gateway answers Atom ([MS-ODATA] 2.2.3.6.1.5)."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from urllib.parse import parse_qs

from sap_mock.odata.errors import Refusal, refused


class Format(Enum):
    """The formats of entities and of what is made of them."""

    ATOM = "atom"
    JSON = "json"


_FORMATS = {"json": Format.JSON, "atom": Format.ATOM, "xml": Format.ATOM}
_JSON = "application/json"
_ATOM = "application/atom+xml"
_XML_TYPES = frozenset({
    "*/*", "application/*", "application/xml", "text/xml", "application/xhtml+xml",
})  # fmt: skip


@lru_cache(maxsize=256)
def choose(format_option: str | None, accept: str | None, *, atom_type: str = _ATOM) -> Format:
    """The format of a success; raises ODataError: 400 for an unknown $format, 406 for an Accept nobody meets.

    ``atom_type`` is the Atom media type of this resource: the service document has one of its own.
    """
    if format_option is not None:
        media_type = format_option.lower().partition(";")[0].strip()
        found = _FORMATS.get(format_option.lower()) or _by_type(media_type, atom_type)
        if found is None:
            raise refused(Refusal.OPTION_VALUE)
        return found
    if not accept or not accept.strip():
        return Format.ATOM
    for media_type in _preferred(accept):
        found = _by_type(media_type, atom_type)
        if found is not None:
            return found
    raise refused(Refusal.NOT_ACCEPTABLE)


def choose_for_error(query: str, accept: str | None) -> Format:
    """The format of a refusal: as :func:`choose`, but never refusing; XML where nothing says JSON."""
    options = parse_qs(query, errors="replace").get("$format", []) if "format" in query else []
    wanted = [option.partition(";")[0].strip().lower() for option in options] + _preferred(accept or "")
    known = (_FORMATS.get(name) or _by_type(name) for name in wanted)
    return next((found for found in known if found is not None), Format.ATOM)


def accepts_xml(accept: str | None) -> bool:
    """Whether a document that exists as XML only ($metadata) satisfies the Accept field."""
    return not accept or any(media_type in _XML_TYPES for media_type in _preferred(accept))


def check_version(data_service_version: str | None) -> None:
    """Raise ODataError (400) for a DataServiceVersion field beyond 2.0 ([MS-ODATA] 2.2.5.3), as Olingo does."""
    if data_service_version is not None and data_service_version.partition(";")[0].strip() not in ("1.0", "2.0"):
        raise refused(Refusal.MALFORMED_SYNTAX)


def _by_type(media_type: str, atom_type: str = _ATOM) -> Format | None:
    if media_type == _JSON:
        return Format.JSON
    return Format.ATOM if media_type in _XML_TYPES or media_type == atom_type else None


def _preferred(accept: str) -> list[str]:
    """The media types of an Accept field without parameters, best first; the order of equals is kept."""
    weighted = []
    for item in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = 1000
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                digits = value.strip().replace(".", "").ljust(4, "0")[:4]
                quality = int(digits) if digits.isdigit() else 0
        if media_type and quality:
            weighted.append((-quality, media_type))
    return [media_type for _, media_type in sorted(weighted, key=lambda pair: pair[0])]
