"""What SAP's answer means for one invoice, sorted by what to do next.

Delivered: nothing. Refused: a person looks at it. NotTaken: send later, SAP provably did nothing.
Ambiguous: look in SAP before anything is sent again.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """SAP created the document and said so."""

    status: int


@dataclass(frozen=True, kw_only=True)
class Refused:
    """SAP definitely refused the document; `stops` says why no other one should be tried now, if so."""

    status: int
    code: str
    message: str
    details: tuple[str, ...] = ()
    stops: str = ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """The leading message with its code, then every detail that adds something."""
        lead = f"{self.message} ({self.code})" if self.code else self.message
        return (lead, *(detail for detail in self.details if detail != self.message))


@dataclass(frozen=True, kw_only=True)
class NotTaken:
    """SAP provably did nothing. `wait` is what it asked for, in milliseconds; `stops` ends the run, if set."""

    why: str
    status: int | None = None
    wait: int | None = None
    stops: str = ""


@dataclass(frozen=True, kw_only=True)
class Ambiguous:
    """The document may be in SAP. `exists` means that SAP itself said a document of this key is there."""

    why: str
    status: int | None = None
    exists: bool = False


Outcome = Delivered | Refused | NotTaken | Ambiguous
