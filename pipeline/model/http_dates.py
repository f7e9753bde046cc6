"""Retry-After as servers write it: seconds, or an HTTP date."""

from datetime import UTC
from email.utils import parsedate_to_datetime


def retry_after(value: str | None, now: int) -> int | None:
    """The wait in milliseconds that a Retry-After header asks for, or None if it asks for nothing readable."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return int(text[:9]) * 1000
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    whole_seconds = int(aware.timestamp())
    return max(0, whole_seconds * 1000 - now)
