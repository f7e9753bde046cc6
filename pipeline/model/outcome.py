"""What SAP's answer means for one document, sorted by what to do next.

Delivered: nothing. Refused: a person looks at it. NotTaken: send later, SAP provably did nothing.
Ambiguous: look in SAP, or repeat the very same request, before anything is sent again.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What every outcome keeps of the answer it was read from, as far as there was one.

    `transaction_id` is SAP's own name of the request, as transaction /IWFND/ERROR_LOG shows it; `repeatability` what
    the target said about our RequestID: "accepted", "unsupported" or nothing.
    """

    status: int | None = None
    transaction_id: str = ""
    repeatability: str = ""


@dataclass(frozen=True, kw_only=True)
class Delivered(Evidence):
    """SAP created the document and said so."""


@dataclass(frozen=True, kw_only=True)
class Refused(Evidence):
    """SAP definitely refused the document; `stops` says why no other one should be tried now, if so."""

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
class NotTaken(Evidence):
    """SAP provably did nothing. `wait` is what it asked for, in milliseconds; `stops` ends the run, if set."""

    why: str
    wait: int | None = None
    stops: str = ""


@dataclass(frozen=True, kw_only=True)
class Ambiguous(Evidence):
    """The document may be in SAP.

    `exists` means that SAP itself said that it is there, or that it was processed. `general` means that the trouble
    lies with the way or the target, not with this document: the next one would hardly fare better. `wait` is what was
    asked for, in milliseconds; `stops` ends the run, if set.
    """

    why: str
    exists: bool = False
    general: bool = False
    wait: int | None = None
    stops: str = ""


Outcome = Delivered | Refused | NotTaken | Ambiguous
