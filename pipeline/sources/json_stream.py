"""A large JSON document, one element of its list after the other, in memory that does not grow with it.

Numbers stay exact and unsound places are marked, as everywhere (model/record.py). One element is limited in size, and
what stands beside the list too.
"""

import codecs
from collections.abc import Callable, Iterator
from typing import Any

from pipeline.model.record import DECODER

CHUNK = 65_536
LARGEST_ELEMENT = 1_000_000
_BLANKS = " \t\r\n"


class BadJson(Exception):
    """The document is broken, cut off, or no JSON."""


class NoList(Exception):
    """The document is JSON, but not an object with this list."""


def elements(read: Callable[[int], bytes], *, member: str) -> Iterator[Any]:
    """Each element of the list `member` of the one object that `read` gives.

    Raises BadJson, NoList; what was given until then stays.
    """
    text = _Text(read)
    if text.peek() != "{":
        text.value()
        raise NoList
    found = False
    for _ in _parts(text, "{", "}"):
        name = text.value()
        text.take(":")
        if name != member or text.peek() != "[":
            text.value()
        elif found:
            raise BadJson(f"it has '{member}' twice")
        else:
            found = True
            for _ in _parts(text, "[", "]"):
                yield text.value()
    if text.peek():
        raise BadJson("it is not JSON: something stands behind it")
    if not found:
        raise NoList


def _parts(text: "_Text", opening: str, closing: str) -> Iterator[None]:
    """Once for each part between the brackets, standing where it begins."""
    text.take(opening)
    if text.peek() == closing:
        text.take(closing)
        return
    while True:
        yield
        if text.peek() == closing:
            text.take(closing)
            return
        text.take(",")


class _Text:
    """The part of the document that is being read."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is no blank; none at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANKS:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, character: str) -> None:
        """Go on behind this character."""
        if self.peek() != character:
            raise BadJson("it is not JSON, or was cut off")
        self._at += 1

    def value(self) -> Any:
        """The value that begins here, whole."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError, ArithmeticError) as error:
                is_hopeless = isinstance(error, RecursionError | ArithmeticError)
                if is_hopeless or len(self._text) - self._at > LARGEST_ELEMENT or not self._more():
                    raise BadJson(f"it is not JSON, or was cut off ({type(error).__name__})") from error
                continue
            if end < len(self._text) or not self._more():  # at the very end a number may go on
                self._at = end
                return value

    def _more(self) -> bool:
        """Read on; False at the end."""
        if self._ended:
            return False
        part = self._read(CHUNK)
        self._ended = not part
        try:
            text = self._decoder.decode(part, final=self._ended)
        except UnicodeDecodeError as error:
            raise BadJson("it is not UTF-8") from error
        self._text, self._at = self._text[self._at :] + text, 0
        return not self._ended
