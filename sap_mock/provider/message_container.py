"""Messages that a data provider leaves behind: ``errordetails`` of a refusal, ``sap-message`` of a success.

SAP Help, "Error Response Control for Backend Data Provider": the leading message becomes the error's own text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from sap_mock.odata.errors import ErrorDetail, T100Message


@dataclass(slots=True)
class MessageContainer:
    """Messages in the order they were added. ``leading`` is the one to show first, if one was marked."""

    details: list[ErrorDetail] = field(default_factory=list)
    leading: ErrorDetail | None = None

    def add(self, message: T100Message, *, severity: str = "error", target: str = "", is_leading: bool = False) -> None:
        """Add a T100 message; ``severity`` is error, warning, info or success, ``target`` a property."""
        self._keep(_detail(message.code, message.text, severity, target, message), is_leading=is_leading)

    def add_text(self, text: str, *, severity: str = "error", target: str = "", is_leading: bool = False) -> None:
        """Add a text without a message class."""
        self._keep(_detail("", text, severity, target, None), is_leading=is_leading)

    def _keep(self, detail: ErrorDetail, *, is_leading: bool) -> None:
        self.details.append(detail)
        if is_leading:
            self.leading = detail

    @property
    def has_errors(self) -> bool:
        """Whether any message is an error."""
        return any(detail.severity == "error" for detail in self.details)

    def header(self) -> str | None:
        """The value of the ``sap-message`` header of a success: one JSON object in ASCII; None without messages."""
        if not self.details:
            return None
        first = self.leading or self.details[0]
        others = [_message(detail) for detail in self.details if detail is not first]
        return json.dumps({**_message(first), "details": others}, separators=(",", ":"))


def _detail(code: str, text: str, severity: str, target: str, t100: T100Message | None) -> ErrorDetail:
    return ErrorDetail(code=code, message=text, severity=severity, property_ref=target, target=target, t100=t100)


def _message(detail: ErrorDetail) -> dict[str, object]:
    return {
        "code": detail.code,
        "message": detail.message,
        "severity": detail.severity,
        "target": detail.target,
        "transition": False,
    }
