"""A large XML document, one element after the other, in memory that does not grow with it.

Nothing of the document may reach out or blow up: entities are not resolved, the network and DTDs are off, a DOCTYPE is
refused, depth and the size of one element are limited (libxml2's own limits stay on, too: huge_tree is off).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lxml import etree

CHUNK = 65_536
LARGEST_ELEMENT = 32_000_000
DEEPEST = 24
_BEGINNING = 200
_WEB_PAGE = (b"<!doctype html", b"<html")


class BadXml(Exception):
    """The document is broken, not XML, or not of a kind that may be read safely."""


class OtherDocument(BadXml):
    """The document is a web page, or has another root: reading it once more does not make it the one that is meant."""


class _Meter:
    """Gives bytes on and counts them, so that one element can not fill the memory; remembers how they began."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self.since_last = 0
        self.beginning = b""

    def read(self, size: int) -> bytes:
        part = self._read(min(size, CHUNK))
        self.beginning = self.beginning or part[:_BEGINNING].lstrip().lower()
        self.since_last += len(part)
        if self.since_last > LARGEST_ELEMENT:
            raise BadXml(f"one element is larger than {LARGEST_ELEMENT} bytes")
        return part


def elements(
    read: Callable[[int], bytes], *, root: str, item: str, lists: Mapping[str, str], leave_out: frozenset[str]
) -> Iterator[Any]:
    """Each child `item` of `root` as plain values: objects, lists for the elements named in `lists`, texts, None.

    Children named in `leave_out` are not read. Raises BadXml, and of that OtherDocument where it is not even the
    document that is meant; what was given until then stays.
    """
    meter = _Meter(read)
    try:
        walk = etree.iterparse(
            meter, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        depth = 0
        for event, element in walk:
            depth += 1 if event == "start" else -1
            if event == "start":
                _check(element, depth, root)
            elif depth == 1:
                if _name(element) == item:
                    yield value(element, lists, leave_out)
                    meter.since_last = 0
                _forget(element)
    except etree.XMLSyntaxError as error:
        if meter.beginning.startswith(_WEB_PAGE):
            raise OtherDocument("it is a web page") from error
        raise BadXml("it is not XML, or was cut off") from error


def _check(element: etree._Element, depth: int, root: str) -> None:
    if depth == 1:
        if _name(element) != root:
            raise OtherDocument(f"its root is not {root}")
        if element.getroottree().docinfo.internalDTD is not None:
            raise BadXml("it has a DOCTYPE")
    if depth > DEEPEST:
        raise BadXml(f"it is more than {DEEPEST} elements deep")


def _forget(element: etree._Element) -> None:
    """Let go of an element and of everything before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def value(element: etree._Element, lists: Mapping[str, str], leave_out: frozenset[str] = frozenset()) -> Any:
    """An element as plain values; an empty one is None, however it is written."""
    children = [(_name(child), child) for child in element if isinstance(child.tag, str)]
    item = lists.get(_name(element))
    if item:
        return [value(child, lists) for name, child in children if name == item]
    if not children:
        text = (element.text or "").strip()
        return text or None
    return {name: value(child, lists) for name, child in children if name not in leave_out}


def _name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]
