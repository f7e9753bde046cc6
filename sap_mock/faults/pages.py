"""The HTML pages of what stands in front of the Gateway, or ends it: Web Dispatcher, ICM and ICF; never JSON.

The error names are ICM's (SAP Help, "Error Handling Using the ICM"); each site may word its pages anew.
"""

from __future__ import annotations

from sap_mock.odata.messages import ODataResponse

_HTML = ("content-type", "text/html; charset=utf-8")


def icm_page(status: int, reason: str, error_name: str, text: str, retry_after: int = 0) -> ODataResponse:
    """The static page of ICM or Web Dispatcher for one of its errors."""
    wait = (("retry-after", str(retry_after)),) if retry_after else ()
    return _page(status, reason, f"<p>{text}</p><p>Error: {error_name}</p>", wait)


def dump_page(text: str) -> ODataResponse:
    """What ICF sends when the program behind it ends in a short dump."""
    told = f"<p>Error message: {text} (type of termination: RABAX_STATE)</p>"
    return _page(500, "SAP Internal Server Error", told)


def logon_form() -> ODataResponse:
    """The log-on form that some systems answer with status 200 (ICFLOGONREQUIRED)."""
    form = (
        '<form name="loginForm" method="post"><input name="sap-user"><input name="sap-password" type="password">'
        '<input type="submit" value="Log On"></form>'
    )
    return _page(200, "Logon", form, (("sap-err-id", "ICFLOGONREQUIRED"),))


def _page(status: int, title: str, content: str, fields: tuple[tuple[str, str], ...] = ()) -> ODataResponse:
    heading = title if status == 200 else f"{status} {title}"
    page = (
        f"<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>{title}</title></head>\n"
        f"<body><h1>{heading}</h1>{content}</body></html>\n"
    )
    return ODataResponse(status=status, headers=(_HTML, *fields), body=page.encode())
