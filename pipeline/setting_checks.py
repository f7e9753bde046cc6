"""How the text of a setting is checked, and what it becomes.

Each check takes the text and gives the value, or raises ValidationError with the end of a sentence that begins with the
setting's name.
"""

import re
import ssl
from collections.abc import Callable
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit

from marshmallow import ValidationError

from pipeline.ledger.engine import is_in_memory
from pipeline.model.money import minor_units
from pipeline.model.units import MAJOR, MINOR


def plain(text: str) -> str:
    """Any text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValidationError("holds bytes that are no UTF-8") from None
    return text


def key(text: str) -> str:
    """A key or a token, which travels in a header field."""
    if not (text.isascii() and text.isprintable()):
        raise ValidationError("holds a line break or a character outside ASCII, which no key has: copy it once more")
    return text


def address(text: str) -> str:
    """An address of HTTP, without anything that might be a secret."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValidationError("is no address: write it like https://host:port")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValidationError("must hold no user, password, query or fragment")
    try:
        _ = parts.port
    except ValueError:
        raise ValidationError("has a port that is no number") from None
    return text.rstrip("/")


def host(text: str) -> str:
    """An address that ends with its port."""
    checked = address(text)
    if urlsplit(text).path.strip("/"):
        raise ValidationError("ends with the port: the service's path is added by this program")
    return checked


def before_the_version(text: str) -> str:
    """An address whose version is added by this program."""
    checked = address(text)
    if re.search(r"/v[0-9]+$", checked):
        raise ValidationError("ends before the version (/v3): this program adds it")
    return checked


def proxy(text: str) -> str:
    """A proxy of HTTP; it may hold user and password."""
    parts = urlsplit(text)
    try:
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        unquote(parts.netloc).encode("latin-1")
    except ValueError:
        is_address = False
    if not is_address or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValidationError("is no address of an HTTP proxy, like http://proxy.example.com:3128")
    return text.rstrip("/")


def certificates(text: str) -> str:
    """A file of certificates, of which the PEM is kept; what stands between them may be in any encoding."""
    try:
        content = Path(text).read_bytes().decode("ascii", "ignore")
    except (OSError, ValueError):
        raise ValidationError("names a file that cannot be read") from None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=content)
    except (ssl.SSLError, ValueError):
        raise ValidationError("names a file without a sound certificate in PEM (-----BEGIN CERTIFICATE-----)") from None
    return content


def currency(text: str) -> str:
    """A currency of ISO 4217."""
    if minor_units(text) is None:
        raise ValidationError("is no currency of ISO 4217, like USD")
    return text


def three_words(text: str) -> tuple[str, ...]:
    """Three names, as headers and parameters have them."""
    words = tuple(text.split())
    if len(words) != 3 or not all(re.fullmatch(r"[A-Za-z0-9_-]+", word) for word in words):
        raise ValidationError("is three words of letters, digits and hyphens, like X-Api-Key startDate endDate")
    return words


def unit(text: str) -> str:
    """What the number of an amount counts."""
    if text not in {MAJOR, MINOR}:
        raise ValidationError(f"must be {MAJOR} or {MINOR}")
    return text


def document_types(text: str) -> dict[str, str]:
    """`Factuur=invoice, Creditnota=credit`: the words in small letters, each with what it means."""
    pairs = [[side.strip() for side in pair.rpartition("=")[::2]] for pair in text.split(",")]
    if not all(word and meaning in {"invoice", "credit"} for word, meaning in pairs):
        raise ValidationError("is a list of words with their meaning, like Factuur=invoice, Correctie=credit")
    return {word.lower(): meaning.upper() for word, meaning in pairs}


def day(text: str) -> date:
    """A day, like 2026-01-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValidationError("is no day, like 2026-01-31") from None


def count(lowest: int, highest: int) -> Callable[[str], int]:
    """A check for whole numbers of a range."""

    def check(text: str) -> int:
        if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
            raise ValidationError(f"must be a whole number from {lowest} to {highest}")
        return int(text)

    return check


def word(*words: str) -> Callable[[str], str]:
    """A check for one of these words, in any case; they come back in capitals."""

    def check(text: str) -> str:
        if text.upper() not in words:
            raise ValidationError(f"must be one of {', '.join(words)}")
        return text.upper()

    return check


def ledger(text: str) -> str:
    """Where a ledger is kept. One in memory knows nothing of what was sent by the command before."""
    if is_in_memory(text):
        raise ValidationError("must name a file and nothing behind it, like sqlite:///billing-to-sap.db")
    return text


_SHOWS_AGAIN = "shows a message again while it is still worked on, and a killed worker's message only after a timeout"
_NO_BROKERS = {
    "redis": _SHOWS_AGAIN,
    "rediss": _SHOWS_AGAIN,
    "sentinel": _SHOWS_AGAIN,
    "sqs": _SHOWS_AGAIN,
    "memory": "is seen by one process only",
    "filesystem": "keeps no message safe from a crash and is seen by one machine only",
}


def broker(text: str) -> str:
    """RabbitMQ's address. The others that Celery knows are refused, each with its reason."""
    parts = urlsplit(text)
    if why := _NO_BROKERS.get(parts.scheme):
        raise ValidationError(f"names {parts.scheme}, which {why}: use RabbitMQ, amqps://user:password@host/vhost")
    if parts.scheme not in {"amqp", "amqps"} or not parts.hostname:
        raise ValidationError("is no address of RabbitMQ, like amqps://user:password@host/vhost")
    return text


def sap_client(text: str) -> str:
    """Three digits, or nothing."""
    if text and not (len(text) == 3 and text.isascii() and text.isdigit()):
        raise ValidationError("is three digits, like 001")
    return text
