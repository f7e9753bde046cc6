"""Everything is put together here, from settings, and nowhere else."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from pipeline.clock import Clock
from pipeline.delivery import waiting
from pipeline.delivery.collect import Feed
from pipeline.delivery.deliver import Route
from pipeline.delivery.judge import Judge
from pipeline.delivery.pace import Paces
from pipeline.delivery.resolve import Lookout
from pipeline.delivery.slots import Slots
from pipeline.delivery.stop import Stop
from pipeline.ledger.actor import this_program
from pipeline.ledger.ledger import Ledger
from pipeline.model.stops import Misconfigured
from pipeline.network import Network
from pipeline.odata_client.client import Client
from pipeline.odata_client.entities import Entities, EntitySet
from pipeline.odata_client.target import Target
from pipeline.sap import invoice_entity, journal_entry, mapping, supplier_invoice
from pipeline.sap.form import Form
from pipeline.sap.mapping import Books
from pipeline.schemas import bill as bill_schema
from pipeline.schemas import copaco as copaco_schema
from pipeline.schemas import fynn as fynn_schema
from pipeline.schemas import postman as postman_schema
from pipeline.settings import ENCODING, Settings
from pipeline.sources.bill import Bill
from pipeline.sources.copaco import Copaco
from pipeline.sources.fynn import Fynn
from pipeline.sources.postman import Postman
from pipeline.telemetry.redaction import Redactor
from pipeline.telemetry.watch import Watch
from pipeline.telemetry.watched import WatchedEntities, WatchedLedger, WatchedSource

FORMS = {form.name: form for form in (invoice_entity.FORM, journal_entry.FORM, supplier_invoice.FORM)}
BATCH_SIZE = 100
LEASE = 300_000


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the commands work with."""

    settings: Settings
    clock: Clock
    watch: Watch = field(default_factory=Watch)

    def ledger(self, url: str = "") -> Ledger:
        """The ledger, opened.

        A lease never outlives the grace period, so that a dead sender does not delay the look.
        """
        grace = self.settings.grace
        ledger = WatchedLedger.open(
            url or self.settings.ledger_url,
            self.clock,
            grace=grace,
            lease=min(LEASE, max(grace, 1_000)),
            observer=self.watch.transitions,
            actor=this_program(),
            state=self.settings.state_dir,
        )
        ledger.watch = self.watch
        return ledger

    def kept_ledger(self) -> Ledger:
        """The ledger that is there: what only asks or mends begins none. Raises Misconfigured if there is none."""
        url = self.settings.ledger_url
        if not Ledger.exists(url):
            where = f"{Redactor(()).clean(url)}, seen from {Path.cwd()}"
            raise Misconfigured(f"B2S_LEDGER_URL: there is no ledger {where}: name the one you mean, or sync first")
        return self.ledger()

    def existing_ledger(self) -> Ledger:
        """The ledger if there is one, else an empty one in memory: a rehearsal creates no file."""
        return self.ledger("" if Ledger.exists(self.settings.ledger_url) else "sqlite://")

    def feeds(self, names: Sequence[str]) -> list[Feed]:
        """The configured sources of these names."""
        feeds = [FEEDS[name](self.settings, self.clock) for name in names]
        return [replace(feed, source=WatchedSource(feed.source, self.watch, self.clock)) for feed in feeds]

    def client(self, form: Form, slots: Slots | None = None) -> Client:
        """A session with a form's service, for one thread; with slots, each request holds one."""
        target = Target(
            base_url=self.settings.sap_url,
            service=form.service,
            user=self.settings.sap_user,
            password=self.settings.sap_password,
            sap_client=self.settings.sap_client,
            network=_network("B2S_SAP_PROXY_URL", self.settings.sap_proxy, self.settings),
        )
        return Client(target, self.clock, in_flight=slots.held if slots else nullcontext)

    def connect(self, slots: Slots, target: str) -> Entities:
        """The documents of one form, for one thread."""
        form = FORMS[target]
        entity_set = EntitySet(
            name=form.entity_set,
            key_property=form.key,
            duplicate_codes=form.duplicate_codes,
            by_filter=form.by_filter,
            items=form.items,
        )
        return WatchedEntities(self.client(form, slots), entity_set, self.clock, watch=self.watch, target=target)

    def route(
        self, ledger: Ledger, stop: Stop, *, senders: int, slots: int | None = None, batch_size: int | None = None
    ) -> Route:
        """How invoices get to SAP: by so many senders of this program, and in so many slots of all programs."""
        shared = self._slots(ledger, stop, slots)
        return Route(
            ledger=ledger,
            connect=partial(self.connect, shared),
            clock=self.clock,
            slots=shared,
            paces=Paces(self.clock, batch_size or BATCH_SIZE),
            senders=senders,
        )

    def lookout(self, ledger: Ledger, stop: Stop, *, batch_size: int | None = None) -> Lookout:
        """How SAP is asked about what may be there."""
        return Lookout(
            ledger=ledger,
            forms=FORMS,
            connect=partial(self.connect, self._slots(ledger, stop)),
            clock=self.clock,
            at_once=batch_size or BATCH_SIZE,
            retention=self.settings.retention,
        )

    def _slots(self, ledger: Ledger, stop: Stop, most: int | None = None) -> Slots:
        return Slots(ledger, self.clock, most=most or self.settings.sap_slots, stop=stop)


def _network(setting: str, proxy: str, settings: Settings) -> Network:
    return Network(proxy=proxy, proxy_setting=setting, authorities=settings.authorities)


def _to_vendors(settings: Settings) -> Network:
    return _network("B2S_PROXY_URL", settings.proxy, settings)


def _invoices(source: str, load: Callable[[Any], Any], settings: Settings) -> Judge:
    """Invoices go into ZINVOICE_SRV, or become payables where the mapping file says so."""
    given = books(settings)
    payable = given.payables.get(source)
    judge = partial(Judge, source=source, load=load, cancelled=attrgetter("is_cancelled"))
    if payable is None:
        return judge(form=invoice_entity.FORM, build=invoice_entity.build)
    build = partial(supplier_invoice.build, payable=payable, company_code=given.company_code)
    return judge(form=supplier_invoice.FORM, build=build, held=waiting.of_payable)


def _postman(settings: Settings, clock: Clock) -> Feed:
    source = Postman(
        base_url=settings.postman_url,
        api_key=settings.postman_api_key,
        account=settings.postman_account_id,
        clock=clock,
        network=_to_vendors(settings),
    )
    judge = _invoices(source.name, partial(postman_schema.load, unit=settings.postman_unit), settings)
    return Feed(source=source, judge=judge, unknown_fields=postman_schema.unknown_fields)


def _bill(settings: Settings, clock: Clock) -> Feed:
    logon = {
        "username": settings.bill_username,
        "password": settings.bill_password,
        "organizationId": settings.bill_organization_id,
        "devKey": settings.bill_dev_key,
    }
    source = Bill(base_url=settings.bill_url, logon=logon, clock=clock, network=_to_vendors(settings))
    judge = _invoices(source.name, partial(bill_schema.load, home_currency=settings.bill_home_currency), settings)
    return Feed(source=source, judge=judge, unknown_fields=bill_schema.unknown_fields)


def _copaco(settings: Settings, clock: Clock) -> Feed:
    source = Copaco(
        base_url=settings.copaco_url,
        api_key=settings.copaco_api_key,
        since=settings.copaco_since,
        names=settings.copaco_names,
        clock=clock,
        network=_to_vendors(settings),
    )
    judge = _invoices(source.name, partial(copaco_schema.load, types=settings.copaco_types), settings)
    return Feed(source=source, judge=judge, unknown_fields=copaco_schema.unknown_fields)


def _fynn(settings: Settings, clock: Clock) -> Feed:
    source = Fynn(base_url=settings.fynn_url, token=settings.fynn_token, clock=clock, network=_to_vendors(settings))
    judge = Judge(
        source=source.name,
        load=partial(fynn_schema.load, unit=settings.fynn_unit),
        form=journal_entry.FORM,
        build=partial(journal_entry.build, books=books(settings)),
        held=lambda posting: waiting.reasons(posting, clock.now()),
        needs=lambda posting: posting.reverses,
    )
    return Feed(source=source, judge=judge, unknown_fields=fynn_schema.unknown_fields)


def books(settings: Settings) -> Books:
    """The mapping. Raises Misconfigured with everything that is wrong with it."""
    if not settings.mapping_file:
        return mapping.read()
    try:
        own = Path(settings.mapping_file).read_text(ENCODING)
    except OSError as error:
        raise Misconfigured(f"B2S_MAPPING_FILE names a file that cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Misconfigured("B2S_MAPPING_FILE names a file that is no text in UTF-8: save it as such") from error
    return mapping.read(own)


FEEDS: dict[str, Callable[[Settings, Clock], Feed]] = {
    "postman": _postman,
    "bill": _bill,
    "copaco": _copaco,
    "fynn": _fynn,
}
