"""The command line: words into Options, and nothing else."""

from functools import partial
from ipaddress import ip_network
from typing import Any

import click

from billing_mock import server
from billing_mock.app import create_app
from billing_mock.app.vendors import VENDORS
from billing_mock.options import (
    BeyondLast,
    Chart,
    CreditSign,
    DateText,
    EndOfLife,
    ErrorShape,
    LastOfNone,
    MoneyText,
    Options,
    PageZero,
    PostmanAuth,
    Revenue,
    Unit,
)

PROGRAM = "billing-mock"

EPILOG = """
Keys of the Postman vendor: PMAK-billing-mock; PMAK-billing-mock-without-role and PMAK-billing-mock-without-team
belong to users who are refused. Fynn's token: fynn-billing-mock; fynn-billing-mock-without-permission is refused.
GET /_mock/settings tells the pipeline's settings for each vendor, GET /_mock/truth what should arrive in SAP,
GET /bill/openapi.json what can be asked of BILL.
"""


class WrongUsageError(click.ClickException):
    """What was asked for cannot be done here; one sentence, exit 2."""

    exit_code = 2


def _vendors(_context: click.Context, _parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in VENDORS:
            raise click.BadParameter(f"there is no vendor {name!r}; there is: {', '.join(VENDORS)}.")
    return tuple(dict.fromkeys(names)) or Options().vendors


def _networks(_context: click.Context, _parameter: click.Parameter, entries: tuple[str, ...]) -> tuple[str, ...]:
    for entry in entries:
        try:
            ip_network(entry, strict=False)
        except ValueError as wrong:
            raise click.BadParameter(f"{entry!r} is no address and no network.") from wrong
    return entries


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="billing-to-sap", prog_name=PROGRAM)
def main() -> None:
    """Billing systems to test against: they answer as the vendors' own APIs do, from one made-up set of invoices."""


@main.command(epilog=EPILOG)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8100, show_default=True, help="0 takes a free one.")
@click.option(
    "--invoices",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    help="How many can be delivered; they are counted before it is ready, some 0.1 ms for each.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Other seeds, other invoices.")
@click.option(
    "--bad-records",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="How many more cannot be delivered: no amount, no such day, not a record at all …",
)
@click.option("--only-usd", is_flag=True, help="As Postman documents it; otherwise a tenth is EUR, GBP, JPY or KWD.")
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=lambda _context, _parameter, day: day and day.date(),
    help="The day that decides what is due already; the day in Berlin otherwise.",
)
@click.option(
    "--vendor",
    "vendors",
    multiple=True,
    callback=_vendors,
    help="Which to answer as; may be repeated. All four otherwise.",
)
@click.option(
    "--postman-auth",
    type=click.Choice(PostmanAuth, case_sensitive=False),
    default=PostmanAuth.SPEC,
    show_default=PostmanAuth.SPEC.value,
    help="spec: x-api-key, 401 without. blog: Authorization: Bearer, 403 without.",
)
@click.option(
    "--postman-errors",
    type=click.Choice(ErrorShape, case_sensitive=False),
    default=ErrorShape.PROBLEM,
    show_default=ErrorShape.PROBLEM.value,
    help="Shape of the error bodies, where more than one is documented.",
)
@click.option(
    "--postman-unit",
    type=click.Choice(Unit, case_sensitive=False),
    default=Unit.MAJOR,
    show_default=Unit.MAJOR.value,
    help="What the number of an amount counts: dollars or cents.",
)
@click.option(
    "--postman-rate-limit",
    type=click.IntRange(min=1),
    default=300,
    show_default=True,
    help="Requests per minute and user.",
)
@click.option(
    "--bill-session-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=35 * 60,
    show_default=True,
    help="How long a session lasts unused.",
)
@click.option("--bill-requests-per-hour", type=click.IntRange(min=1), default=20_000, show_default=True)
@click.option("--bill-logins-per-hour", type=click.IntRange(min=1), default=200, show_default=True)
@click.option(
    "--bill-emails-per-minute",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Invoices that may be sent by e-mail; no mail is sent.",
)
@click.option(
    "--bill-forbid",
    multiple=True,
    type=click.Choice(["customers", "invoices", "credit-memos", "receivable-payments"]),
    help="A list that the user may not see (BDC_1105); may be repeated.",
)
@click.option(
    "--bill-page-default",
    type=click.IntRange(1, 100),
    default=20,
    show_default=True,
    help="Records on a page without max.",
)
@click.option(
    "--bill-limit-status",
    type=click.Choice([429, 422]),
    default=429,
    show_default=True,
    help="Status of BDC_1144 and BDC_1322, which BILL does not publish.",
)
@click.option(
    "--bill-login-status",
    type=click.Choice([401, 400]),
    default=401,
    show_default=True,
    help="Status of BDC_1101 and BDC_1102, which BILL does not publish.",
)
@click.option(
    "--bill-lists-archived/--bill-lists-without-archived",
    default=True,
    show_default=True,
    help="Whether a list without a filter on archived has archived records, which BILL does not document.",
)
@click.option(
    "--bill-tokens-survive-login/--bill-tokens-end-with-session",
    default=True,
    show_default=True,
    help="Whether a page token still leads on after a new log-on.",
)
@click.option(
    "--fynn-chart",
    type=click.Choice(Chart, case_sensitive=False),
    default=Chart.SKR03,
    show_default=Chart.SKR03.value,
    help="Chart of accounts.",
)
@click.option(
    "--fynn-posting-keys/--no-fynn-posting-keys",
    default=True,
    show_default=True,
    help="Whether DATEV's posting key stands before some account numbers, as in 40.8400.",
)
@click.option(
    "--fynn-unit",
    type=click.Choice(Unit, case_sensitive=False),
    default=Unit.MINOR,
    show_default=Unit.MINOR.value,
    help="What the number of an amount counts: euros or cents.",
)
@click.option(
    "--fynn-revenue",
    type=click.Choice(Revenue, case_sensitive=False),
    default=Revenue.NET,
    show_default=Revenue.NET.value,
    help="net: revenue and its tax are two postings. gross: one, on an automatic account without a posting key.",
)
@click.option(
    "--fynn-amounts",
    type=click.Choice(MoneyText, case_sensitive=False),
    default=MoneyText.INTEGER,
    show_default=MoneyText.INTEGER.value,
    help="How the smallest units of an amount are told.",
)
@click.option(
    "--fynn-page-zero",
    type=click.Choice(PageZero, case_sensitive=False),
    default=PageZero.REFUSE,
    show_default=PageZero.REFUSE.value,
    help="What page=0 leads to.",
)
@click.option(
    "--fynn-beyond-last",
    type=click.Choice(BeyondLast, case_sensitive=False),
    default=BeyondLast.EMPTY,
    show_default=BeyondLast.EMPTY.value,
    help="What a page after the last leads to.",
)
@click.option(
    "--fynn-last-page-of-none",
    type=click.Choice(LastOfNone, case_sensitive=False),
    default=LastOfNone.ZERO,
    show_default=LastOfNone.ZERO.value,
    help="What lastPage says for limit=0.",
)
@click.option(
    "--fynn-violation-status",
    type=click.Choice([400, 422]),
    default=400,
    show_default=True,
    help="Status for a query that breaks the rules.",
)
@click.option("--copaco-key-header", default="X-Api-Key", show_default=True, help="Header of the key.")
@click.option("--copaco-start-parameter", default="startDate", show_default=True, help="First day of the period.")
@click.option("--copaco-end-parameter", default="endDate", show_default=True, help="Last day of the period.")
@click.option(
    "--copaco-address-status",
    type=click.Choice([403, 401]),
    default=403,
    show_default=True,
    help="Status for an address that may not call.",
)
@click.option(
    "--copaco-key-status",
    type=click.Choice([401, 403]),
    default=401,
    show_default=True,
    help="Status for a key that is unknown or has expired.",
)
@click.option("--copaco-invoice-type", default="Invoice", show_default=True, help="Header.Type of an invoice.")
@click.option("--copaco-credit-type", default="Credit", show_default=True, help="Header.Type of a credit.")
@click.option(
    "--copaco-type-codes/--no-copaco-type-codes",
    default=True,
    show_default=True,
    help="Whether TypeIdentifier says 380 and 381, or nothing.",
)
@click.option(
    "--copaco-allow",
    multiple=True,
    callback=_networks,
    default=Options().copaco_allow,
    show_default=True,
    help="Address or network that may call; may be repeated.",
)
@click.option("--copaco-allow-nobody", is_flag=True, help="As before the first entry of the list is made.")
@click.option(
    "--copaco-trusted-proxy",
    "copaco_trusted_proxies",
    multiple=True,
    callback=_networks,
    help="Address or network whose X-Forwarded-For is believed; may be repeated.",
)
@click.option(
    "--copaco-end-of-life",
    type=click.Choice(EndOfLife, case_sensitive=False),
    default=EndOfLife.GONE,
    show_default=EndOfLife.GONE.value,
    help="What v1 leads to: 410, or an answer with a header.",
)
@click.option(
    "--copaco-credit-sign",
    type=click.Choice(CreditSign, case_sensitive=False),
    default=CreditSign.NEGATIVE,
    show_default=CreditSign.NEGATIVE.value,
    help="Whether credits are below zero, or only their Type says so.",
)
@click.option(
    "--copaco-dates",
    type=click.Choice(DateText, case_sensitive=False),
    default=DateText.DATE,
    show_default=DateText.DATE.value,
    help="How days are written.",
)
@click.option("--copaco-decimal-comma", is_flag=True, help="Amounts in XML have a comma, as a Dutch system might.")
def serve(host: str, port: int, **choices: Any) -> None:
    """Answer until Ctrl-C or SIGTERM; prints one line when ready."""
    if choices.pop("copaco_allow_nobody"):
        choices["copaco_allow"] = ()
    options = Options(**choices)
    try:
        server.serve(partial(create_app, options, prepared=True), host=host, port=port, name=PROGRAM)
    except server.PortError as error:
        raise WrongUsageError(str(error)) from error
