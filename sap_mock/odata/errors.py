"""Refusals: what a Gateway says no with. One table of SAP's codes and texts; nobody else words a refusal.

Each member's row in docs/fidelity.md says where status, code and text were seen. Where the text is known and the code
is not, the code is the name of the exception class alone; no number is made up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sap_mock.odata.messages import ODataResponse


@dataclass(frozen=True, slots=True)
class RefusalText:
    """HTTP status, SAP's code, and the text with its gaps."""

    status: int
    code: str
    text: str


class Refusal(Enum):
    """Every refusal the protocol itself can make."""

    SERVICE_UNKNOWN = RefusalText(
        403, "/IWFND/MED/170", "No service found for namespace '{namespace}', name '{name}', version '{version}'"
    )
    NOTHING_AT_URI = RefusalText(
        404,
        "005056A509B11ED199D8826D151F80FE",
        "The server has not found any resource matching the Data Services Request URI",
    )
    SEGMENT_UNKNOWN = RefusalText(
        404, "005056A509B11EE1B9A8FEC11C21D78E", "Resource not found for the segment '{segment}'."
    )
    ENTITY_UNKNOWN = RefusalText(404, "/IWBEP/CM_MGW_RT/020", "Resource not found for segment '{entity_type}'")
    METHOD_NOT_IMPLEMENTED = RefusalText(
        501, "/IWBEP/CM_MGW_RT/021", "Method '{method}' not implemented in data provider class"
    )
    METHOD_NOT_ALLOWED = RefusalText(
        405,
        "005056A509B11ED199D8826D151FC0FE",
        "The specified HTTP method is not allowed for the resource identified by the Data Service Request URI",
    )
    MALFORMED_SYNTAX = RefusalText(
        400,
        "005056A509B11ED1B9BF94F386DD82E6",
        "The Data Services Request could not be understood due to malformed syntax",
    )
    NOT_ACCEPTABLE = RefusalText(
        406,
        "005056A509B11ED19BEB6513AA349DA5",
        "The resource identified by the request is only capable of generating response entities which have content "
        "characteristics not acceptable according to the accept headers sent in the request",
    )
    UNSUPPORTED_MEDIA_TYPE = RefusalText(
        415,
        "/IWCOR/CX_DS_UNSUPPORTED_MEDIA_TYPE",
        "The server is refusing to service the request because the entity of the request is in a format not supported "
        "by the requested resource for the requested method",
    )
    OPTION_VALUE = RefusalText(400, "/IWCOR/CX_DS_URI_SYNTAX_ERROR", "Invalid system query options value")
    OPTION_NOT_ALLOWED = RefusalText(
        400,
        "005056A509B11EE1B9A8FEC11C23378E",
        "System query options '{options}' are not allowed in the requested URI",
    )
    OPTION_UNKNOWN = RefusalText(400, "/IWCOR/CX_DS_URI_SYNTAX_ERROR", "'{option}' is not a valid system query option")
    CONSTRUCTION_RULES = RefusalText(
        400,
        "/IWCOR/CX_DS_URI_SYNTAX_ERROR",
        "The URI is violating the construction rules defined in the Data Services specification",
    )
    MALFORMED_LITERAL = RefusalText(400, "/IWCOR/CX_DS_URI_SYNTAX_ERROR", "Malformed URI literal syntax")
    KEY_NAME = RefusalText(
        400,
        "/IWCOR/CX_DS_URI_SYNTAX_ERROR",
        "Invalid key name in key predicate. Expected name is '{expected}'",
    )
    KEY_COUNT = RefusalText(
        400,
        "/IWCOR/CX_DS_URI_SYNTAX_ERROR",
        "Invalid key predicate. The quantity of provided keys does not match the expected value",
    )
    PROPERTY_UNKNOWN = RefusalText(
        400, "005056A509B11EE1B9A8FEA8DE87F78E", "Property {property} not found in type {type}"
    )
    PARAMETER_TYPE = RefusalText(
        400,
        "005056A509B11EE1BB8AF4A65EC3CA20",
        "Invalid parametertype used at function '{function}' (Position: {position})",
    )
    FILTER_SYNTAX = RefusalText(400, "/IWCOR/CX_DS_EXPR_SYNTAX_ERROR", "Invalid token detected at position {position}")
    FUNCTION_UNKNOWN = RefusalText(
        400, "/IWCOR/CX_DS_EXPR_SYNTAX_ERROR", "Unknown function '{function}' detected at position {position}"
    )
    SORT_ORDER = RefusalText(400, "/IWCOR/CX_DS_EXPR_SYNTAX_ERROR", "Invalid sortorder {word} detected")
    FUNCTION_PARAMETER = RefusalText(400, "005056A509B11EE1B9A8FEC11C21578E", "Invalid Function Import Parameter")
    BODY_NOT_PARSED = RefusalText(400, "CX_SXML_PARSE_ERROR", "Error while parsing an XML stream")
    NOT_CONVERTIBLE = RefusalText(400, "CONVT_CODEPAGE", "Character set conversion is not possible")
    PROPERTY_INVALID = RefusalText(
        400,
        "/IWCOR/CX_DS_EP_PROPERTY_ERROR",
        "Property '{property}' is invalid",
    )
    PROPERTY_VALUE = RefusalText(
        400,
        "/IWCOR/CX_DS_EDM_FACET_ERROR/005056A509B11ED1BDCCCC5E8168819D",
        "Property '{property}' at offset '{offset}' has invalid value '{value}'",
    )
    PROPERTY_NOT_READ = RefusalText(
        400,
        "/IWCOR/CX_DS_EP_PROPERTY_ERROR",
        "Failed to read property '{property}' at offset '{offset}'",
    )
    PROPERTY_CONVERSION = RefusalText(
        400,
        "/IWCOR/CX_DS_EP_PROPERTY_ERROR",
        "Conversion error for property '{property}' at offset '{offset}'",
    )
    WRITTEN_VALUE = RefusalText(
        500,
        "/IWCOR/CX_DS_EDM_FACET_ERROR/005056A509B11ED1BDCCCC5E8168819D",
        "Property '{property}' has invalid value '{value}'",
    )
    IF_MATCH_DIFFERS = RefusalText(
        412, "/IWBEP/CM_MGW_RT/190", "State of the resource (entity) was already changed (If-Match)"
    )
    IF_MATCH_REQUIRED = RefusalText(428, "/IWBEP/CM_MGW_RT/194", "Precondition required")
    IF_MATCH_ON_POST = RefusalText(400, "/IWFND/CM_MGW/537", "eTag handling not supported for http method '{method}'")
    ONE_OPERATION_PER_CHANGESET = RefusalText(
        400, "/IWBEP/CX_MGW_TECH_EXCEPTION", "Default changeset implementation allows only one operation"
    )
    TOKEN_FOR_BATCH = RefusalText(
        403, "/IWFND/CM_MGW/098", "X-CSRF token is needed for Batch Processing with modifying operation"
    )
    LANGUAGE_UNKNOWN = RefusalText(400, "/IWBEP/CM_MGW_RT/176", "'Language {language} not in system'")
    REQUEST_ID_OUTDATED = RefusalText(400, "/IWBEP/CM_COS/005", "RequestID is outdated")
    SHORT_DUMP = RefusalText(500, "/IWBEP/CX_MGW_TECH_EXCEPTION", "An exception was raised")


@dataclass(frozen=True, slots=True, kw_only=True)
class T100Message:
    """A message of SAP's message table: class, number, text with its variables filled in, up to four variables."""

    class_: str
    number: str
    text: str
    variables: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """``CLASS/NUMBER``, as ``error.code`` spells it."""
        return f"{self.class_}/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDetail:
    """One entry of ``innererror.errordetails``. ``severity`` is error, warning, info or success."""

    code: str
    message: str
    severity: str = "error"
    property_ref: str = ""
    target: str = ""
    content_id: str = ""
    t100: T100Message | None = None


@dataclass(eq=False)
class ODataError(Exception):
    """A refusal on its way to the caller.

    ``logged`` tells that SAP writes it to /IWFND/ERROR_LOG, so that the envelope carries a timestamp; ``details`` are
    the entries of ``errordetails`` in order; ``t100`` gives the long text's address.
    """

    status: int
    code: str
    text: str
    details: tuple[ErrorDetail, ...] = ()
    t100: T100Message | None = None
    logged: bool = False
    refusal: Refusal | None = None
    headers: tuple[tuple[str, str], ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.text}"


class Terminated(Exception):
    """The program behind the request is gone: nothing goes on, and ``response`` is all that is ever said."""

    def __init__(self, response: ODataResponse) -> None:
        super().__init__(response.status)
        self.response = response


_BUSINESS_EXCEPTION = "/IWBEP/CX_MGW_BUSI_EXCEPTION"
_DETAIL_CLASS = {
    Refusal.ENTITY_UNKNOWN: _BUSINESS_EXCEPTION,
    Refusal.METHOD_NOT_IMPLEMENTED: "/IWBEP/CX_MGW_NOT_IMPL_EXC",
    Refusal.IF_MATCH_DIFFERS: _BUSINESS_EXCEPTION,
    Refusal.IF_MATCH_REQUIRED: _BUSINESS_EXCEPTION,
    Refusal.SHORT_DUMP: "/IWBEP/CX_MGW_TECH_EXCEPTION",
}
_WITHOUT_LONG_TEXT = frozenset({Refusal.METHOD_NOT_IMPLEMENTED})  # captured so
_LOGGED = frozenset({Refusal.METHOD_NOT_IMPLEMENTED, Refusal.SHORT_DUMP, Refusal.WRITTEN_VALUE})


def refused(refusal: Refusal, **gaps: Any) -> ODataError:
    """The error for one row of the table, its gaps filled; to be raised by the caller."""
    row = refusal.value
    text = row.text.format(**gaps)
    t100 = None
    class_, _, number = row.code.rpartition("/")
    if class_ and number.isdigit() and refusal not in _WITHOUT_LONG_TEXT:
        t100 = T100Message(class_=class_, number=number, text=text, variables=tuple(str(v) for v in gaps.values()))
    detail_class = _DETAIL_CLASS.get(refusal)
    details = (ErrorDetail(code=detail_class, message=text, t100=t100),) if detail_class else ()
    return ODataError(
        status=row.status,
        code=row.code,
        text=text,
        details=details,
        t100=t100,
        logged=refusal in _LOGGED,
        refusal=refusal,
    )
