"""Small pieces that the XML writers share: escaping and the namespaces of OData V2 ([MS-ODATA] 2.2.6.1)."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

ATOM = "http://www.w3.org/2005/Atom"
APP = "http://www.w3.org/2007/app"
M = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
D = "http://schemas.microsoft.com/ado/2007/08/dataservices"
SAP = "http://www.sap.com/Protocols/SAPData"
SCHEME = f"{D}/scheme"
RELATED = f"{D}/related/"
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(value: str) -> str:
    """Element content: escaped, and what XML 1.0 cannot hold replaced by U+FFFD."""
    return escape(_FORBIDDEN.sub("\ufffd", value))


def attribute(value: str) -> str:
    """An attribute's value with its quotes."""
    return quoteattr(_FORBIDDEN.sub("\ufffd", value))


def element(name: str, content: str) -> str:
    """An element with escaped content; self-closing when empty, as SAP writes it."""
    return f"<{name}>{text(content)}</{name}>" if content else f"<{name}/>"
