"""A case as a .http file, read and written without losing a byte.

    What stands before the first mark is about the case.

    ### REQUEST
    POST /sap/opu/odata/sap/ZINVOICE_SRV/Invoices HTTP/1.1
    Content-Type: application/json

    {"ID":"90001"}

    ### RESPONSE
    HTTP/1.1 201 Created
    content-type: application/json; charset=utf-8

    {"d":{"ID":"90001"}}

A REQUEST without a RESPONSE was never answered; ``### RESPONSE cut`` ended too early. The body begins behind the first
empty line and is verbatim; the line break that ends it and the empty line before a mark belong to the mark. A body
that is no text, or has a mark of its own, is written in base64, and its mark says so.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path

from sap_mock.wire.exchange import Case, Exchange, Fields, Message, Request, Response

_MARK = re.compile(rb"^### (REQUEST|RESPONSE)((?: [a-z0-9]+)*)\r?\n", re.MULTILINE)
_REQUEST_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/1\.[01]")
_STATUS_LINE = re.compile(r"HTTP/1\.[01] ([0-9]{3})(?: (.*))?")
_HEAD = re.compile(rb"\r?\n\r?\n")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")
_BETWEEN = re.compile(rb"(?:\r?\n){0,2}\Z")
_AT_THE_END = re.compile(rb"(?:\r?\n)?\Z")


class CaseUnreadable(Exception):
    """The file is no case; the message says where and why."""


def read_file(path: Path) -> Case:
    """The case of a file, called like it; raises :class:`CaseUnreadable`."""
    try:
        return read(path.read_bytes(), path.stem)
    except (OSError, CaseUnreadable) as error:
        raise CaseUnreadable(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def read(content: bytes, name: str) -> Case:
    """The case written in ``content``; raises :class:`CaseUnreadable`."""
    marks = list(_MARK.finditer(content))
    if not marks:
        raise CaseUnreadable("there is no line '### REQUEST'")
    about = content[: marks[0].start()].decode("utf-8", "replace").strip()
    exchanges: list[Exchange] = []
    ends = [mark.start() for mark in marks[1:]] + [len(content)]
    for mark, end in zip(marks, ends, strict=True):
        flags = mark[2].decode().split()
        head, body = _halves(content[mark.end() : end], last=end == len(content))
        try:
            body = base64.b64decode(body, validate=False) if "base64" in flags else body
            if mark[1] == b"REQUEST":
                exchanges.append(Exchange(request=_request(head, body)))
                continue
            answered = _answered(exchanges, _response(head, body, cut="cut" in flags))
        except (ValueError, CaseUnreadable) as error:
            line = content.count(b"\n", 0, mark.start()) + 1
            raise CaseUnreadable(f"line {line}: {error}") from error
        exchanges[-1] = answered
    return Case(name=name, exchanges=tuple(exchanges), about=about)


def write(case: Case) -> bytes:
    """The file of a case."""
    blocks = [case.about.strip().encode()] if case.about.strip() else []
    for exchange in case.exchanges:
        request = exchange.request
        blocks.append(_block("REQUEST", f"{request.method} {request.target} HTTP/1.1", request))
        if exchange.response is not None:
            response = exchange.response
            mark = "RESPONSE cut" if response.cut else "RESPONSE"
            blocks.append(_block(mark, f"HTTP/1.1 {response.status} {response.reason}".rstrip(), response))
    return b"\n\n".join(blocks) + b"\n"


def _block(mark: str, line: str, message: Message) -> bytes:
    body = message.body
    if body and not _is_text(body):
        mark, body = f"{mark} base64", base64.encodebytes(body).rstrip()
    head = "\n".join([f"### {mark}", line, *(f"{name}: {value}".rstrip() for name, value in message.fields)])
    return head.encode() + (b"\n\n" + body if body else b"")


def _is_text(body: bytes) -> bool:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return not _NO_TEXT.search(text) and not _MARK.search(body + b"\n")


def _halves(block: bytes, *, last: bool) -> tuple[list[str], bytes]:
    """The lines of the head, and the body without what belongs to the next mark."""
    block = (_AT_THE_END if last else _BETWEEN).sub(b"", block, count=1)
    found = _HEAD.search(block)
    head, body = (block[: found.start()], block[found.end() :]) if found else (block, b"")
    return [line.rstrip("\r") for line in head.decode("utf-8", "replace").split("\n")], body


def _request(head: list[str], body: bytes) -> Request:
    match = _REQUEST_LINE.fullmatch(head[0])
    if match is None:
        raise CaseUnreadable(f"{head[0]!r} is no request line such as 'GET /path HTTP/1.1'")
    return Request(method=match[1], target=match[2], fields=_fields(head[1:]), body=body)


def _response(head: list[str], body: bytes, *, cut: bool) -> Response:
    match = _STATUS_LINE.fullmatch(head[0])
    if match is None:
        raise CaseUnreadable(f"{head[0]!r} is no status line such as 'HTTP/1.1 200 OK'")
    return Response(status=int(match[1]), reason=match[2] or "", fields=_fields(head[1:]), body=body, cut=cut)


def _answered(exchanges: list[Exchange], response: Response) -> Exchange:
    if not exchanges or exchanges[-1].response is not None:
        raise CaseUnreadable("a response has no request before it")
    return Exchange(request=exchanges[-1].request, response=response)


def _fields(lines: list[str]) -> Fields:
    fields = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon and line:
            raise CaseUnreadable(f"{line!r} is no header field such as 'Name: value'")
        if line:
            fields.append((name.strip(), value.strip()))
    return tuple(fields)
