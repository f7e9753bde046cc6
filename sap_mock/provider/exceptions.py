"""The exceptions that a data provider raises, in SAP's two families: the data is wrong, or something broke.

SAP Help, "/IWBEP/CX_MGW_BUSI_EXCEPTION" and "/IWBEP/CX_MGW_TECH_EXCEPTION": 400 and 500 unless another status is asked
for. The code is the one that the exception gives itself (SAP's MSG_CODE), else the leading message's; where there is
only a text it is /IWBEP/CM_MGW_RT/022 for the first family and the exception's class for the second.
"""

from __future__ import annotations

from sap_mock.odata.errors import ErrorDetail, ODataError, Refusal, T100Message, refused
from sap_mock.provider.message_container import MessageContainer

_BUSINESS = "/IWBEP/CX_MGW_BUSI_EXCEPTION"
_TECHNICAL = "/IWBEP/CX_MGW_TECH_EXCEPTION"
_TEXT_ONLY = {_BUSINESS: "/IWBEP/CM_MGW_RT/022", _TECHNICAL: _TECHNICAL}


def business_exception(
    message: T100Message | str | None = None,
    *,
    container: MessageContainer | None = None,
    status: int = 400,
    property_ref: str = "",
    code: str = "",
) -> ODataError:
    """A refusal because the data is wrong: a message, a text, or everything in a message container."""
    return _exception(_BUSINESS, message, container, status=status, property_ref=property_ref, code=code)


def technical_exception(
    message: T100Message | str | None = None,
    *,
    container: MessageContainer | None = None,
    status: int = 500,
    code: str = "",
) -> ODataError:
    """A refusal because something broke; SAP writes it to its error log."""
    error = _exception(_TECHNICAL, message, container, status=status, property_ref="", code=code)
    error.logged = True
    return error


def resource_not_found(entity_type: str) -> ODataError:
    """404 for a key that does not exist; SAP names the entity type, not the set."""
    return refused(Refusal.ENTITY_UNKNOWN, entity_type=entity_type)


def method_not_implemented(method: str) -> ODataError:
    """501 for a method that the data provider does not redefine."""
    return refused(Refusal.METHOD_NOT_IMPLEMENTED, method=method.upper())


def _exception(  # noqa: PLR0913 - an ABAP exception has that many attributes
    class_: str,
    message: T100Message | str | None,
    container: MessageContainer | None,
    *,
    status: int,
    property_ref: str,
    code: str,
) -> ODataError:
    kept = list(container.details) if container else []
    leading = (container.leading or kept[0]) if container and kept else None
    t100 = message if isinstance(message, T100Message) else (leading.t100 if leading and message is None else None)
    text = t100.text if t100 else (message if isinstance(message, str) else (leading.message if leading else ""))
    text = text or "An exception was raised"
    code = code or (t100.code if t100 else _TEXT_ONLY[class_])
    own = ErrorDetail(code=class_, message=text, property_ref=property_ref, target=property_ref, t100=t100)
    return ODataError(status=status, code=code, text=text, details=(*kept, own), t100=t100)
