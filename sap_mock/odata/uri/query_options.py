"""The query part of an address: system query options, checked for form, and everything else kept as custom options.

[MS-ODATA] 2.2.3.6. A name may be percent-encoded (``%24filter``) and ``+`` is a space, as pyodata sends them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from sap_mock.odata.errors import Refusal, refused

SYSTEM_OPTIONS = (
    "$filter", "$orderby", "$expand", "$select", "$format", "$skip", "$top", "$skiptoken", "$inlinecount",
)  # fmt: skip
_NUMBER = re.compile(r"[0-9]{1,10}\Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOptions:
    """The options of one request, still as text but for the numbers. ``given`` names the system options present."""

    filter: str | None = None
    orderby: str | None = None
    expand: str | None = None
    select: str | None = None
    format: str | None = None
    skip: int | None = None
    top: int | None = None
    skiptoken: str | None = None
    inlinecount: bool = False
    given: tuple[str, ...] = ()
    custom: Mapping[str, str] = field(default_factory=dict)


NONE = QueryOptions()


def parse(query: str) -> QueryOptions:
    """Read a raw query string; raises ODataError (400) for an unknown ``$`` option or a value of the wrong form."""
    if not query:
        return NONE
    found: dict[str, str] = {}
    custom: dict[str, str] = {}
    for pair in query.split("&"):
        if not pair:
            continue
        raw_name, _, raw_value = pair.partition("=")
        name = unquote_plus(raw_name).strip()
        value = unquote_plus(raw_value, errors="replace")
        if not name.startswith("$"):
            custom[name] = value
        elif name not in SYSTEM_OPTIONS:
            raise refused(Refusal.OPTION_UNKNOWN, option=name)
        elif name in found:
            raise refused(Refusal.CONSTRUCTION_RULES)
        else:
            found[name] = value.strip()
    return QueryOptions(
        filter=found.get("$filter"),
        orderby=found.get("$orderby"),
        expand=found.get("$expand"),
        select=found.get("$select"),
        format=found.get("$format"),
        skip=_number(found.get("$skip")),
        top=_number(found.get("$top")),
        skiptoken=found.get("$skiptoken"),
        inlinecount=_inlinecount(found.get("$inlinecount")),
        given=tuple(name for name in SYSTEM_OPTIONS if name in found),
        custom=custom,
    )


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not _NUMBER.match(text):
        raise refused(Refusal.OPTION_VALUE)
    return int(text)


def _inlinecount(text: str | None) -> bool:
    if text in (None, "none"):
        return False
    if text != "allpages":
        raise refused(Refusal.OPTION_VALUE)
    return True
