"""A service's $metadata, as far as we compare it with our mapping: entity sets, property names, types, lengths."""

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

EDM = "{*}"


class BadMetadata(ValueError):
    """The document is not an OData V2 metadata document that can be read safely."""


@dataclass(frozen=True, kw_only=True)
class Described:
    """One property as the metadata document describes it."""

    type: str
    max_length: int | None
    precision: int | None
    scale: int | None


def read_entity_type(document: bytes, entity_set: str) -> tuple[Mapping[str, Described], tuple[str, ...]]:
    """The properties of the set's entity type, and the names of its key. Raises BadMetadata.

    A document with a DOCTYPE is refused: entities could hide or multiply text (CVE-2026-41066 and older).
    """
    root = _parse(document)
    found = root.find(f".//{EDM}EntitySet[@Name='{entity_set}']")
    if found is None:
        raise BadMetadata(f"the service has no entity set {entity_set}")
    type_name = str(found.get("EntityType", "")).rpartition(".")[2]
    entity_type = root.find(f".//{EDM}EntityType[@Name='{type_name}']")
    if entity_type is None:
        raise BadMetadata(f"the entity type of {entity_set} is not described")
    keys = tuple(str(ref.get("Name")) for ref in entity_type.iterfind(f"{EDM}Key/{EDM}PropertyRef"))
    described = {str(one.get("Name")): _described(one) for one in entity_type.iterfind(f"{EDM}Property")}
    return described, keys


def _parse(document: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise BadMetadata("it is not XML") from error
    if b"<!DOCTYPE" in document:
        raise BadMetadata("it has a DOCTYPE")
    return root


def _described(element: etree._Element) -> Described:
    return Described(
        type=str(element.get("Type")),
        max_length=_number(element.get("MaxLength")),
        precision=_number(element.get("Precision")),
        scale=_number(element.get("Scale")),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
