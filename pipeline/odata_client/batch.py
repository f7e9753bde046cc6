"""$batch, written and read, exact about CRLF. No I/O.

One changeset per created document: Gateway's default implementation takes one operation per changeset, and a changeset
is one logical unit of work, so no document falls with another. Shapes: SAP Help "Batch Processing", SAP Note 1869434; a
failed changeset answers with one plain application/http part in the changeset's place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.odata_client.answer import Answer, NoAnswer

CRLF = b"\r\n"
BLANK = CRLF + CRLF
_CUT = NoAnswer(why="the batch answer was cut off or is not what was asked for")


@dataclass(frozen=True, kw_only=True)
class Create:
    """POST a payload to an entity set, in a changeset of its own; `fields` are header fields of this operation."""

    entity_set: str
    payload: bytes
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Look:
    """GET one resource."""

    path: str


Operation = Create | Look


class NotMultipart(ValueError):
    """The bytes do not have the shape of a multipart body."""


def content_type(boundary: str) -> str:
    """The Content-Type of a batch, boundary unquoted as SAP writes it."""
    return f"multipart/mixed; boundary={boundary}"


_LOOK = (
    b"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    b"GET %b HTTP/1.1\r\nAccept: application/json\r\n\r\n"
)
_CHANGESET = (
    b"Content-Type: %(type)b\r\n\r\n"
    b"--%(mark)b\r\n"
    b"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: %(number)d\r\n\r\n"
    b"POST %(set)b HTTP/1.1\r\n"
    b"Content-Type: application/json\r\nAccept: application/json\r\n%(fields)bContent-Length: %(length)d\r\n\r\n"
    b"%(payload)b\r\n--%(mark)b--\r\n"
)


def write(operations: Sequence[Operation], boundary: str) -> bytes:
    """The batch body. Raises ValueError if the boundary occurs in a payload."""
    mark = boundary.encode("ascii")
    if any(isinstance(operation, Create) and mark in operation.payload for operation in operations):
        raise ValueError("the boundary occurs in a payload")
    parts = [_write_part(operation, number, boundary) for number, operation in enumerate(operations, start=1)]
    return b"".join(b"--%b\r\n%b\r\n" % (mark, part) for part in parts) + b"--%b--\r\n" % mark


def _write_part(operation: Operation, number: int, boundary: str) -> bytes:
    if isinstance(operation, Look):
        return _LOOK % operation.path.encode("ascii")
    inner = f"changeset_{boundary}-{number}"
    return _CHANGESET % {
        b"type": content_type(inner).encode("ascii"),
        b"mark": inner.encode("ascii"),
        b"number": number,
        b"set": operation.entity_set.encode("ascii"),
        b"fields": "".join(f"{name}: {value}\r\n" for name, value in operation.fields).encode("ascii"),
        b"length": len(operation.payload),
        b"payload": operation.payload,
    }


def read(answer: Answer, count: int) -> list[Answer | NoAnswer]:
    """The answer to each of `count` operations, in their order.

    A whole answer with another number of parts tells nothing about any operation. In one that was cut off, the
    parts before the cut count, and the rest has no answer.
    """
    try:
        boundary = boundary_of(answer.headers.get("content-type", ""))
        parts, is_whole = split(answer.body, boundary)
    except NotMultipart:
        return [_CUT] * count
    if len(parts) > count or (is_whole and len(parts) != count):
        return [_CUT] * count
    found = [_operation_answer(part) for part in parts]
    return found + [_CUT] * (count - len(found))


def boundary_of(content_type_value: str) -> str:
    """The boundary of a multipart content type, quoted or not. Raises NotMultipart."""
    kind, *parameters = (piece.strip() for piece in content_type_value.split(";"))
    if kind.lower() == "multipart/mixed":
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "boundary" and value:
                return value.strip().strip('"')
    raise NotMultipart("no multipart/mixed with a boundary")


def split(body: bytes, boundary: str) -> tuple[list[bytes], bool]:
    """The parts that are whole, and whether the closing delimiter was there.

    Raises NotMultipart where no part begins.
    """
    delimiter = CRLF + b"--" + boundary.encode("latin-1")
    parts: list[bytes] = []
    begin: int | None = None
    at = -len(CRLF) if body.startswith(delimiter[2:]) else body.find(delimiter)
    while at != -1:
        following = _line_end(body, at + len(delimiter))
        if following is not None:
            if begin is not None:
                parts.append(body[begin:at])
            begin, is_last = following
            if is_last:
                return parts, True
        at = body.find(delimiter, max(at, 0) + 1)
    if begin is None:
        raise NotMultipart("the boundary does not occur")
    return parts, False


def _line_end(body: bytes, at: int) -> tuple[int, bool] | None:
    """Behind a delimiter: where the next line begins, and whether it closes; None if the line holds anything else."""
    is_last = body.startswith(b"--", at)
    end = body.find(CRLF, at)
    rest = body[at + 2 * is_last : len(body) if end == -1 else end]
    if rest.strip(b" \t"):
        return None
    return (len(body) if end == -1 else end + len(CRLF)), is_last


def _operation_answer(part: bytes) -> Answer | NoAnswer:
    try:
        headers, content = _head(part)
        kind = headers.get("content-type", "")
        if kind.lower().startswith("multipart/"):
            inner, is_whole = split(content, boundary_of(kind))
            if not is_whole or len(inner) != 1:
                return _CUT
            _, content = _head(inner[0])
        return _http_answer(content)
    except (NotMultipart, ValueError):
        return _CUT


def _http_answer(content: bytes) -> Answer | NoAnswer:
    status_line, separator, rest = content.lstrip(CRLF).partition(CRLF)
    version, _, after = status_line.decode("latin-1").partition(" ")
    if not separator or not version.startswith("HTTP/1."):
        raise NotMultipart("no status line")
    headers, body = _head(rest)
    length = headers.get("content-length")
    if length is not None:
        if len(body) < int(length):
            return _CUT
        body = body[: int(length)]
    return Answer(status=int(after[:3]), headers=headers, body=body)


def _head(content: bytes) -> tuple[dict[str, str], bytes]:
    if content.startswith(CRLF):
        return {}, content[2:]
    head, separator, body = content.partition(BLANK)
    if not separator:
        raise NotMultipart("the head does not end")
    pairs = (line.partition(":") for line in head.decode("latin-1").split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}, body
