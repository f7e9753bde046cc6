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


class Unit(StrEnum):
    """What the number of an amount counts; neither Postman's nor Fynn's pages say it of these amounts."""

    MAJOR = "major"  # 440 is 440.00 USD
    MINOR = "minor"  # 440 is 4.40 USD


class Chart(StrEnum):
    """The German charts of accounts."""

    SKR03 = "skr03"
    SKR04 = "skr04"


class MoneyText(StrEnum):
    """How Fynn tells the amount of a money object; its documentation shows integers for other endpoints only."""

    INTEGER = "integer"
    STRING = "string"


class Revenue(StrEnum):
    """What Fynn books on an automatic account of DATEV's, which splits the tax off by itself; it does not say."""

    NET = "net"  # and the tax as a posting of its own
    GROSS = "gross"  # and no posting of the tax, unless a posting key 40 lifts the automatism


class PageZero(StrEnum):
    """What Fynn does with page=0, which is not documented."""

    REFUSE = "refuse"
    FIRST = "first"


class BeyondLast(StrEnum):
    """What Fynn does with a page after the last, which is not documented."""

    EMPTY = "empty"
    NOT_FOUND = "not-found"


class LastOfNone(StrEnum):
    """What Fynn tells as lastPage for limit=0, which is allowed: nothing, or a page per item."""

    ZERO = "zero"
    HUGE = "huge"


class EndOfLife(StrEnum):
    """What the Commerce Platform does with a version at the end of its life, which is not documented."""

    GONE = "gone"
    ANSWERS = "answers"  # as before, with a header


class CreditSign(StrEnum):
    """Whether the Commerce Platform's credits are below zero, or only their Type says what they are."""

    NEGATIVE = "negative"
    POSITIVE = "positive"


class DateText(StrEnum):
    """How the Commerce Platform writes days; its pages show none."""

    DATE = "date"
    DATETIME = "datetime"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Everything that can be chosen when billing-mock starts."""

    invoices: int = 1000
    seed: int = 1
    bad_records: int = 0
    only_usd: bool = False
    vendors: tuple[str, ...] = ("postman", "bill", "copaco", "fynn")
    today: date | None = None
    postman_auth: PostmanAuth = PostmanAuth.SPEC
    postman_errors: ErrorShape = ErrorShape.PROBLEM
    postman_unit: Unit = Unit.MAJOR
    postman_rate_limit: int = 300
    bill_session_seconds: float = 35 * 60
    bill_requests_per_hour: int = 20_000
    bill_logins_per_hour: int = 200
    bill_emails_per_minute: int = 5  # how the limit is told is not published
    bill_forbid: tuple[str, ...] = ()  # lists that the user may not see: BDC_1105, whose status is not published
    bill_page_default: int = 20  # the reference says 20, the page on lists 100
    bill_limit_status: int = 429  # BDC_1144 and BDC_1322; clients also report 422
    bill_login_status: int = 401  # BDC_1101 and BDC_1102; clients also report 400
    bill_lists_archived: bool = True  # whether a list without a filter on archived has archived records; not documented
    bill_tokens_survive_login: bool = True  # whether a page token still leads on after a new log-on; not documented
    fynn_chart: Chart = Chart.SKR03
    fynn_posting_keys: bool = True  # DATEV's, as in 40.8400, before the account numbers of every third document
    fynn_unit: Unit = Unit.MINOR  # its wallet takes major units
    fynn_revenue: Revenue = Revenue.NET
    fynn_amounts: MoneyText = MoneyText.INTEGER
    fynn_page_zero: PageZero = PageZero.REFUSE
    fynn_beyond_last: BeyondLast = BeyondLast.EMPTY
    fynn_last_page_of_none: LastOfNone = LastOfNone.ZERO
    fynn_violation_status: int = 400  # the documentation has 400 and 422
    copaco_key_header: str = "X-Api-Key"  # not published
    copaco_start_parameter: str = "startDate"  # not published either
    copaco_end_parameter: str = "endDate"
    copaco_address_status: int = 403  # for an address that is not on the list; not published
    copaco_key_status: int = 401  # for a key that is unknown or has expired; not published
    copaco_invoice_type: str = "Invoice"  # Header.Type of an invoice and of a credit; the literals are not published
    copaco_credit_type: str = "Credit"
    copaco_type_codes: bool = True  # 380 and 381 as TypeIdentifier; the codes are not published either
    copaco_allow: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    copaco_trusted_proxies: tuple[str, ...] = ()
    copaco_end_of_life: EndOfLife = EndOfLife.GONE
    copaco_credit_sign: CreditSign = CreditSign.NEGATIVE
    copaco_dates: DateText = DateText.DATE
    copaco_decimal_comma: bool = False  # in XML; a Dutch system might

    def day(self) -> date:
        """The day that decides what is due: the one asked for, or today in Berlin, where the books are kept."""
        return self.today or datetime.now(ZoneInfo("Europe/Berlin")).date()
