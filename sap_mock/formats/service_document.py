"""What is at the service root, in JSON and in XML (docs/fidelity.md "Service document")."""

from __future__ import annotations

import json

from sap_mock.edm.model import EntitySet, Model
from sap_mock.edm.sap_annotations import entity_set_flags
from sap_mock.formats.xml_text import APP, ATOM, DECLARATION, SAP, M, attribute, element


def write_json(model: Model) -> bytes:
    """``{"d":{"EntitySets":[…]}}``."""
    return json.dumps({"d": {"EntitySets": list(model.entity_sets)}}, separators=(",", ":")).encode()


def write_xml(model: Model, root: str, language: str) -> bytes:
    """The AtomPub service document; ``root`` is the service's absolute address with its trailing slash."""
    collections = "".join(_collection(entity_set) for entity_set in model.entity_sets.values())
    links = "".join(f'<atom:link rel="{rel}" href={attribute(root)}/>' for rel in ("self", "latest-version"))
    return (
        f'{DECLARATION}<app:service xml:lang="{language}" xml:base={attribute(root)} xmlns:app="{APP}" '
        f'xmlns:atom="{ATOM}" xmlns:m="{M}" xmlns:sap="{SAP}"><app:workspace><atom:title type="text">Data</atom:title>'
        f"{collections}</app:workspace>{links}</app:service>"
    ).encode()


def _collection(entity_set: EntitySet) -> str:
    flags = "".join(f" sap:{name}={attribute(value)}" for name, value in entity_set_flags(entity_set).items())
    return (
        f"<app:collection{flags} href={attribute(entity_set.name)}>"
        f'<atom:title type="text">{entity_set.name}</atom:title>'
        f"{element('sap:member-title', entity_set.entity_type.name)}</app:collection>"
    )
