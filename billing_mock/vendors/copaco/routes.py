"""The Commerce Platform's four addresses: key, address of the caller, version, period, then the stream.

Source: the Copaco Cloud knowledge base on access to the Billing API and on versioning.
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from itertools import chain

from flask import Blueprint, Response, g, request

from billing_mock import exact_json
from billing_mock.faults import Strike
from billing_mock.options import EndOfLife, Options
from billing_mock.vendors.copaco import errors, paging, presenter
from billing_mock.vendors.copaco.presenter import Paper
from billing_mock.xml_text import Writer

VERSIONS = {"v1": "end-of-life", "v2": "deprecated", "v3": "stable", "v4": "experimental"}
"""Version → where it stands; a version ends about three months after a newer one is stable."""

PURCHASES, SALES, JOINED = "invoices", "customerinvoices", "consolidatedinvoices"
SUBSCRIPTIONS = "subscriptiondetails"


def blueprint(options: Options, calendar: paging.Calendar) -> Blueprint:
    """The addresses under /copaco, reading from `calendar`."""
    pages = Blueprint("copaco", __name__, url_prefix="/copaco")

    @pages.before_request
    def admit() -> Response | None:
        refusal = _refusal(options)
        return errors.answer(refusal, as_json=_as_json()) if refusal else None

    @pages.after_request
    def tell_the_version(response: Response) -> Response:
        state = VERSIONS.get(str((request.view_args or {}).get("version")))
        if state in {"deprecated", "end-of-life"}:
            response.headers["Deprecation"] = "true"
            response.headers["X-Api-Version-Status"] = state
        return response

    @pages.get(f"/<version>/<any({PURCHASES},{SALES},{JOINED},{SUBSCRIPTIONS}):kind>")
    def listed(version: str, kind: str) -> Response:
        state = VERSIONS.get(version)
        if state is None:
            return errors.answer(errors.UNKNOWN, as_json=_as_json())
        if state == "end-of-life" and options.copaco_end_of_life == EndOfLife.GONE:
            return errors.answer(errors.END_OF_LIFE, as_json=_as_json())
        try:
            asked = paging.period(request.args, options.copaco_start_parameter, options.copaco_end_parameter)
        except paging.PeriodError as wrong:
            return errors.answer(errors.dates(str(wrong)), as_json=_as_json())
        papers = calendar.papers(asked, is_sold=kind == SALES)
        if kind == SUBSCRIPTIONS:
            return _stream("Subscription", chain.from_iterable(map(presenter.subscriptions, papers)), options)
        told = _told(papers, kind, options, ahead=state == "experimental")
        return _stream("Invoice", _spelled(told, as_json=_as_json()), options)

    @pages.route("/", defaults={"path": ""})
    @pages.route("/<path:path>")
    def elsewhere(path: str) -> Response:
        del path
        return errors.answer(errors.UNKNOWN, as_json=_as_json())

    return pages


def _refusal(options: Options) -> errors.Refusal | None:
    """A valid key is not enough: the caller's address has to be on the list, and an empty list lets nobody in."""
    if request.headers.get(options.copaco_key_header) != presenter.API_KEY:
        return errors.denied(options.copaco_key_status)
    forwarded = request.headers.get("X-Forwarded-For", "")
    caller = caller_address(request.remote_addr or "", forwarded, options.copaco_trusted_proxies)
    return None if listed_address(caller, options.copaco_allow) else errors.denied(options.copaco_address_status)


def caller_address(peer: str, forwarded: str, trusted: tuple[str, ...]) -> str:
    """Who is calling: the peer, unless that is a trusted proxy; then the last address that is not one, as it tells."""
    chain = [part.strip() for part in forwarded.split(",") if part.strip()] + [peer]
    while len(chain) > 1 and listed_address(chain[-1], trusted):
        chain.pop()
    return chain[-1]


def listed_address(address: str, entries: tuple[str, ...]) -> bool:
    """Whether the address is one of the entries or in one of their networks; what is no address is not."""
    try:
        known = ip_address(address)
    except ValueError:
        return False
    if isinstance(known, IPv6Address) and known.ipv4_mapped:
        known = known.ipv4_mapped
    return any(known in ip_network(entry, strict=False) for entry in entries)


def _told(papers: Iterator[Paper], kind: str, options: Options, *, ahead: bool) -> Iterator[tuple[Paper, object]]:
    strike: Strike | None = g.get("strike")
    disturb = paging.DISTURBANCES.get(strike.fault) if strike else None

    def tell(paper: Paper) -> object:
        told = presenter.consolidated(paper, options) if kind == JOINED else presenter.invoice(paper, options)
        told = paging.disturbed(told, disturb) if disturb else told
        return _of_tomorrow(told) if ahead else told

    return ((paper, tell(paper)) for paper in papers)


def _of_tomorrow(told: object) -> object:
    """A newer version may add members and tell them in another order."""
    if not isinstance(told, Mapping):
        return told
    return {"VendorDetails": {"Name": "Vendor"}, **dict(reversed(list(told.items())))}


def _as_json() -> bool:
    """JSON only for those who name it before XML; anything that fits both, as `*/*`, gets XML."""
    wanted = (str(kind).partition(";")[0].strip() for kind, quality in request.accept_mimetypes if quality > 0)
    return next((kind for kind in wanted if kind in {"application/json", "application/xml"}), "") == "application/json"


def _spelled(told: Iterator[tuple[Paper, object]], *, as_json: bool) -> Iterator[object]:
    """Each invoice with the names of its format; runs after the request is over, so it cannot ask it."""
    return (element if as_json else presenter.for_xml(element, paper.document) for paper, element in told)


def _stream(what: str, told: Iterable[object], options: Options) -> Response:
    """All of one kind in the format that was asked for, as it is told."""
    if _as_json():
        json_texts = map(exact_json.dumps, told)
        stream = paging.streamed(json_texts, head=f'{{"{what}s":[', tail="]}", between=",")
        return Response(stream, content_type=errors.JSON)
    writer = Writer(presenter.ITEMS, point="," if options.copaco_decimal_comma else ".")
    xml_texts = (writer.element(what, element) for element in told)
    stream = paging.streamed(xml_texts, head=paging.XML_HEAD.format(what), tail=f"</{what}Response>", between="")
    return Response(stream, content_type=errors.XML)
