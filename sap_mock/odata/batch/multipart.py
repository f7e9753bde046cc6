"""The multipart body of $batch: bytes ⇄ parts. Exact about CRLF on the way out, tolerant of LF on the way in.

Framing as captured (docs/fidelity.md "$batch"): an unquoted boundary, lower-case ``content-transfer-encoding``, the
length of a nested changeset right-aligned in ten characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message
from itertools import count, pairwise
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from sap_mock.odata.errors import Refusal, refused
from sap_mock.odata.messages import BatchPart, Headers, ODataRequest, ODataResponse

REASONS = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 304: "Not Modified", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
    409: "Conflict", 412: "Precondition Failed", 415: "Unsupported Media Type", 428: "Precondition Required",
    429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable",
}  # fmt: skip
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]\Z")
_USUAL_TYPE = re.compile(r"multipart/mixed; ?boundary=([0-9A-Za-z'()+_,./:=?-]{1,70})\Z")
_END_OF_HEAD = re.compile(rb"(?:\A|\n)\r?(?:\n|\Z)")
_REQUEST_LINE = re.compile(r"([A-Z]+) (\S+) HTTP/1\.[01]\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One request of a batch with its Content-ID, if it has one."""

    request: ODataRequest
    content_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesetRequest:
    """The operations that stand or fall together."""

    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one operation."""

    response: ODataResponse
    content_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesetAnswer:
    """The answers to a changeset that was kept."""

    answers: tuple[Answer, ...] = field(default=())


def boundary_of(content_type: str) -> str:
    """The boundary of a multipart/mixed Content-Type; raises ODataError (400)."""
    usual = _USUAL_TYPE.match(content_type)  # what nearly every changeset has; the rest takes a reader of mail
    if usual is not None:
        return usual[1]
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_param("boundary")
    if (
        message.get_content_type() != "multipart/mixed"
        or not isinstance(boundary, str)
        or not _BOUNDARY.match(boundary)
    ):
        raise refused(Refusal.MALFORMED_SYNTAX)
    return boundary


def read(body: bytes, content_type: str, outer: ODataRequest, service_path: str) -> list[Operation | ChangesetRequest]:
    """The parts of a $batch body; raises ODataError (400) for anything that is not one."""
    found: list[Operation | ChangesetRequest] = []
    numbers = count(1)
    for headers, content in _parts(body, boundary_of(content_type)):
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/http":
            found.append(_operation(headers, content, _Place(outer, service_path, next(numbers))))
        elif kind == "multipart/mixed":
            found.append(_changeset(headers, content, outer, service_path, numbers))
        else:
            raise refused(Refusal.MALFORMED_SYNTAX)
    return found


class _Place(NamedTuple):
    """Where an operation stands: in which batch, of which service, with which numbers."""

    outer: ODataRequest
    service_path: str
    number: int
    position: int | None = None


def _changeset(
    headers: Headers, content: bytes, outer: ODataRequest, service_path: str, numbers: Iterator[int]
) -> ChangesetRequest:
    operations = []
    for position, (inner, inner_content) in enumerate(_parts(content, boundary_of(headers["content-type"])), start=1):
        if inner.get("content-type", "").partition(";")[0].strip().lower() != "application/http":
            raise refused(Refusal.MALFORMED_SYNTAX)
        operations.append(_operation(inner, inner_content, _Place(outer, service_path, next(numbers), position)))
    return ChangesetRequest(operations=tuple(operations))


def _parts(body: bytes, boundary: str) -> Iterator[tuple[Headers, bytes]]:
    """The parts between the delimiters: their header fields and content, without the line break before a delimiter."""
    marks = list(_delimiters(body, b"--" + boundary.encode()))
    if not any(mark.closes for mark in marks):
        raise refused(Refusal.MALFORMED_SYNTAX)
    for start, end in pairwise(marks):
        if start.closes:
            return
        yield _head(body[start.end : end.begin])


class _Delimiter(NamedTuple):
    """A line that divides parts: where the line break before it begins, where the next line does."""

    begin: int
    end: int
    closes: bool


def _delimiters(body: bytes, mark: bytes) -> Iterator[_Delimiter]:
    """The lines that hold this mark and nothing else, or two hyphens behind it."""
    at = body.find(mark)
    while at >= 0:
        line_end = body.find(b"\n", at)
        end = line_end + 1 if line_end >= 0 else len(body)
        rest = body[at + len(mark) : end].removesuffix(b"\n").removesuffix(b"\r").rstrip(b" \t")
        if rest in (b"", b"--") and body[at - 1 : at] in (b"", b"\n"):
            begin = at - 2 if body[max(at - 2, 0) : at] == b"\r\n" else max(at - 1, 0)
            yield _Delimiter(begin=begin, end=end, closes=bool(rest))
        at = body.find(mark, at + len(mark))


def _head(block: bytes) -> tuple[Headers, bytes]:
    """Split header fields from content at the first empty line."""
    match = _END_OF_HEAD.search(block)
    head, content = (block[: match.start()], block[match.end() :]) if match else (block, b"")
    fields: list[tuple[str, str]] = []
    for line in head.decode("latin-1").split("\n") if head else ():
        name, colon, value = line.partition(":")
        if not colon:
            raise refused(Refusal.MALFORMED_SYNTAX)
        fields.append((name.strip(), value.strip()))
    return Headers(fields), content


def _operation(part: Headers, content: bytes, place: _Place) -> Operation:
    line, _, rest = content.lstrip(b"\r\n").partition(b"\n")
    match = _REQUEST_LINE.match(line.removesuffix(b"\r").decode("latin-1").strip())
    if match is None:
        raise refused(Refusal.MALFORMED_SYNTAX)
    headers, body = _head(rest)
    length = headers.get("content-length", "")
    if length.isdigit():
        body = body[: int(length)]
    elif headers.get("content-type", "").startswith(("application/json", "application/atom", "application/xml")):
        body = body.rstrip(b"\r\n")
    path, query = _address(match[2], place.service_path)
    content_id = part.get("content-id") or headers.get("content-id")
    request = ODataRequest(
        method=match[1],
        path=path,
        query=query,
        headers=headers,
        body=body,
        origin=place.outer.origin,
        part=BatchPart(number=place.number, position=place.position, content_id=content_id),
        notes=place.outer.notes,
    )
    return Operation(request=request, content_id=content_id)


def _address(target: str, service_path: str) -> tuple[str, str]:
    """Path and query of the four forms clients send: relative, rooted at the service, rooted at the host, absolute."""
    if target.startswith(("http://", "https://")):
        parts = urlsplit(target)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
    raw_path, _, query = target.partition("?")
    path = unquote(raw_path)
    if not path.startswith("/sap/"):
        path = f"{service_path.rstrip('/')}/{path.lstrip('/')}"
    return path, query


def write(answers: Sequence[Answer | ChangesetAnswer], boundary: str) -> bytes:
    """The body of a batch answer. ``boundary`` lacks its last digit: 0 for the batch, 1 for its changesets."""
    outer, inner = f"{boundary}0", f"{boundary}1"
    parts = []
    for answer in answers:
        if isinstance(answer, ChangesetAnswer):
            content = b"".join(f"--{inner}\r\n".encode() + _part(one) for one in answer.answers)
            content += f"--{inner}--\r\n".encode()
            head = f"Content-Type: multipart/mixed; boundary={inner}\r\nContent-Length: {len(content):10d}\r\n\r\n"
            parts.append(head.encode() + content + b"\r\n")
        else:
            parts.append(_part(answer))
    delimiter = f"--{outer}\r\n".encode()
    return b"".join(delimiter + part for part in parts) + f"--{outer}--\r\n".encode()


def _part(answer: Answer) -> bytes:
    response = answer.response
    reason = REASONS.get(response.status, "")
    fields = "".join(f"{name}: {value}\r\n" for name, value in response.headers)
    content = f"HTTP/1.1 {response.status} {reason}\r\n{fields}\r\n".encode() + response.body
    content_id = f"Content-ID: {answer.content_id}\r\n" if answer.content_id else ""
    head = (
        f"Content-Type: application/http\r\nContent-Length: {len(content)}\r\n"
        f"content-transfer-encoding: binary\r\n{content_id}\r\n"
    )
    return head.encode() + content + b"\r\n"
