"""The one way an amount enters: an exact decimal, as written, never through a float and never rounded.

marshmallow's own Decimal field rounds silently with `places`, takes "1_000", " 1.0 " and Arabic digits, and lets
"1E+50000000" grow to fifty megabytes of text; a field for money must refuse all of these.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError
from marshmallow.fields import Field

_LONGEST = 24
MOST_DECIMALS = 6


class Amount(Field[Decimal]):
    """A JSON number or text of at most 15 digits and so many decimals → Decimal; anything else is an error."""

    def __init__(self, *, decimals: int = MOST_DECIMALS, **more: Any) -> None:
        super().__init__(**more)
        self._decimals = decimals
        self._amount = re.compile(rf"-?[0-9]{{1,15}}(\.[0-9]{{1,{decimals}}})?", re.ASCII)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Decimal:
        del attr, data, kwargs
        text = self._text(value)
        if not self._amount.fullmatch(text):
            raise ValidationError(
                f"{text[:_LONGEST]} is not an amount of at most 15 digits and {self._decimals} decimals"
            )
        return Decimal(text)

    @staticmethod
    def _text(value: Any) -> str:
        match value:
            case bool() | float():
                raise ValidationError("is not an exact number")
            case Decimal():
                return (
                    format(value, "f")
                    if value.is_finite() and -_LONGEST <= value.adjusted() <= _LONGEST
                    else str(value)
                )
            case int() if abs(value) < 10**_LONGEST:
                return str(value)
            case int():
                raise ValidationError("is a number of too many digits")
            case str():
                return value
        raise ValidationError("is not a number")
