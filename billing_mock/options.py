"""What a run of billing-mock is asked to be: read once by the command line, then only handed on."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo


class PostmanAuth(StrEnum):
    """Which of Postman's two descriptions of its own log-on is followed."""

    SPEC = "spec"  # Postman API OpenAPI 1.45.0: header x-api-key, 401 without a valid one
    BLOG = "blog"  # Postman blog on the billing endpoints (2023): Authorization: Bearer, 403


class ErrorShape(StrEnum):
    """The bodies in which Postman is documented to refuse (Postman API OpenAPI 1.45.0)."""

    PROBLEM = "problem"  # RFC 7807 with type, title, detail, status
    ENVELOPE = "envelope"  # the older {"error": {"name": …, "message": …}}
    STATUSLESS = "statusless"  # RFC 7807 without the status member


@dataclass(frozen=True, kw_only=True)
class Options:
    """Everything that can be chosen when billing-mock starts."""

    invoices: int = 1000
    seed: int = 1
    bad_records: int = 0
    only_usd: bool = False
    vendors: tuple[str, ...] = ("postman",)
    today: date | None = None
    postman_auth: PostmanAuth = PostmanAuth.SPEC
    postman_errors: ErrorShape = ErrorShape.PROBLEM
    postman_rate_limit: int = 300

    def day(self) -> date:
        """The day that decides what is due: the one asked for, or today in Berlin, where the books are kept."""
        return self.today or datetime.now(ZoneInfo("Europe/Berlin")).date()
