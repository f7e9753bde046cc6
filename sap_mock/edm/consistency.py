"""Whether a $metadata document can be served, and every reason why not, in one list.

Decides nothing: the reader resolves each reference once and keeps what it met; this hands it over.
"""

from __future__ import annotations

from sap_mock.edm.csdl_reader import MetadataError, read
from sap_mock.edm.oddities import Finding, Oddity, Severity

__all__ = ["Finding", "Severity", "findings"]


def findings(document: bytes) -> tuple[Finding, ...]:
    """Everything odd about the document, by line: ``severity``, ``line``, ``what``, ``remedy``; ``str`` gives one line.

    Never raises: a document that cannot be read at all is one finding of severity ERROR. With no ERROR among them the
    whole document can be served.
    """
    try:
        return read(document).findings
    except MetadataError as error:
        return (Finding(oddity=Oddity.UNREADABLE, target=str(error).rstrip(".")),)
