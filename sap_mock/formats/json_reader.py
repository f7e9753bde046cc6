"""JSON bodies read as strictly as a Gateway reads them: the wrong token, form or length is refused with its offset.

The body is read once with the standard parser; only when something is wrong is it walked again, to find the byte
offset that SAP's message names: the start of the value for a token of the wrong kind, the byte behind the value for
one that does not convert (docs/fidelity.md "Offsets").
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sap_mock.edm.model import ComplexType, EntitySet, Model, Property, Relation
from sap_mock.edm.primitives import (
    DateTime,
    DecimalType,
    EdmType,
    EdmValueError,
    InvalidValue,
    JsonNumber,
    NotConvertible,
    WrongToken,
)  # fmt: skip
from sap_mock.formats.json_offsets import value_offsets
from sap_mock.odata.entity import EntityInput
from sap_mock.odata.errors import ODataError, Refusal, refused

_PATH = tuple[str | int, ...]
_DEEPEST = 30  # levels of nested children
_decode: Callable[[str], Any] = json.JSONDecoder(
    parse_float=JsonNumber, parse_constant=lambda _: _refuse_body(), strict=False
).decode


def read_entry(body: bytes, entity_set: EntitySet, model: Model, *, lenient: bool = False) -> EntityInput:
    """One entity with its inline children; raises ODataError (400). ``lenient`` notes what it let pass."""
    reader = _Reader(body, model, lenient=lenient)
    document = reader.document()
    if isinstance(document, dict) and set(document) == {"d"}:
        return reader.entity(document["d"], entity_set, ("d",))
    return reader.entity(document, entity_set, ())


def read_property(body: bytes, prop: Property, model: Model, *, lenient: bool = False) -> Any:
    """The value in ``{"Name": value}`` (or the same under ``d``); raises ODataError (400)."""
    reader = _Reader(body, model, lenient=lenient)
    document = reader.document()
    path: _PATH = ()
    if isinstance(document, dict) and set(document) == {"d"}:
        document, path = document["d"], ("d",)
    if not isinstance(document, dict) or prop.name not in document:
        raise refused(Refusal.MALFORMED_SYNTAX)
    return reader.value(prop, document[prop.name], path)


def read_link(body: bytes) -> str:
    """The address in ``{"uri": "…"}``; raises ODataError (400)."""
    document = _document(body)
    if isinstance(document, dict) and isinstance(document.get("d"), dict):
        document = document["d"]
    if not isinstance(document, dict) or not isinstance(document.get("uri"), str):
        raise refused(Refusal.MALFORMED_SYNTAX)
    return str(document["uri"])


def _document(body: bytes) -> Any:
    try:
        document = _decode(body.removeprefix(BOM_UTF8).decode())
    except (ValueError, RecursionError):
        raise refused(Refusal.BODY_NOT_PARSED) from None
    if b"\\u" in body:
        _refuse_half_characters(document)
    return document


def _refuse_half_characters(document: Any) -> None:
    """Half of a surrogate pair is no character: no codepage can hold it, SAP's included."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise refused(Refusal.NOT_CONVERTIBLE) from None


def _refuse_body() -> Any:
    raise ValueError


class _Reader:
    def __init__(self, body: bytes, model: Model, *, lenient: bool) -> None:
        self._body = body
        self._model = model
        self._lenient = lenient
        self._warnings: list[str] = []

    def document(self) -> Any:
        return _document(self._body)

    def entity(self, token: Any, entity_set: EntitySet, path: _PATH) -> EntityInput:
        if not isinstance(token, dict) or len(path) > 2 * _DEEPEST:
            raise refused(Refusal.MALFORMED_SYNTAX)
        entity_type = entity_set.entity_type
        entity = EntityInput(values={}, warnings=self._warnings)
        for name, member in token.items():
            prop = entity_type.by_name.get(name)
            if prop is not None:
                entity.values[name] = self.value(prop, member, path)
            elif name in entity_type.navigation_by_name:
                relation = self._model.relations.get((entity_set.name, name))
                if relation is not None:
                    self.navigation(entity, relation, member, (*path, name))
            elif name != "__metadata":
                raise refused(Refusal.PROPERTY_INVALID, property=name)
        return entity

    def navigation(self, entity: EntityInput, relation: Relation, member: Any, path: _PATH) -> None:
        if isinstance(member, dict) and "__deferred" in member:
            address = _entity_address(member["__deferred"])
            if address:
                entity.links.setdefault(relation.name, []).append(address)
            return
        if isinstance(member, dict) and "results" in member and relation.to_many:
            member, path = member["results"], (*path, "results")
        if relation.to_many:
            self.children(entity, relation, member, path)
        elif member is not None:
            address = _only_address(member)
            if address:
                entity.links.setdefault(relation.name, []).append(address)
            else:
                entity.inline[relation.name] = self.entity(member, relation.target, path)

    def children(self, entity: EntityInput, relation: Relation, member: Any, path: _PATH) -> None:
        if not isinstance(member, list):
            raise refused(Refusal.PROPERTY_NOT_READ, property=relation.name, offset=self.offsets(path)[0])
        found: list[EntityInput] = []
        for index, child in enumerate(member):
            address = _only_address(child)
            if address:
                entity.links.setdefault(relation.name, []).append(address)
            else:
                found.append(self.entity(child, relation.target, (*path, index)))
        if found or not member:
            entity.inline[relation.name] = found

    def value(self, prop: Property, token: Any, structure: _PATH) -> Any:
        """The value of a property in the structure that stands at a path."""
        if token is None:
            if not prop.facets.nullable:
                raise self._refusal(Refusal.PROPERTY_VALUE, prop, "", (*structure, prop.name))
            return None
        if isinstance(prop.type, ComplexType):
            return self._complex(prop, prop.type, token, (*structure, prop.name))
        try:
            return prop.type.from_json(token, prop.facets)
        except EdmValueError as error:
            return self._leniently(prop, prop.type, token, error, (*structure, prop.name))

    def _complex(self, prop: Property, type_: ComplexType, token: Any, path: _PATH) -> Mapping[str, Any]:
        if not isinstance(token, dict):
            raise self._refusal(Refusal.PROPERTY_NOT_READ, prop, "", path)
        values = {}
        for name, member in token.items():
            inner = type_.by_name.get(name)
            if inner is not None:
                values[name] = self.value(inner, member, path)
            elif name != "__metadata":
                raise refused(Refusal.PROPERTY_INVALID, property=name)
        return values

    def _leniently(self, prop: Property, type_: EdmType, token: Any, error: EdmValueError, path: _PATH) -> Any:
        if self._lenient and isinstance(type_, DecimalType) and type(token) in (int, JsonNumber):
            value = self._decimal(prop, type_, str(token), path)
            self._warnings.append(f"Property '{prop.name}' came as a number; a Gateway wants a string")
            return value
        if self._lenient and isinstance(type_, DateTime) and isinstance(token, str):
            day = _day(token)
            if day is not None:
                self._warnings.append(f"Property '{prop.name}' came without a time; a Gateway wants Edm.DateTime")
                return day
        raise self._refusal(_REFUSALS[type(error)], prop, token, path)

    def _decimal(self, prop: Property, type_: DecimalType, text: str, path: _PATH) -> Any:
        try:
            return type_.from_text(text, prop.facets)
        except EdmValueError:
            raise self._refusal(Refusal.PROPERTY_VALUE, prop, text, path) from None

    def _refusal(self, refusal: Refusal, prop: Property, token: Any, path: _PATH) -> ODataError:
        start, end = self.offsets(path)
        offset = start if refusal is Refusal.PROPERTY_NOT_READ else end
        return refused(refusal, property=prop.name, offset=offset, value=token)

    def offsets(self, path: Sequence[str | int]) -> tuple[int, int]:
        return value_offsets(self._body, path)


_REFUSALS: dict[type[EdmValueError], Refusal] = {
    WrongToken: Refusal.PROPERTY_NOT_READ,
    NotConvertible: Refusal.PROPERTY_CONVERSION,
    InvalidValue: Refusal.PROPERTY_VALUE,
}


def _entity_address(deferred: Any) -> str | None:
    """The address in ``__deferred`` where it is an entity's own; that of a way from another entity ties nothing."""
    uri = deferred.get("uri") if isinstance(deferred, dict) else None
    return uri if isinstance(uri, str) and uri.endswith(")") else None


def _only_address(token: Any) -> str | None:
    """The address of an existing entity: an object with nothing but ``__metadata.uri`` ([MS-ODATA] 2.2.6.3.3)."""
    if isinstance(token, dict) and set(token) == {"__metadata"} and isinstance(token["__metadata"], dict):
        uri = token["__metadata"].get("uri")
        return uri if isinstance(uri, str) else None
    return None


def _day(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - Edm.DateTime has no zone
