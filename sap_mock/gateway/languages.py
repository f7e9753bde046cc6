"""The log-on languages of the system, and which one a request asks for.

SAP Help, "sap-language": the query option comes before Accept-Language; a language the system lacks is refused
(captured: /IWBEP/CM_MGW_RT/176). Our texts are English in every language.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from sap_mock.odata.errors import Refusal, refused

INSTALLED = frozenset(
    [
        "AF",
        "AR",
        "BG",
        "CA",
        "CS",
        "DA",
        "DE",
        "EL",
        "EN",
        "ES",
        "ET",
        "FI",
        "FR",
        "HE",
        "HR",
        "HU",
        "ID",
        "IS",
        "IT",
        "JA",
        "KO",
        "LT",
        "LV",
        "MS",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "RU",
        "SH",
        "SK",
        "SL",
        "SR",
        "SV",
        "TH",
        "TR",
        "UK",
        "VI",
        "ZF",
        "ZH",
    ]
)


def check(query: str) -> None:
    """Raise ODataError (400) where ``sap-language`` names a language that is not installed."""
    if "sap-language" not in query:
        return
    wanted = parse_qs(query).get("sap-language", [""])[0].upper()
    if wanted and wanted not in INSTALLED:
        raise refused(Refusal.LANGUAGE_UNKNOWN, language=wanted)
