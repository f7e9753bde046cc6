"""One document, as each vendor would write it, and where each may go: what the golden examples and properties stand on.

A record is written as the vendor's bytes and read with the reader that its source reads them with.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

from pipeline.model.record import read_json
from pipeline.sources import xml_stream
from pipeline.sources.copaco import LEFT_OUT, LISTS

BERLIN = ZoneInfo("Europe/Berlin")
PAYABLES = "\n".join(
    f'[supplier_invoices.{source}]\nsupplier = "10300099"\ngl_account = "600100"\ntax_code = "V1"\ntax_rate = "19"\n'
    for source in ("postman", "bill", "copaco")
)
GROSS = "[journal]\nautomatic_gross = true\n"


@dataclass(frozen=True, kw_only=True)
class Told:
    """An amount above zero in its currency, on a day; `minute` is when on that day in Berlin."""

    amount: Decimal
    currency: str
    day: date
    minute: int = 0
    is_credit: bool = False

    @property
    def decimals(self) -> int:
        return -self.amount.as_tuple().exponent

    @property
    def signed(self) -> Decimal:
        return -self.amount if self.is_credit else self.amount


def postman(told: Told) -> bytes:
    total = f'{{"value":{told.amount},"currency":"{told.currency}"}}'
    return f'{{"id":"inv_1","status":"OPEN","issuedAt":"{told.day}","totalAmount":{total}}}'.encode()


def bill(told: Told) -> bytes:
    line = f'{{"price":{told.amount},"quantity":1}}'
    return (
        f'{{"id":"00e1","archived":false,"status":"OPEN","invoiceDate":"{told.day}","customerId":"0cu1","totalAmount":'
        f'{told.amount},"invoiceLineItems":[{line}],"$customer":{{"id":"0cu1","invoiceCurrency":"{told.currency}"}}}}'
    ).encode()


def copaco(told: Told) -> bytes:
    nothing = Decimal(0).scaleb(-told.decimals)
    kind = "Credit" if told.is_credit else "Invoice"
    amount = told.signed
    return (
        f"<InvoiceResponse><Invoice><Header><InvoiceID>1</InvoiceID><Date>{told.day}</Date><Currency>{told.currency}"
        f"</Currency><Type>{kind}</Type></Header><Sender/><Receiver/><Customers><Customer><Subscriptions><Subscription>"
        f"<PriceLines><PriceLine><Quantity>1</Quantity><UnitPrice>{amount}</UnitPrice><Discount/><Duration>1</Duration>"
        f"<ExtendedPrice>{amount}</ExtendedPrice><VAT>{nothing}</VAT></PriceLine></PriceLines></Subscription>"
        f"</Subscriptions></Customer></Customers><Totals><TotalExcludingVAT>{amount}</TotalExcludingVAT><TotalVAT>"
        f"{nothing}</TotalVAT><TotalIncludingVAT>{amount}</TotalIncludingVAT></Totals></Invoice></InvoiceResponse>"
    ).encode()


def fynn(told: Told) -> bytes:
    minor = int(told.amount.scaleb(told.decimals))
    moment = datetime.combine(told.day, time(told.minute // 60, told.minute % 60), BERLIN).astimezone(UTC)
    money = f'{{"amount":{minor},"currencyCode":"{told.currency}","precision":{told.decimals}}}'

    def side(number: str, kind: str) -> str:
        account = f'{{"id":"a","name":"n","number":"{number}","type":"{kind}"}}'
        dimensions = '{"taxRate":19,"customerNumber":"CUST-1"}'
        when = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        return f'{{"id":"s","amount":{money},"date":"{when}","account":{account},"dimensions":{dimensions}}}'

    debit, credit = side("1400", "debtor"), side("8400", "revenueGermany")
    return f'{{"id":"p1","type":"revenue","committed":true,"debit":{debit},"credit":{credit}}}'.encode()


def from_json(body: bytes) -> object:
    return read_json(body)


def from_xml(body: bytes) -> object:
    found = xml_stream.elements(
        BytesIO(body).read, root="InvoiceResponse", item="Invoice", lists=LISTS, leave_out=LEFT_OUT
    )
    return next(found)


@dataclass(frozen=True)
class Way:
    """From a source to a target: how a document is told and read, and the mapping file that leads there."""

    source: str
    tell: Callable[[Told], bytes]
    read: Callable[[bytes], object] = from_json
    mapping: str = ""
    has_credits: bool = False

    def record(self, told: Told) -> object:
        return self.read(self.tell(told))


WAYS = {
    "postman": Way("postman", postman),
    "postman, payable": Way("postman", postman, mapping=PAYABLES),
    "bill": Way("bill", bill),
    "bill, payable": Way("bill", bill, mapping=PAYABLES),
    "copaco": Way("copaco", copaco, from_xml, has_credits=True),
    "copaco, payable": Way("copaco", copaco, from_xml, PAYABLES, has_credits=True),
    "fynn": Way("fynn", fynn),
    "fynn, gross": Way("fynn", fynn, mapping=GROSS),
}
