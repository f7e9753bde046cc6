"""Everything that can be odd about a $metadata document: one table, each row with its severity, text and remedy.

The reader looks at a reference once, decides what becomes of it, and reports it here by name; nobody decides it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum


class Severity(StrEnum):
    """ERROR: something of the document cannot be served. WARNING: it is served, without the odd part."""

    ERROR = "error"
    WARNING = "warning"


class Oddity(Enum):
    """The kinds of finding. The text's ``{place}`` says where, ``{target}`` what was looked for or read."""

    UNREADABLE = (Severity.ERROR, "{target}", "give the $metadata document of an OData V2 service")
    SET_WITHOUT_TYPE = (
        Severity.ERROR,
        "{place} is of type {target}, which no schema defines",
        "define the entity type or remove the set; the set is not served",
    )
    SET_WITHOUT_KEY = (
        Severity.ERROR,
        "{place} is of type {target}, which has no key",
        "give the entity type a key; the set is not served",
    )
    NO_SETS = (
        Severity.WARNING,
        "the document publishes neither an entity set nor a function import",
        "add one; the service document is empty",
    )
    NAMELESS = (Severity.WARNING, "{place} has no {target}", "give it one; it is left out")
    DEFINED_TWICE = (Severity.WARNING, "{place} is defined a second time", "rename one; the first is served")
    UNQUALIFIED = (
        Severity.WARNING,
        "{place} names {target} without a namespace",
        "write the namespace; it is looked for in the same schema",
    )
    UNKNOWN_PRIMITIVE = (
        Severity.WARNING,
        "{place} is of type {target}, which OData V2 does not have",
        "use a V2 type; it is read as Edm.String",
    )
    UNKNOWN_TYPE = (
        Severity.WARNING,
        "{place} is of type {target}, which no schema defines as a complex type",
        "define the type; it is left out",
    )
    ENDLESS_TYPE = (
        Severity.WARNING,
        "{place} is of type {target}, which contains itself",
        "break the circle; the property is left out",
    )
    UNKNOWN_BASE = (
        Severity.WARNING,
        "{place} has the base type {target}, which no schema defines",
        "define the base type; nothing is inherited",
    )
    ENDLESS_BASE = (
        Severity.WARNING,
        "{place} has the base type {target}, which descends from it",
        "break the circle; nothing is inherited there",
    )
    UNKNOWN_KEY = (
        Severity.WARNING,
        "the key of {place} names {target}, which it has no property for",
        "define the property; it is left out of the key",
    )
    NULLABLE_KEY = (
        Severity.WARNING,
        "{place} is part of the key and nullable",
        'say Nullable="false"; it is served as written',
    )
    ODD_FACET = (Severity.WARNING, "{place} has {target}", "give a number; the facet is ignored")
    SCALE_OVER_PRECISION = (
        Severity.WARNING,
        "{place} has {target}, more digits behind the point than in all",
        "raise Precision; it is ignored",
    )
    ODD_MULTIPLICITY = (
        Severity.WARNING,
        "{place} has the multiplicity {target}",
        "use 1, 0..1 or *; the association is left out",
    )
    NOT_TWO_ENDS = (
        Severity.WARNING,
        "{place} has {target} ends with different roles",
        "give it two; the association is left out",
    )
    END_WITHOUT_TYPE = (
        Severity.WARNING,
        "{place} ends at type {target}, which no schema defines",
        "define the type; the association is left out",
    )
    ODD_CONSTRAINT = (
        Severity.WARNING,
        "the referential constraint of {place} names {target}, which is not there",
        "mend the constraint; the association is served without it",
    )
    WAY_WITHOUT_ASSOCIATION = (
        Severity.WARNING,
        "{place} uses the association {target}, which is not there or was left out",
        "define the association; the navigation property is left out",
    )
    WAY_WITHOUT_ROLE = (
        Severity.WARNING,
        "{place} uses the role {target}, which its association does not have",
        "use a role of the association; the navigation property is left out",
    )
    WAY_TO_NO_SET = (
        Severity.WARNING,
        "{place} leads from entity set {target} to no entity set",
        "add an entity set of the other end's type; the way cannot be gone",
    )
    TIES_NO_ASSOCIATION = (
        Severity.WARNING,
        "{place} ties the association {target}, which is not there or was left out",
        "define the association; the association set is left out",
    )
    TIES_NO_SET = (
        Severity.WARNING,
        "{place} ties the entity set {target}, which is not there or was left out",
        "define the entity set; that end is left open",
    )
    TIES_NO_ROLE = (
        Severity.WARNING,
        "{place} ties the role {target}, which its association does not have",
        "use a role of the association; that end is left open",
    )
    RETURNS_NOTHING_KNOWN = (
        Severity.WARNING,
        "{place} returns {target}, which is not there",
        "define the type; the function import is left out",
    )
    RETURNS_FROM_NO_SET = (
        Severity.WARNING,
        "{place} returns entities of {target}, which is not there",
        "define the entity set; the first set of the returned type is used, if there is one",
    )

    def __init__(self, severity: Severity, text: str, remedy: str) -> None:
        self.severity = severity
        self.text = text
        self.remedy = remedy


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One oddity of one document; ``line`` is where it stands, if that is known."""

    oddity: Oddity
    line: int | None = None
    place: str = ""
    target: str = ""

    @property
    def severity(self) -> Severity:
        """Whether it keeps something from being served."""
        return self.oddity.severity

    @property
    def what(self) -> str:
        """What is odd, as a sentence without a full stop."""
        return self.oddity.text.format(place=self.place, target=self.target)

    @property
    def remedy(self) -> str:
        """What to do about it, and what happens until then."""
        return self.oddity.remedy

    def __str__(self) -> str:
        at = "" if self.line is None else f"line {self.line}: "
        return f"{at}{self.severity}: {self.what}: {self.remedy}"
