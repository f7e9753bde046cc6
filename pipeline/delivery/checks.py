"""What `doctor` asks, one question at a time: is it there, does it know us, does it look as our mapping says."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from pipeline.model.stops import LogOnRefused, Misconfigured, Unavailable
from pipeline.odata_client.answer import NoAnswer
from pipeline.odata_client.client import Client
from pipeline.odata_client.metadata import BadMetadata, Described, read_entity_type
from pipeline.sap.form import Form, Property

SAFE_GRACE = 600_000


@dataclass(frozen=True, kw_only=True)
class Check:
    """One question with its answer; `text` is the finding, or what to do about it.

    `code` is the exit code of a failure, `for_all` one of every service alike.
    """

    name: str
    ok: bool
    text: str
    code: int = 0
    for_all: bool = False


def attempt(name: str, question: Callable[[], str]) -> Check:
    """Ask; a stop is a failed check with its sentence."""
    try:
        return Check(name=name, ok=True, text=question())
    except Misconfigured as stop:
        return Check(name=name, ok=False, text=str(stop), code=2, for_all=isinstance(stop, LogOnRefused))
    except Unavailable as stop:
        return Check(name=name, ok=False, text=str(stop), code=5)


def sap_checks(connect: Callable[[Form], Client], forms: Iterable[Form]) -> list[Check]:
    """Of each service reachability, log-on and token in one, then the metadata against the mapping.

    A refused log-on is not asked for a second time: each counts towards locking the user.
    """
    found: list[Check] = []
    for form in forms:
        with closing(connect(form)) as client:
            reached = attempt("SAP: address, log-on, CSRF token", lambda: f"{client.token() and client.target.root}")
            found.append(reached)
            if reached.for_all:
                break
            if reached.ok:
                found.append(attempt("SAP: $metadata", partial(_metadata, client, form)))
    return found


def grace_check(grace: int) -> Check:
    """Whether the grace period outlives SAP's longest dialog step (rdisp/max_wprun_time, 600 seconds by default)."""
    seconds = grace // 1000
    if grace < SAFE_GRACE:
        text = f"{seconds} s is shorter than rdisp/max_wprun_time's default of 600 s: only safe for a test system"
        return Check(name="grace period", ok=True, text=text)
    return Check(name="grace period", ok=True, text=f"{seconds} s")


def _metadata(client: Client, form: Form) -> str:
    answer = client.get("$metadata", accept="application/xml")
    if isinstance(answer, NoAnswer):
        raise Unavailable(f"SAP does not give $metadata: {answer.why}")
    if answer.status != 200:
        raise Misconfigured(f"SAP answers {answer.status} to $metadata")
    problems = []
    for entity_set, properties in form.properties.items():
        try:
            described, keys = read_entity_type(answer.body, entity_set)
        except BadMetadata as error:
            raise Misconfigured(f"$metadata: {error}") from error
        wanted = form.sap_key if entity_set == form.entity_set else ()
        problems += mismatches(described, keys, properties, wanted)
    if problems:
        raise Misconfigured("$metadata does not fit the mapping: " + "; ".join(problems))
    count = sum(len(properties) for properties in form.properties.values())
    return f"{form.entity_set} fits the mapping ({count} properties)"


def mismatches(
    described: Mapping[str, Described], keys: Sequence[str], properties: Sequence[Property], sap_key: Sequence[str]
) -> list[str]:
    """What of the mapping the metadata does not allow: names, types, lengths, precision; the key, where it is named."""
    found = []
    if sap_key and tuple(keys) != tuple(sap_key):
        found.append(f"the key is {', '.join(keys) or 'missing'}, not {', '.join(sap_key)}")
    for prop in properties:
        theirs = described.get(prop.name)
        if theirs is None:
            found.append(f"{prop.name} is missing")
        elif theirs.type != prop.type:
            found.append(f"{prop.name} is {theirs.type}, not {prop.type}")
        else:
            limits = (
                ("MaxLength", theirs.max_length, prop.max_length),
                ("Precision", theirs.precision, prop.precision),
                ("Scale", theirs.scale, prop.scale),
            )
            found += [
                f"{prop.name}: {name} {has}, not {wants}"
                for name, has, wants in limits
                if has and wants and has < wants
            ]
    return found
