"""One class per Edm primitive type, each with its three spellings: URI literal, JSON and Atom text ([MS-ODATA] 2.2.2).

Values are Python's own: ``str``, ``bool``, ``int``, ``Decimal``, ``float`` (Edm.Double and Edm.Single only), naive
``datetime`` (Edm.DateTime), ``datetime`` in UTC (Edm.DateTimeOffset), ``timedelta`` (Edm.Time), ``UUID``, ``bytes``.
Reading raises one of three errors, because a Gateway words them differently (docs/fidelity.md, section "Values").
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from sys import float_info
from typing import Any, ClassVar
from urllib.parse import quote
from uuid import UUID

from sap_mock.edm.facets import ANY, Facets


class EdmValueError(ValueError):
    """A value that its Edm type or facets do not allow."""


class WrongToken(EdmValueError):
    """A JSON token of the wrong kind: a number where the type is spelled as a string, or the reverse."""


class NotConvertible(EdmValueError):
    """Text of the right kind that is not a date or time of this type."""


class InvalidValue(EdmValueError):
    """A value of the right form that the type's range or the property's facets refuse."""


class JsonNumber(str):
    """The text of a JSON number with a point or an exponent, kept as it was written."""

    __slots__ = ()


class EdmType:
    """One primitive type. Instances carry no state: two of the same class are the same type."""

    name: ClassVar[str]
    numeric: ClassVar[bool] = False

    def from_text(self, text: str, facets: Facets = ANY) -> Any:
        """Read the Atom (and ``$value``) spelling; raises :class:`EdmValueError`."""
        raise NotImplementedError

    def to_text(self, value: Any, facets: Facets = ANY) -> str:
        """Write the Atom (and ``$value``) spelling of a value that is not None."""
        raise NotImplementedError

    def from_json(self, token: Any, facets: Facets = ANY) -> Any:
        """Read a JSON token (``str``, ``int``, ``bool`` or :class:`JsonNumber`); raises :class:`EdmValueError`."""
        if type(token) is not str:
            raise WrongToken(self.name)
        return self.from_text(token, facets)

    def to_json(self, value: Any, facets: Facets = ANY) -> Any:
        """Give the JSON token of a value that is not None."""
        return self.to_text(value, facets)

    def to_uri(self, value: Any) -> str:
        """Write the URI literal of a value that is not None, percent-encoded where a URI needs it."""
        return self.to_text(value)

    def check(self, value: Any, facets: Facets) -> None:
        """Raise :class:`InvalidValue` when the facets do not allow this value of the type."""

    def __repr__(self) -> str:
        return self.name


class String(EdmType):
    name = "Edm.String"
    _unreserved: ClassVar = re.compile(r"[\w.~-]*\Z", re.ASCII)

    def from_text(self, text: str, facets: Facets = ANY) -> str:
        if facets.max_length is not None and len(text) > facets.max_length:
            raise InvalidValue(text)
        return text

    def to_text(self, value: str, facets: Facets = ANY) -> str:
        return value

    def to_uri(self, value: str) -> str:
        if self._unreserved.match(value):  # nearly every key; quote takes longer to find that out
            return f"'{value}'"
        return "'" + quote(value.replace("'", "''"), safe="").replace("%27", "'") + "'"

    def check(self, value: str, facets: Facets) -> None:
        self.from_text(value, facets)


class Boolean(EdmType):
    name = "Edm.Boolean"
    _read: ClassVar = {"true": True, "false": False, "1": True, "0": False}

    def from_text(self, text: str, facets: Facets = ANY) -> bool:
        try:
            return bool(self._read[text])
        except KeyError:
            raise InvalidValue(text) from None

    def to_text(self, value: bool, facets: Facets = ANY) -> str:
        return "true" if value else "false"

    def from_json(self, token: Any, facets: Facets = ANY) -> bool:
        if type(token) is bool:
            return token
        if type(token) is str:
            return self.from_text(token, facets)
        raise WrongToken(self.name)

    def to_json(self, value: bool, facets: Facets = ANY) -> bool:
        return value


class Integer(EdmType):
    """What the integer types share: a range, and a JSON number as their token."""

    numeric = True
    smallest: ClassVar[int]
    largest: ClassVar[int]
    _form: ClassVar = re.compile(r"[+-]?[0-9]{1,20}\Z", re.ASCII)

    def from_text(self, text: str, facets: Facets = ANY) -> int:
        if not self._form.match(text):
            raise InvalidValue(text)
        value = int(text)
        self.check(value, facets)
        return value

    def to_text(self, value: int, facets: Facets = ANY) -> str:
        return str(value)

    def from_json(self, token: Any, facets: Facets = ANY) -> int:
        if type(token) is int:
            self.check(token, facets)
            return token
        if type(token) is str:
            return self.from_text(token, facets)
        if type(token) is JsonNumber:
            raise InvalidValue(token)
        raise WrongToken(self.name)

    def to_json(self, value: int, facets: Facets = ANY) -> Any:
        return value

    def check(self, value: int, facets: Facets) -> None:
        if not self.smallest <= value <= self.largest:
            raise InvalidValue(str(value))


class Byte(Integer):
    name = "Edm.Byte"
    smallest, largest = 0, 255


class SByte(Integer):
    name = "Edm.SByte"
    smallest, largest = -128, 127


class Int16(Integer):
    name = "Edm.Int16"
    smallest, largest = -(2**15), 2**15 - 1


class Int32(Integer):
    name = "Edm.Int32"
    smallest, largest = -(2**31), 2**31 - 1


class Int64(Integer):
    """JSON spells it as a string, because a JavaScript number cannot hold it."""

    name = "Edm.Int64"
    smallest, largest = -(2**63), 2**63 - 1

    def to_json(self, value: int, facets: Facets = ANY) -> str:
        return self.to_text(value, facets)

    def to_uri(self, value: int) -> str:
        return f"{value}L"


class DecimalType(EdmType):
    """Edm.Decimal: a JSON string, never a number; written with the scale of its property."""

    name = "Edm.Decimal"
    numeric = True
    _form: ClassVar = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z", re.ASCII)
    longest = 100  # characters; longer text is no amount, and Decimal's cost grows with it

    def from_text(self, text: str, facets: Facets = ANY) -> Decimal:
        if len(text) > self.longest or not self._form.match(text):
            raise InvalidValue(text)
        value = Decimal(text)
        self.check(value, facets)
        return value or value.copy_abs()  # ABAP's packed numbers have no negative zero

    def to_text(self, value: Decimal, facets: Facets = ANY) -> str:
        if facets.scale is not None and facets.scale <= self.longest:
            scaled = f"{value:.{facets.scale}f}"
            if Decimal(scaled) == value:  # digits beyond the scale are shown rather than rounded away
                return scaled
        return format(value, "f")

    def to_uri(self, value: Decimal) -> str:
        return f"{format(value, 'f')}M"

    def check(self, value: Decimal, facets: Facets) -> None:
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int):
            raise InvalidValue(str(value))
        fraction = -exponent
        while fraction > 0 and digits and digits[-1] == 0:
            digits, fraction = digits[:-1], fraction - 1
        if facets.scale is not None and fraction > facets.scale:
            raise InvalidValue(str(value))
        if facets.precision is not None:
            whole = max(len(digits) - fraction, 0) if any(digits) else 0
            behind = max(fraction, 0) if facets.scale is None else facets.scale
            if whole > facets.precision - behind:
                raise InvalidValue(str(value))


class Double(EdmType):
    name = "Edm.Double"
    numeric = True
    suffix: ClassVar[str] = "D"
    largest: ClassVar[float] = float_info.max
    _form: ClassVar = re.compile(
        r"(?:[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?|-?INF|NaN)\Z", re.ASCII
    )

    def from_text(self, text: str, facets: Facets = ANY) -> float:
        if not self._form.match(text):
            raise InvalidValue(text)
        value = float(text)
        if abs(value) > self.largest and not text.endswith("INF"):
            raise InvalidValue(text)
        return value

    def to_text(self, value: float, facets: Facets = ANY) -> str:
        if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN is the value unequal to itself
            return {"inf": "INF", "-inf": "-INF"}.get(str(value), "NaN")
        return repr(value).upper()

    def from_json(self, token: Any, facets: Facets = ANY) -> float:
        if type(token) in (str, JsonNumber, int):
            return self.from_text(str(token), facets)
        raise WrongToken(self.name)

    def to_uri(self, value: float) -> str:
        text = self.to_text(value)
        return text if text in ("INF", "-INF", "NaN") else quote(text, safe="") + self.suffix


class Single(Double):
    name = "Edm.Single"
    suffix = "F"
    largest = 3.4028234663852886e38


_DATE_TIME = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?\Z", re.ASCII
)
_JSON_DATE = re.compile(r"/Date\((-?\d{1,17})(?:[+-]\d{1,4})?\)/\Z", re.ASCII)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - Edm.DateTime has no zone
_MILLISECOND = timedelta(milliseconds=1)


def _moment(text: str) -> tuple[datetime, str | None]:
    """The naive moment and the zone of an XML date-time; raises :class:`NotConvertible`."""
    match = _DATE_TIME.match(text)
    if not match:
        raise InvalidValue(text) if text == "" else NotConvertible(text)
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        moment = datetime(  # noqa: DTZ001 - Edm.DateTime has no zone
            int(year),
            int(month),
            int(day),
            int(hour),
            int(minute),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]),
        )
    except ValueError:
        raise NotConvertible(text) from None
    return moment, zone


def _from_ticks(text: str) -> datetime | None:
    """The naive UTC moment of ``/Date(ms+offset)/``, or None when the text has another form; the offset is for show."""
    match = _JSON_DATE.match(text)
    if not match:
        return None
    try:
        return _EPOCH + int(match[1]) * _MILLISECOND
    except OverflowError:
        raise NotConvertible(text) from None


def _ticks(moment: datetime) -> int:
    return (moment.replace(tzinfo=None) - _EPOCH) // _MILLISECOND


def _fraction(moment: datetime, precision: int | None) -> str:
    """The fraction of a second: as many digits as the precision says, else as few as the value needs."""
    if precision is None:
        return f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
    return f".{moment.microsecond * 10:07d}"[: precision + 1] if precision else ""


class DateTime(EdmType):
    """A date and time without a zone; a bare date is no literal of it."""

    name = "Edm.DateTime"

    def from_text(self, text: str, facets: Facets = ANY) -> datetime:
        moment, zone = _moment(text)
        if zone is not None:
            raise NotConvertible(text)
        return moment

    def to_text(self, value: datetime, facets: Facets = ANY) -> str:
        return value.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + _fraction(value, facets.precision)

    def from_json(self, token: Any, facets: Facets = ANY) -> datetime:
        if type(token) is not str:
            raise WrongToken(self.name)
        return _from_ticks(token) or self.from_text(token, facets)

    def to_json(self, value: datetime, facets: Facets = ANY) -> str:
        return f"/Date({_ticks(value)})/"

    def to_uri(self, value: datetime) -> str:
        return f"datetime'{quote(self.to_text(value), safe='')}'"


class DateTimeOffset(EdmType):
    """A moment; kept and written in UTC."""

    name = "Edm.DateTimeOffset"

    def from_text(self, text: str, facets: Facets = ANY) -> datetime:
        moment, zone = _moment(text)
        if zone is None or zone == "Z":
            return moment.replace(tzinfo=UTC)
        minutes = int(zone[1:3]) * 60 + int(zone[4:6])
        try:
            offset = timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))
            return moment.replace(tzinfo=offset).astimezone(UTC)
        except (ValueError, OverflowError):
            raise NotConvertible(text) from None

    def to_text(self, value: datetime, facets: Facets = ANY) -> str:
        return value.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + _fraction(value, facets.precision) + "Z"

    def from_json(self, token: Any, facets: Facets = ANY) -> datetime:
        if type(token) is not str:
            raise WrongToken(self.name)
        moment = _from_ticks(token)
        return moment.replace(tzinfo=UTC) if moment else self.from_text(token, facets)

    def to_json(self, value: datetime, facets: Facets = ANY) -> str:
        return f"/Date({_ticks(value)}+0000)/"

    def to_uri(self, value: datetime) -> str:
        return f"datetimeoffset'{quote(self.to_text(value), safe='')}'"


_DURATION = re.compile(
    r"(-)?P(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,5})(?:\.(\d{1,9}))?S)?)?\Z", re.ASCII
)


class Time(EdmType):
    """A time of day, spelled as a duration since midnight."""

    name = "Edm.Time"

    def from_text(self, text: str, facets: Facets = ANY) -> timedelta:
        match = _DURATION.match(text)
        if not match or text.endswith(("P", "T")):
            raise InvalidValue(text) if text == "" else NotConvertible(text)
        sign, days, hours, minutes, seconds, fraction = match.groups()
        value = timedelta(
            days=int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=int(seconds or 0),
            microseconds=int((fraction or "0").ljust(6, "0")[:6]),
        )
        return -value if sign else value

    def to_text(self, value: timedelta, facets: Facets = ANY) -> str:
        sign, value = ("-", -value) if value < timedelta() else ("", value)
        minutes, seconds = divmod(value.days * 86400 + value.seconds, 60)
        hours, minutes = divmod(minutes, 60)
        fraction = f".{value.microseconds:06d}".rstrip("0").rstrip(".")
        return f"{sign}PT{hours:02d}H{minutes:02d}M{seconds:02d}{fraction}S"

    def to_uri(self, value: timedelta) -> str:
        return f"time'{self.to_text(value)}'"


class Guid(EdmType):
    name = "Edm.Guid"
    _form: ClassVar = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z", re.ASCII)

    def from_text(self, text: str, facets: Facets = ANY) -> UUID:
        if not self._form.match(text):
            raise InvalidValue(text)
        return UUID(text)

    def to_text(self, value: UUID, facets: Facets = ANY) -> str:
        return str(value)

    def to_uri(self, value: UUID) -> str:
        return f"guid'{value}'"


class Binary(EdmType):
    """Base64 in JSON and Atom, hexadecimal in a URI."""

    name = "Edm.Binary"

    def from_text(self, text: str, facets: Facets = ANY) -> bytes:
        try:
            value = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            raise InvalidValue(text) from None
        self.check(value, facets)
        return value

    def to_text(self, value: bytes, facets: Facets = ANY) -> str:
        return base64.b64encode(value).decode("ascii")

    def to_uri(self, value: bytes) -> str:
        return f"binary'{value.hex().upper()}'"

    def check(self, value: bytes, facets: Facets) -> None:
        if facets.max_length is not None and len(value) > facets.max_length:
            raise InvalidValue(value.hex())


TYPES: dict[str, EdmType] = {
    cls.name: cls()
    for cls in (
        String,
        Boolean,
        Byte,
        SByte,
        Int16,
        Int32,
        Int64,
        DecimalType,
        Double,
        Single,
        DateTime,
        DateTimeOffset,
        Time,
        Guid,
        Binary,
    )
}

__all__ = [
    "TYPES",
    "EdmType",
    "EdmValueError",
    "InvalidValue",
    "JsonNumber",
    "NotConvertible",
    "WrongToken",
]
