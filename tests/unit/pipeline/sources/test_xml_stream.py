"""XML of any size and any malice: element by element, in flat memory, nothing resolved, nothing fetched."""

import subprocess
import sys
from io import BytesIO

import pytest

from pipeline.sources import xml_stream
from pipeline.sources.xml_stream import BadXml, elements

LISTS = {"Lines": "Line"}


def read(document, **more):
    given = {"root": "Doc", "item": "Item", "lists": LISTS, "leave_out": frozenset({"Secret"}), **more}
    return list(elements(BytesIO(document).read, **given))


def test_elements_become_plain_values():
    document = b"<Doc><Other>x</Other><Item><A> 1 </A><B/><C></C><Lines><Line><N>2</N></Line></Lines></Item></Doc>"
    assert read(document) == [{"A": "1", "B": None, "C": None, "Lines": [{"N": "2"}]}]


@pytest.mark.parametrize(("lines", "expected"), [(0, None), (1, 1), (3, 3)])
def test_one_child_is_a_list_as_well_as_many(lines, expected):
    (item,) = read(b"<Doc><Item><Lines>" + b"<Line><N>1</N></Line>" * lines + b"</Lines></Item></Doc>")
    assert item == ({"Lines": [{"N": "1"}] * lines} if expected else {"Lines": []})


def test_what_is_left_out_is_not_kept():
    assert read(b"<Doc><Item><Secret><Name>x</Name></Secret><A>1</A></Item></Doc>") == [{"A": "1"}]


@pytest.mark.parametrize("item", [b"<Item/>", b"<Item></Item>", b"<Item>   </Item>"])
def test_an_empty_element_is_nothing_however_it_is_written(item):
    assert read(b"<Doc>" + item + b"</Doc>") == [None]


def test_namespaces_comments_and_instructions_do_no_harm():
    document = (
        b'<?xml version="1.0"?><!-- a --><d:Doc xmlns:d="u"><!-- b --><d:Item><?x y?><d:A>1</d:A></d:Item></d:Doc>'
    )
    assert read(document) == [{"A": "1"}]


BOMB = (
    b'<!DOCTYPE Doc [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Doc><Item><A>&b;</A></Item></Doc>'
)
FILE = b'<!DOCTYPE Doc [<!ENTITY x SYSTEM "file:///etc/hostname">]><Doc><Item><A>&x;</A></Item></Doc>'
REMOTE = b'<!DOCTYPE Doc SYSTEM "http://127.0.0.1:9/x.dtd"><Doc><Item><A>1</A></Item></Doc>'


@pytest.mark.parametrize("document", [BOMB, FILE, REMOTE, BOMB.decode().encode("utf-16")])
def test_a_doctype_is_refused(document):
    """P21: so no entity is ever expanded and nothing is fetched."""
    with pytest.raises(BadXml, match="DOCTYPE"):
        read(document)


@pytest.mark.parametrize("document", [b"", b"{}", b"<Doc>", b"<Doc><Item>", b"<Doc></Item></Doc>", b"\x00\x01"])
def test_what_is_broken_is_told(document):
    with pytest.raises(BadXml, match="not XML"):
        read(document)


def test_another_document_is_told():
    with pytest.raises(BadXml, match="root is not Doc"):
        read(b"<html><body/></html>")


def test_depth_is_limited():
    """P21: depth."""
    with pytest.raises(BadXml, match="deep"):
        read(b"<Doc><Item>" + b"<A>" * 40 + b"</A>" * 40 + b"</Item></Doc>")


def test_the_size_of_one_element_is_limited(monkeypatch):
    monkeypatch.setattr(xml_stream, "LARGEST_ELEMENT", 1_000_000)
    with pytest.raises(BadXml, match="larger than"):
        read(b"<Doc><Item>" + b"<A>1</A>" * 200_000 + b"</Item></Doc>")


def test_elements_before_a_break_are_given():
    found = elements(
        BytesIO(b"<Doc><Item><A>1</A></Item><Item><A>").read, root="Doc", item="Item", lists={}, leave_out=frozenset()
    )
    assert next(found) == {"A": "1"}
    with pytest.raises(BadXml):
        next(found)


MEASURED = """
import resource, sys
from pipeline.sources.xml_stream import elements

line = b"<PriceLine><SKU>x</SKU><Quantity>1</Quantity><UnitPrice>10.00</UnitPrice><VAT>2.10</VAT></PriceLine>"
item = b"<Invoice><Header><InvoiceID>1</InvoiceID></Header><PriceLines>" + line * 40 + b"</PriceLines></Invoice>"


def document(megabytes):
    yield b"<InvoiceResponse>"
    for _ in range(megabytes * 1_000_000 // len(item)):
        yield item
    yield b"</InvoiceResponse>"


parts = document(int(sys.argv[1]))
read = elements(
    lambda _: next(parts, b""), root="InvoiceResponse", item="Invoice", lists={"PriceLines": "PriceLine"},
    leave_out=frozenset(),
)
print(sum(1 for _ in read), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.processes
def test_a_document_of_any_size_needs_the_same_memory():
    """P21: in a process of its own, since libxml2's memory is not Python's; 1 GB was measured (docs/benchmarks.md)."""

    def measured(megabytes):
        command = [sys.executable, "-c", MEASURED, str(megabytes)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        return map(int, done.stdout.split())

    (few, little), (many, much) = measured(2), measured(40)
    assert many > 15 * few
    assert much < little + 8_000  # kilobytes
