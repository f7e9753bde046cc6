"""Settings: from the environment, or from billing-to-sap.toml, read once and frozen. The environment wins.

A name with `_FILE` behind it reads its value from a file. Everything wrong or missing is told together, one line each;
so is a name of the environment that is no setting but is like one: a typing error would leave the default in silence.
"""

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from pipeline import setting_checks as checks
from pipeline.model.stops import Misconfigured
from pipeline.model.units import MAJOR, MINOR

FILE = Path("billing-to-sap.toml")
REQUIRED = "is missing"
ENCODING = "utf-8-sig"
"""UTF-8, with or without the mark that editors on Windows put in front."""
PREFIX = "B2S_"
CLOSE = 0.82
"""How alike a typing error is to what was meant: more than the names that other programs of ours have."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting: its name, what it means, and how its text is checked."""

    name: str
    meaning: str
    check: Callable[[str], Any]
    default: str = ""
    secret: bool = False


SETTINGS = (
    Setting(name="B2S_SAP_URL", meaning="SAP Gateway's address, up to the port", check=checks.host),
    Setting(name="B2S_SAP_USER", meaning="the user who posts", check=checks.plain),
    Setting(name="B2S_SAP_PASSWORD", meaning="that user's password", check=checks.plain, secret=True),
    Setting(
        name="B2S_SAP_CLIENT",
        meaning="SAP's client, three digits; empty for the system's default",
        check=checks.sap_client,
    ),
    Setting(
        name="B2S_SAP_PROXY_URL",
        meaning="the HTTP proxy on the way to SAP, http://user:password@host:port; empty for none",
        check=checks.proxy,
        secret=True,
    ),
    Setting(
        name="B2S_PROXY_URL",
        meaning="the HTTP proxy on the way to the billing systems, http://user:password@host:port; empty for none",
        check=checks.proxy,
        secret=True,
    ),
    Setting(
        name="B2S_CA_BUNDLE",
        meaning="a PEM file of authorities that are trusted besides the public ones, for SAP and billing systems",
        check=checks.certificates,
    ),
    Setting(
        name="B2S_LEDGER_URL",
        meaning="where the ledger is kept: sqlite:///FILE or postgresql://...",
        check=checks.ledger,
        default="sqlite:///billing-to-sap.db",
    ),
    Setting(
        name="B2S_STATE_DIR",
        meaning="where this machine remembers how far each ledger had come; empty for the user's state directory",
        check=checks.plain,
    ),
    Setting(
        name="B2S_GRACE_SECONDS",
        meaning="how long a request may still take effect in SAP",
        check=checks.count(0, 86_400),
        default="660",
    ),
    Setting(
        name="B2S_SAP_SLOTS",
        meaning="how many dialog work processes we may occupy",
        check=checks.count(1, 32),
        default="2",
    ),
    Setting(
        name="B2S_CONFIRM_SECONDS",
        meaning="how long after its delivery a document is read back from SAP",
        check=checks.count(0, 604_800),
        default="900",
    ),
    Setting(
        name="B2S_REPEAT_SECONDS",
        meaning="how long an idempotent service keeps its answers; within it a request may be repeated",
        check=checks.count(0, 604_800),
        default="21600",
    ),
    Setting(
        name="B2S_BROKER_URL", meaning="RabbitMQ's address, for enqueue and worker", check=checks.broker, secret=True
    ),
    Setting(
        name="B2S_SWEEP_SECONDS",
        meaning="how often a worker looks for work whose message was lost",
        check=checks.count(1, 3_600),
        default="10",
    ),
    Setting(
        name="B2S_LOG_LEVEL",
        meaning="DEBUG, INFO, WARNING or ERROR; empty for WARNING, and INFO in a worker",
        check=checks.word("DEBUG", "INFO", "WARNING", "ERROR"),
    ),
    Setting(
        name="B2S_METRICS_FILE",
        meaning="where sync and enqueue write Prometheus metrics; empty for none",
        check=checks.plain,
    ),
    Setting(name="B2S_POSTMAN_URL", meaning="the Postman API's address", check=checks.address),
    Setting(name="B2S_POSTMAN_API_KEY", meaning="a key of the Postman API", check=checks.key, secret=True),
    Setting(name="B2S_POSTMAN_ACCOUNT_ID", meaning="the billing account; empty for the key's own", check=checks.plain),
    Setting(
        name="B2S_POSTMAN_UNIT",
        meaning="what Postman's amounts count: major (dollars) or minor (cents)",
        check=checks.unit,
        default=MAJOR,
    ),
    Setting(name="B2S_BILL_URL", meaning="BILL's address, as far as /connect", check=checks.before_the_version),
    Setting(name="B2S_BILL_USERNAME", meaning="the user at BILL", check=checks.plain),
    Setting(name="B2S_BILL_PASSWORD", meaning="that user's password at BILL", check=checks.plain, secret=True),
    Setting(name="B2S_BILL_ORGANIZATION_ID", meaning="the organization at BILL, 008...", check=checks.plain),
    Setting(name="B2S_BILL_DEV_KEY", meaning="the developer key at BILL", check=checks.key, secret=True),
    Setting(
        name="B2S_BILL_HOME_CURRENCY",
        meaning="the organization's currency, for customers without one of their own; empty to set those aside",
        check=checks.currency,
    ),
    Setting(name="B2S_COPACO_URL", meaning="Copaco's Billing API, its version included", check=checks.address),
    Setting(name="B2S_COPACO_API_KEY", meaning="a key of Copaco's Billing API", check=checks.key, secret=True),
    Setting(
        name="B2S_COPACO_SINCE",
        meaning="the day from which on invoices are read the first time",
        check=checks.day,
        default="2015-01-01",
    ),
    Setting(
        name="B2S_COPACO_NAMES",
        meaning="what Copaco calls the key's header, the first and the last day: three words",
        check=checks.three_words,
        default="X-Api-Key startDate endDate",
    ),
    Setting(
        name="B2S_COPACO_TYPES",
        meaning="more words of Copaco's for an invoice or a credit, like Factuur=invoice, Correctie=credit",
        check=checks.document_types,
    ),
    Setting(name="B2S_FYNN_URL", meaning="Fynn's address", check=checks.address),
    Setting(name="B2S_FYNN_TOKEN", meaning="a token of Fynn's API", check=checks.key, secret=True),
    Setting(
        name="B2S_FYNN_UNIT",
        meaning="what Fynn's amounts count: minor (cents) or major (euros)",
        check=checks.unit,
        default=MINOR,
    ),
    Setting(
        name="B2S_MAPPING_FILE",
        meaning="your accounts, customers and tax codes; empty for those shipped",
        check=checks.plain,
    ),
)
_NAMES = frozenset(name for setting in SETTINGS for name in (setting.name, f"{setting.name}_FILE"))
NEEDS = {
    "sap": ("B2S_SAP_URL", "B2S_SAP_USER", "B2S_SAP_PASSWORD"),
    "broker": ("B2S_BROKER_URL",),
    "postman": ("B2S_POSTMAN_URL", "B2S_POSTMAN_API_KEY"),
    "bill": (
        *("B2S_BILL_URL", "B2S_BILL_USERNAME", "B2S_BILL_PASSWORD", "B2S_BILL_ORGANIZATION_ID", "B2S_BILL_DEV_KEY"),
    ),
    "copaco": ("B2S_COPACO_URL", "B2S_COPACO_API_KEY"),
    "fynn": ("B2S_FYNN_URL", "B2S_FYNN_TOKEN"),
}
SOURCES = ("postman", "bill", "copaco", "fynn")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting, checked. Secrets do not show in its repr."""

    sap_url: str
    sap_user: str
    sap_password: str = field(repr=False)
    sap_client: str
    sap_proxy: str = field(repr=False)
    proxy: str = field(repr=False)
    authorities: str
    ledger_url: str
    state_dir: Path
    grace: int
    sap_slots: int
    confirm_age: int
    retention: int
    broker_url: str = field(repr=False)
    sweep: int
    log_level: str
    metrics_file: str
    postman_url: str
    postman_api_key: str = field(repr=False)
    postman_account_id: str
    postman_unit: str
    bill_url: str
    bill_username: str
    bill_password: str = field(repr=False)
    bill_organization_id: str
    bill_dev_key: str = field(repr=False)
    bill_home_currency: str
    copaco_url: str
    copaco_api_key: str = field(repr=False)
    copaco_since: date
    copaco_names: tuple[str, str, str]
    copaco_types: Mapping[str, str]
    fynn_url: str
    fynn_token: str = field(repr=False)
    fynn_unit: str
    mapping_file: str

    @property
    def secrets(self) -> list[str]:
        """What must not be written anywhere."""
        return [value for one in fields(self) if not one.repr and (value := getattr(self, one.name))]


def configured_sources(*, file: Path = FILE) -> tuple[str, ...]:
    """The sources that have an address, right or wrong. What is wrong with it is for `load` to say."""
    texts, problems = _texts(file)
    addresses = {name: f"{PREFIX}{name.upper()}_URL" for name in SOURCES}
    wrong = tuple(problem.partition(" ")[0] for problem in problems)
    return tuple(name for name, one in addresses.items() if texts.get(one) or f"{one}_FILE" in wrong)


def load(needs: Iterable[str] = (), *, file: Path = FILE) -> Settings:
    """Read everything; `needs` names what must be set ("sap", "postman").

    Raises Misconfigured with one line per problem.
    """
    texts, problems = _texts(file)
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = texts.get(setting.name) or setting.default
        try:
            values[setting.name] = setting.check(text) if text else text
        except ValidationError as error:
            problems.append(f"{setting.name} {' '.join(map(str, error.messages))}")
    broken = {problem.partition(" ")[0].removesuffix("_FILE") for problem in problems}
    for name in (name for need in needs for name in NEEDS[need]):
        if not values.get(name) and name not in broken:
            problems.append(f"{name} {REQUIRED}: set it to {_meaning(name)}")
    if problems:
        raise Misconfigured("\n".join(dict.fromkeys(problems)))
    return _settings(values)


def unknown() -> dict[str, str]:
    """The B2S_ names of the environment that are no settings, each with the setting that it is like, if with any."""
    names = [name for name in os.environ if name.upper().startswith(PREFIX) and name not in _NAMES]
    return {name: _alike(name) for name in names}


def _alike(name: str) -> str:
    """The setting that was meant: one with almost the same letters, or one whose first words these are."""
    wanted = name.upper().removeprefix(PREFIX)
    known = {one.removeprefix(PREFIX): one for one in sorted(_NAMES)}
    found = get_close_matches(wanted, known, 1, CLOSE) or [one for one in known if one.startswith(f"{wanted}_")]
    return known[found[0]] if found else ""


def _texts(file: Path) -> tuple[dict[str, str], list[str]]:
    """The settings as they were written, the environment's before the file's, and what is wrong with them."""
    written, problems = _written(file)
    given, more = _read(os.environ)
    typed = [f"{name} is no setting: did you mean {meant}?" for name, meant in unknown().items() if meant]
    return {**written, **given}, [*problems, *more, *typed]


def _written(file: Path) -> tuple[dict[str, str], list[str]]:
    """The settings of the file, and what is wrong with it."""
    try:
        content = tomllib.loads(file.read_text(ENCODING))
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        return {}, [f"{file} cannot be read: {error}"]
    given: dict[str, str] = {}
    problems = []
    for name, value in content.items():
        if name not in _NAMES:
            meant = f": did you mean {_alike(name)}?" if _alike(name) else ""
            problems.append(f"{name} in {file} is not a setting of this program{meant}")
        elif isinstance(value, bool | dict | list | float):
            problems.append(f"{name} in {file} must be a text or a whole number")
        else:
            given[name] = str(value)
    values, more = _read(given)
    return values, [*problems, *more]


def _read(given: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The texts by their settings' names, those of files read, and the files that cannot be: never what they hold."""
    values: dict[str, str] = {}
    problems = []
    for name in (setting.name for setting in SETTINGS):
        path = given.get(f"{name}_FILE")
        try:
            text = Path(path).read_text(ENCODING) if path else given.get(name)
        except OSError as error:
            problems.append(f"{name}_FILE names a file that cannot be read: {error.strerror}")
        except ValueError:
            problems.append(f"{name}_FILE names a file that is no text in UTF-8: save it as such")
        else:
            values |= {} if text is None else {name: text.strip()}
    return values, problems


def _meaning(name: str) -> str:
    return next(setting.meaning for setting in SETTINGS if setting.name == name)


def _settings(values: dict[str, Any]) -> Settings:
    return Settings(
        sap_url=values["B2S_SAP_URL"],
        sap_user=values["B2S_SAP_USER"],
        sap_password=values["B2S_SAP_PASSWORD"],
        sap_client=values["B2S_SAP_CLIENT"],
        sap_proxy=values["B2S_SAP_PROXY_URL"],
        proxy=values["B2S_PROXY_URL"],
        authorities=values["B2S_CA_BUNDLE"],
        ledger_url=values["B2S_LEDGER_URL"],
        state_dir=_state_dir(values["B2S_STATE_DIR"]),
        grace=values["B2S_GRACE_SECONDS"] * 1000,
        sap_slots=values["B2S_SAP_SLOTS"],
        confirm_age=values["B2S_CONFIRM_SECONDS"] * 1000,
        retention=values["B2S_REPEAT_SECONDS"] * 1000,
        broker_url=values["B2S_BROKER_URL"],
        sweep=values["B2S_SWEEP_SECONDS"] * 1000,
        log_level=values["B2S_LOG_LEVEL"],
        metrics_file=values["B2S_METRICS_FILE"],
        postman_url=values["B2S_POSTMAN_URL"],
        postman_api_key=values["B2S_POSTMAN_API_KEY"],
        postman_account_id=values["B2S_POSTMAN_ACCOUNT_ID"],
        postman_unit=values["B2S_POSTMAN_UNIT"],
        bill_url=values["B2S_BILL_URL"],
        bill_username=values["B2S_BILL_USERNAME"],
        bill_password=values["B2S_BILL_PASSWORD"],
        bill_organization_id=values["B2S_BILL_ORGANIZATION_ID"],
        bill_dev_key=values["B2S_BILL_DEV_KEY"],
        bill_home_currency=values["B2S_BILL_HOME_CURRENCY"],
        copaco_url=values["B2S_COPACO_URL"],
        copaco_api_key=values["B2S_COPACO_API_KEY"],
        copaco_since=values["B2S_COPACO_SINCE"],
        copaco_names=values["B2S_COPACO_NAMES"],
        copaco_types=values["B2S_COPACO_TYPES"] or {},
        fynn_url=values["B2S_FYNN_URL"],
        fynn_token=values["B2S_FYNN_TOKEN"],
        fynn_unit=values["B2S_FYNN_UNIT"],
        mapping_file=values["B2S_MAPPING_FILE"],
    )


def _state_dir(named: str) -> Path:
    """The folder named, or the user's, as the XDG Base Directory Specification has it."""
    users = os.environ.get("XDG_STATE_HOME", "")
    home = Path(users) if Path(users).is_absolute() else Path("~/.local/state").expanduser()
    return Path(named) if named else home / "billing-to-sap"
