"""The multipart body of $batch: bytes ⇄ parts. Exact about CRLF on the way out, tolerant of LF on the way in.

Framing as captured (docs/fidelity.md "$batch"): an unquoted boundary, lower-case ``content-transfer-encoding``, the
length of a nested changeset right-aligned in ten characters. Why parts are not frozen: ``odata.messages``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import Message
from itertools import count
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
_EMPTY_LINE = re.compile(rb"\r?(?:\n|\Z)")
_LATER_EMPTY_LINE = re.compile(rb"\n\r?(?:\n|\Z)")
_REQUEST_LINE = re.compile(r"([A-Z]+) (\S+) HTTP/1\.[01]\Z")


@dataclass(slots=True, kw_only=True)
class ChangesetRequest:
    """The operations that stand or fall together."""

    operations: tuple[ODataRequest, ...]


@dataclass(slots=True, kw_only=True)
class Answer:
    """The answer to one operation; ``to_head`` leaves its body out, though not the length of it."""

    response: ODataResponse
    content_id: str | None = None
    to_head: bool = False


@dataclass(slots=True, kw_only=True)
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


def read(
    body: bytes, content_type: str, outer: ODataRequest, service_path: str
) -> list[ODataRequest | ChangesetRequest]:
    """The parts of a $batch body; raises ODataError (400) for anything that is not one."""
    reader = _Reader(outer, service_path)
    return [reader.part(*_head(block)) for block in _blocks(body, boundary_of(content_type))]


class _Reader:
    """Reads the parts of one batch, whose operations are numbered through."""

    def __init__(self, outer: ODataRequest, service_path: str) -> None:
        self._outer = outer
        self._root = service_path.rstrip("/")
        self._numbers = count(1)

    def part(self, headers: Headers, content: bytes) -> ODataRequest | ChangesetRequest:
        kind = _kind(headers)
        if kind == "application/http":
            return self._operation(headers, content, None)
        if kind == "multipart/mixed":
            return self._changeset(headers, content)
        raise refused(Refusal.MALFORMED_SYNTAX)

    def _changeset(self, headers: Headers, content: bytes) -> ChangesetRequest:
        operations = []
        for position, block in enumerate(_blocks(content, boundary_of(headers["content-type"])), start=1):
            inner, inner_content = _head(block)
            if _kind(inner) != "application/http":
                raise refused(Refusal.MALFORMED_SYNTAX)
            operations.append(self._operation(inner, inner_content, position))
        return ChangesetRequest(operations=tuple(operations))

    def _operation(self, part: Headers, content: bytes, position: int | None) -> ODataRequest:
        line, _, rest = content.lstrip(b"\r\n").partition(b"\n")
        match = _REQUEST_LINE.match(line.decode("latin-1").strip())
        if match is None:
            raise refused(Refusal.MALFORMED_SYNTAX)
        headers, body = _head(rest)
        length = headers.get("content-length", "")
        if length.isdigit():
            body = body[: int(length)]
        elif headers.get("content-type", "").startswith(("application/json", "application/atom", "application/xml")):
            body = body.rstrip(b"\r\n")
        path, query = _address(match[2], self._root)
        content_id = part.get("content-id") or headers.get("content-id")
        return ODataRequest(
            method=match[1],
            path=path,
            query=query,
            headers=headers,
            body=body,
            origin=self._outer.origin,
            part=BatchPart(number=next(self._numbers), position=position, content_id=content_id),
            notes=self._outer.notes,
        )


def _kind(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _blocks(body: bytes, boundary: str) -> list[bytes]:
    """What stands between the lines that hold the boundary and nothing else, up to the one that closes."""
    mark = b"--" + boundary.encode()
    blocks: list[bytes] = []
    begin = None
    at = body.find(mark)
    while at >= 0:
        line_end = body.find(b"\n", at)
        end = line_end + 1 if line_end >= 0 else len(body)
        rest = body[at + len(mark) : end].removesuffix(b"\n").removesuffix(b"\r").rstrip(b" \t")
        if rest in (b"", b"--") and body[at - 1 : at] in (b"", b"\n"):
            if begin is not None:
                blocks.append(body[begin : at - 2 if body[at - 2 : at] == b"\r\n" else at - 1])
            if rest:
                return blocks
            begin = end
        at = body.find(mark, at + len(mark))
    raise refused(Refusal.MALFORMED_SYNTAX)


def _head(block: bytes) -> tuple[Headers, bytes]:
    """Split header fields from content at the first empty line."""
    match = _EMPTY_LINE.match(block) or _LATER_EMPTY_LINE.search(block)
    head, content = (block[: match.start()], block[match.end() :]) if match else (block, b"")
    fields = []
    for line in head.decode("latin-1").split("\n") if head else ():
        name, colon, value = line.partition(":")
        if not colon:
            raise refused(Refusal.MALFORMED_SYNTAX)
        fields.append((name.strip(), value.strip()))
    return Headers(fields), content


def _address(target: str, root: str) -> tuple[str, str]:
    """Path and query of the four forms clients send: relative, rooted at the service, rooted at the host, absolute."""
    if target.startswith(("http://", "https://")):
        parts = urlsplit(target)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
    raw_path, _, query = target.partition("?")
    path = unquote(raw_path)
    return path if path.startswith("/sap/") else f"{root}/{path.lstrip('/')}", query


def write(answers: Iterable[Answer | ChangesetAnswer], boundary: str) -> bytes:
    """The body of a batch answer. ``boundary`` lacks its last digit: 0 for the batch, 1 for its changesets."""
    delimiter = f"--{boundary}0\r\n".encode()
    parts = [
        _changeset(answer, f"{boundary}1") if isinstance(answer, ChangesetAnswer) else _part(answer)
        for answer in answers
    ]
    return b"".join(delimiter + part for part in parts) + f"--{boundary}0--\r\n".encode()


def _changeset(answer: ChangesetAnswer, boundary: str) -> bytes:
    delimiter = f"--{boundary}\r\n".encode()
    content = b"".join(delimiter + _part(one) for one in answer.answers) + f"--{boundary}--\r\n".encode()
    head = f"Content-Type: multipart/mixed; boundary={boundary}\r\nContent-Length: {len(content):10d}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def _part(answer: Answer) -> bytes:
    """One operation's answer: its Content-Type first, its length, its other header fields."""
    response = answer.response
    first, *others = response.headers or (("content-type", "text/html"),)
    fields = _lines([_titled(first), ("Content-Length", str(len(response.body))), *others])
    content = f"HTTP/1.1 {response.status} {REASONS.get(response.status, '')}\r\n{fields}\r\n".encode()
    if not answer.to_head:
        content += response.body
    content_id = f"Content-ID: {answer.content_id}\r\n" if answer.content_id else ""
    head = (
        f"Content-Type: application/http\r\nContent-Length: {len(content)}\r\n"
        f"content-transfer-encoding: binary\r\n{content_id}\r\n"
    )
    return head.encode() + content + b"\r\n"


def _lines(fields: Iterable[tuple[str, str]]) -> str:
    return "".join([f"{name}: {value}\r\n" for name, value in fields])


def _titled(field: tuple[str, str]) -> tuple[str, str]:
    return ("Content-Type", field[1]) if field[0] == "content-type" else field
