"""Settings: from the environment, or from billing-to-sap.toml, read once and frozen. The environment wins.

A name with `_FILE` behind it reads its value from a file. Everything wrong or missing is told together, one line each.
"""

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import EnvValidationError, FileAwareEnv
from marshmallow import ValidationError

from pipeline.model.money import minor_units
from pipeline.model.stops import Misconfigured

FILE = Path("billing-to-sap.toml")
REQUIRED = "is missing"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting: its name, what it means, and how its text is checked."""

    name: str
    meaning: str
    check: Callable[[str], Any]
    default: str = ""
    secret: bool = False
    path_allowed: bool = False


def _plain(text: str) -> str:
    return text


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValidationError("is no address: write it like https://host:port")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValidationError("must hold no user, password, query or fragment")
    try:
        _ = parts.port
    except ValueError:
        raise ValidationError("has a port that is no number") from None
    return text.rstrip("/")


def _host(text: str) -> str:
    address = _address(text)
    if urlsplit(text).path.strip("/"):
        raise ValidationError("ends with the port: the service's path is added by this program")
    return address


def _before_the_version(text: str) -> str:
    address = _address(text)
    if re.search(r"/v[0-9]+$", address):
        raise ValidationError("ends before the version (/v3): this program adds it")
    return address


def _currency(text: str) -> str:
    if minor_units(text) is None:
        raise ValidationError("is no currency of ISO 4217, like USD")
    return text


def _three_words(text: str) -> tuple[str, ...]:
    words = tuple(text.split())
    if len(words) != 3 or not all(re.fullmatch(r"[A-Za-z0-9_-]+", word) for word in words):
        raise ValidationError("is three words of letters, digits and hyphens, like X-Api-Key startDate endDate")
    return words


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValidationError("is no day, like 2026-01-31") from None


def _count(lowest: int, highest: int) -> Callable[[str], int]:
    def check(text: str) -> int:
        if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
            raise ValidationError(f"must be a whole number from {lowest} to {highest}")
        return int(text)

    return check


def _sap_client(text: str) -> str:
    if text and not (len(text) == 3 and text.isascii() and text.isdigit()):
        raise ValidationError("is three digits, like 001")
    return text


SETTINGS = (
    Setting(name="B2S_SAP_URL", meaning="SAP Gateway's address, up to the port", check=_host),
    Setting(name="B2S_SAP_USER", meaning="the user who posts", check=_plain),
    Setting(name="B2S_SAP_PASSWORD", meaning="that user's password", check=_plain, secret=True),
    Setting(
        name="B2S_SAP_CLIENT", meaning="SAP's client, three digits; empty for the system's default", check=_sap_client
    ),
    Setting(
        name="B2S_LEDGER_URL", meaning="where the ledger is kept", check=_plain, default="sqlite:///billing-to-sap.db"
    ),
    Setting(
        name="B2S_GRACE_SECONDS",
        meaning="how long a request may still take effect in SAP",
        check=_count(0, 86_400),
        default="660",
    ),
    Setting(
        name="B2S_SAP_SLOTS", meaning="how many dialog work processes we may occupy", check=_count(1, 32), default="2"
    ),
    Setting(name="B2S_POSTMAN_URL", meaning="the Postman API's address", check=_address),
    Setting(name="B2S_POSTMAN_API_KEY", meaning="a key of the Postman API", check=_plain, secret=True),
    Setting(name="B2S_POSTMAN_ACCOUNT_ID", meaning="the billing account; empty for the key's own", check=_plain),
    Setting(name="B2S_BILL_URL", meaning="BILL's address, as far as /connect", check=_before_the_version),
    Setting(name="B2S_BILL_USERNAME", meaning="the user at BILL", check=_plain),
    Setting(name="B2S_BILL_PASSWORD", meaning="that user's password at BILL", check=_plain, secret=True),
    Setting(name="B2S_BILL_ORGANIZATION_ID", meaning="the organization at BILL, 008...", check=_plain),
    Setting(name="B2S_BILL_DEV_KEY", meaning="the developer key at BILL", check=_plain, secret=True),
    Setting(
        name="B2S_BILL_HOME_CURRENCY",
        meaning="the organization's currency, for customers without one of their own; empty to set those aside",
        check=_currency,
    ),
    Setting(name="B2S_COPACO_URL", meaning="Copaco's Billing API, its version included", check=_address),
    Setting(name="B2S_COPACO_API_KEY", meaning="a key of Copaco's Billing API", check=_plain, secret=True),
    Setting(
        name="B2S_COPACO_SINCE",
        meaning="the day from which on invoices are read the first time",
        check=_day,
        default="2015-01-01",
    ),
    Setting(
        name="B2S_COPACO_NAMES",
        meaning="what Copaco calls the key's header, the first and the last day: three words",
        check=_three_words,
        default="X-Api-Key startDate endDate",
    ),
    Setting(name="B2S_FYNN_URL", meaning="Fynn's address", check=_address),
    Setting(name="B2S_FYNN_TOKEN", meaning="a token of Fynn's API", check=_plain, secret=True),
    Setting(
        name="B2S_MAPPING_FILE", meaning="your accounts, customers and tax codes; empty for those shipped", check=_plain
    ),
)
# Named in the public surface, read by parts that are not built yet; known here so that a shared file may hold them.
LATER = ("B2S_BROKER_URL",)
NEEDS = {
    "sap": ("B2S_SAP_URL", "B2S_SAP_USER", "B2S_SAP_PASSWORD"),
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
    ledger_url: str
    grace: int
    sap_slots: int
    postman_url: str
    postman_api_key: str = field(repr=False)
    postman_account_id: str
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
    fynn_url: str
    fynn_token: str = field(repr=False)
    mapping_file: str


def configured_sources(*, file: Path = FILE) -> tuple[str, ...]:
    """The sources that have an address, right or wrong. What is wrong with it is for `load` to say."""
    written, _ = _written(file)
    env = FileAwareEnv(eager=False, strip_whitespace=True)
    addresses = {name: f"B2S_{name.upper()}_URL" for name in SOURCES}
    return tuple(name for name, address in addresses.items() if env.str(address, written.get(address, "")))


def load(needs: Iterable[str] = (), *, file: Path = FILE) -> Settings:
    """Read everything; `needs` names what must be set ("sap", "postman").

    Raises Misconfigured with one line per problem.
    """
    written, problems = _written(file)
    env = FileAwareEnv(eager=False, strip_whitespace=True)
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        default = written.get(setting.name, setting.default)
        values[setting.name] = _read(env, setting, default, problems)
    try:
        env.seal()
    except EnvValidationError as error:
        told = error.error_messages
        problems += [f"{name} {_words(texts)}" for name, texts in told.items()] if isinstance(told, dict) else told
    broken = {problem.partition(" ")[0] for problem in problems}
    for name in (name for need in needs for name in NEEDS[need]):
        if not values.get(name) and name not in broken:
            problems.append(f"{name} {REQUIRED}: set it to {_meaning(name)}")
    if problems:
        raise Misconfigured("\n".join(dict.fromkeys(problems)))
    return _settings(values)


def _read(env: FileAwareEnv, setting: Setting, default: str, problems: list[str]) -> Any:
    def check(value: Any) -> None:
        if value:
            setting.check(value)

    try:
        text = env.str(setting.name, default, validate=[check])
        if text == default and text:
            check(text)
    except (ValidationError, ValueError) as error:
        problems.append(f"{setting.name} {_words(getattr(error, 'messages', [str(error)]))}")
        return None
    try:
        return setting.check(text) if text else text
    except ValidationError:
        return None


def _written(file: Path) -> tuple[dict[str, str], list[str]]:
    """The settings of the file, and what is wrong with it."""
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        return {}, [f"{file} cannot be read: {error}"]
    known = {setting.name for setting in SETTINGS} | set(LATER)
    values: dict[str, str] = {}
    problems = []
    for name, value in content.items():
        if name.removesuffix("_FILE") not in known:
            problems.append(f"{name} in {file} is not a setting of this program")
        elif isinstance(value, bool | dict | list | float):
            problems.append(f"{name} in {file} must be a text or a whole number")
        elif name.endswith("_FILE"):
            try:
                values[name.removesuffix("_FILE")] = Path(str(value)).read_text("utf-8").strip()
            except OSError:
                problems.append(f"{name} in {file} names a file that cannot be read")
        else:
            values.setdefault(name, str(value))
    return values, problems


def _words(texts: Any) -> str:
    return " ".join(str(text).rstrip(".") for text in (texts if isinstance(texts, list) else [texts]))


def _meaning(name: str) -> str:
    return next(setting.meaning for setting in SETTINGS if setting.name == name)


def _settings(values: dict[str, Any]) -> Settings:
    return Settings(
        sap_url=values["B2S_SAP_URL"],
        sap_user=values["B2S_SAP_USER"],
        sap_password=values["B2S_SAP_PASSWORD"],
        sap_client=values["B2S_SAP_CLIENT"],
        ledger_url=values["B2S_LEDGER_URL"],
        grace=values["B2S_GRACE_SECONDS"] * 1000,
        sap_slots=values["B2S_SAP_SLOTS"],
        postman_url=values["B2S_POSTMAN_URL"],
        postman_api_key=values["B2S_POSTMAN_API_KEY"],
        postman_account_id=values["B2S_POSTMAN_ACCOUNT_ID"],
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
        fynn_url=values["B2S_FYNN_URL"],
        fynn_token=values["B2S_FYNN_TOKEN"],
        mapping_file=values["B2S_MAPPING_FILE"],
    )
