"""A body as lines that a difference is read in: one value a line, with the way that leads to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

from sap_mock.wire.exchange import Message

_JSON_STARTS = ("{", "[")


class _Literal(str):
    """A number as it was spelled: 1.0 is not 1.00."""

    __slots__ = ()


def laid_out(message: Message) -> list[str]:
    """One line a value for JSON and XML; the text's own lines for all else, JSON and XML among them laid out."""
    text = message.body.decode("utf-8", "backslashreplace")
    whole = _structured(text)
    if whole is not None:
        return whole
    lines: list[str] = []
    for line in text.splitlines():
        lines += _structured(line) or [line]
    return lines


def verbatim(message: Message) -> list[str]:
    """The lines as they came; a carriage return is shown."""
    text = message.body.decode("utf-8", "backslashreplace")
    return [line.replace("\r", "␍") for line in text.split("\n")] if text else []


def _structured(text: str) -> list[str] | None:
    """The lines of a JSON or XML document; None for what is neither."""
    stripped = text.lstrip("\ufeff \t\r\n")
    try:
        if stripped.startswith(_JSON_STARTS):
            return list(_json_lines(_read_json(stripped), ""))
        if stripped.startswith("<"):
            return list(_xml_lines(_read_xml(stripped), ""))
    except (ValueError, etree.XMLSyntaxError):
        pass
    return None


def _read_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=tuple, parse_float=_Literal, parse_int=_Literal)


def _json_lines(value: Any, way: str) -> Iterator[str]:
    if isinstance(value, tuple) and value:  # an object: names and values as they came, doubled names too
        for name, one in value:
            yield from _json_lines(one, f"{way}.{name}" if way else name)
    elif isinstance(value, list) and value:
        for index, one in enumerate(value):
            yield from _json_lines(one, f"{way}[{index}]")
    else:
        shown = {(): "{}"}.get(value) if isinstance(value, tuple) else None
        yield f"{way} = {shown or _spelled(value)}"


def _spelled(value: Any) -> str:
    return str(value) if isinstance(value, _Literal) else json.dumps(value, ensure_ascii=False)


def _read_xml(text: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(text.encode(), parser)


def _xml_lines(element: Any, way: str) -> Iterator[str]:
    named = element.get("Name")  # as all of a $metadata document is
    here = f"{way}/{_name(element.tag)}" + (f"[{named}]" if named else "")
    yield here if not (element.text or "").strip() else f"{here} = {element.text.strip()}"
    for name, value in sorted(element.attrib.items()):
        yield f"{here}/@{_name(name)} = {value}"
    for child in element:
        yield from _xml_lines(child, here)
        if (child.tail or "").strip():
            yield f"{here} = {child.tail.strip()}"


def _name(name: str) -> str:
    return name.rpartition("}")[2]
