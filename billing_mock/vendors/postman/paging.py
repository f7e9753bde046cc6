"""There is no paging: Postman gives the whole list in one answer (Postman API OpenAPI 1.45.0). So it is streamed."""

from collections.abc import Iterable, Iterator

CHUNK = 1 << 16


def whole_list(elements: Iterable[str]) -> Iterator[bytes]:
    """`{"data": [...]}` around the elements, in chunks of about 64 kB, so that no size needs memory."""
    waiting, size, separator = ['{"data":['], 9, ""
    for element in elements:
        waiting += (separator, element)
        size += len(element) + 1
        separator = ","
        if size >= CHUNK:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield ("".join(waiting) + "]}").encode()
