"""The only writer of errors: SAP's envelope in JSON and XML, and ICF's plain refusals in front of it.

The envelope is the one of ABAP 7.58 (docs/fidelity.md "Error envelope"): client errors, which SAP does not write to
/IWFND/ERROR_LOG, carry an empty timestamp and SAP_Transaction; logged ones carry both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sap_mock.formats.xml_text import DECLARATION, M, element, text
from sap_mock.odata.errors import ErrorDetail, ODataError, T100Message

_TRANSACTION = (
    'For backend administrators: use ADT feed reader "SAP Gateway Error Log" or run transaction /IWFND/ERROR_LOG on '
    "SAP Gateway hub system and search for entries with the timestamp above for more details"
)
_NOTE = "See SAP Note 1797736 for error analysis (https://service.sap.com/sap/support/notes/1797736)"
_BATCH_NOTE = (
    "See SAP Note 1869434 for details about working with $batch (https://service.sap.com/sap/support/notes/1869434)"
)
JSON_TYPE = "application/json;charset=utf-8"
XML_TYPE = "application/xml;charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What an envelope says besides the error itself. ``service`` is (name, version), None before one was found."""

    transaction_id: str
    moment: datetime
    service: tuple[str, str] | None
    in_batch: bool
    language: str = "en"


def write_json(error: ODataError, circumstances: Circumstances) -> bytes:
    """The envelope as compact JSON."""
    document = {
        "error": {
            "code": error.code,
            "message": {"lang": circumstances.language, "value": error.text},
            "innererror": {
                **({"application": _application(circumstances)} if circumstances.service else {}),
                "transactionid": circumstances.transaction_id,
                "timestamp": _timestamp(error, circumstances),
                "Error_Resolution": _resolution(error, circumstances),
                **({"longtext_url": longtext_url(error.t100)} if error.t100 else {}),
                "errordetails": [_detail(detail) for detail in error.details],
            },
        }
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def write_xml(error: ODataError, circumstances: Circumstances) -> bytes:
    """The envelope as XML."""
    resolution = "".join(element(name, value) for name, value in _resolution(error, circumstances).items())
    application = ""
    if circumstances.service:
        members = "".join(element(name, value) for name, value in _application(circumstances).items())
        application = f"<application>{members}</application>"
    details = "".join(_detail_xml(detail) for detail in error.details)
    longtext = element("longtext_url", longtext_url(error.t100)) if error.t100 else ""
    return (
        f'{DECLARATION}<error xmlns="{M}">{element("code", error.code)}'
        f'<message xml:lang="{circumstances.language}">{text(error.text)}</message>'
        f"<innererror>{application}"
        f"{element('transactionid', circumstances.transaction_id)}"
        f"{element('timestamp', _timestamp(error, circumstances))}"
        f"<Error_Resolution>{resolution}</Error_Resolution>{longtext}"
        f"{f'<errordetails>{details}</errordetails>' if details else '<errordetails/>'}</innererror></error>"
    ).encode()


def longtext_url(message: T100Message) -> str:
    """Where SAP keeps the long text of a T100 message."""
    variables = [*message.variables[:4], "", "", "", ""][:4]
    parts = [f"MSGID='{quote(message.class_, safe='')}'", f"MSGNO='{message.number}'"]
    parts += [f"MESSAGE_V{index}='{quote(value, safe='')}'" for index, value in enumerate(variables, start=1)]
    return f"/sap/opu/odata/iwbep/message_text/T100_longtexts({','.join(parts)})/$value"


def _application(circumstances: Circumstances) -> dict[str, str]:
    name, version = circumstances.service or ("", "")
    return {"component_id": "", "service_namespace": "/SAP/", "service_id": name, "service_version": version}


def _timestamp(error: ODataError, circumstances: Circumstances) -> str:
    return f"{circumstances.moment:%Y%m%d%H%M%S}.{circumstances.moment.microsecond * 10:07d}" if error.logged else ""


def _resolution(error: ODataError, circumstances: Circumstances) -> dict[str, str]:
    resolution = {"SAP_Transaction": _TRANSACTION if error.logged else "", "SAP_Note": _NOTE}
    return {**resolution, "Batch_SAP_Note": _BATCH_NOTE} if circumstances.in_batch else resolution


def _detail(detail: ErrorDetail) -> dict[str, Any]:
    return {
        "ContentID": detail.content_id,
        "code": detail.code,
        "message": detail.message,
        **({"longtext_url": longtext_url(detail.t100)} if detail.t100 else {}),
        "propertyref": detail.property_ref,
        "severity": detail.severity,
        "transition": False,
        "target": detail.target,
    }


def _detail_xml(detail: ErrorDetail) -> str:
    longtext = element("longtext_url", longtext_url(detail.t100)) if detail.t100 else ""
    return (
        f"<errordetail>{element('ContentID', detail.content_id)}{element('code', detail.code)}"
        f"{element('message', detail.message)}{longtext}{element('propertyref', detail.property_ref)}"
        f"{element('severity', detail.severity)}{element('target', detail.target)}"
        "<transition>false</transition></errordetail>"
    )


TOKEN_REFUSED = b"CSRF token validation failed"


def logon_page(system: str, sap_client: str) -> bytes:
    """The HTML page of a refused log-on; never JSON, whatever the caller accepts."""
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>Logon Error Message</title></head>\n"
        "<body><h1>Logon failed</h1><p>Log-on to system "
        f"{system}, client {sap_client} was not possible: no user, an unknown user or a wrong password was given.</p>\n"
        "<p>401 Unauthorized</p></body></html>\n"
    ).encode()
