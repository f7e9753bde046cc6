"""Answer → Outcome, by one table read from the top. Whatever no row claims may be in SAP: it is ambiguous.

Provably outside SAP is a short list: no byte left, the CSRF refusal (ICF checks it before the service runs), the 401,
a lock, a RequestID that the target does not take, a 429, and a 503 by which ICM or the Web Dispatcher turns a request
away (SAP Help, "Error Handling Using the ICM"). Any other 503 may be a proxy's, after the backend has worked.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.model.http_dates import retry_after
from pipeline.model.outcome import Ambiguous, Delivered, NotTaken, Outcome, Refused
from pipeline.odata_client.answer import Answer, NoAnswer

LOG_ON_REFUSED = 401
_TIMEOUT_STATUS = 408
_LOCKED = 423
TURNED_AWAY = (b"EOVERLOAD", b"EMAINTENANCE")
"""ICM's names on its page: the application server cannot accept any more requests, or is in maintenance mode."""
OUTDATED = "/IWBEP/CM_COS/005"
"""The idempotency framework knows the RequestID, its answer is gone: the request was processed (message 005)."""
FORBIDDEN = "SAP forbids the posting (403): ask for the authorization, then billing-to-sap retry and sync"
LOG_ON = "SAP refuses the log-on (401): check B2S_SAP_USER, B2S_SAP_PASSWORD and B2S_SAP_CLIENT"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What was sent and to what kind of target: how its answers are to be read."""

    key: str
    key_property: str
    duplicate_codes: frozenset[str] = frozenset()
    now: int = 0


Test = Callable[[Answer, Expected], bool]
Meaning = Callable[[Answer, Expected], Outcome]


def outcome(answer: Answer | NoAnswer, expected: Expected) -> Outcome:
    """What an answer means for the one document that was sent with it."""
    if isinstance(answer, NoAnswer):
        if answer.never_left:
            return NotTaken(why=answer.why)
        return Ambiguous(why=answer.why, general=True, stops=answer.stops)
    meaning = next((row.meaning for row in TABLE if row.test(answer, expected)), _unclear)
    return replace(
        meaning(answer, expected),
        status=answer.status,
        transaction_id=answer.transaction_id,
        repeatability=answer.repeatability,
    )


def came_to_nothing(outcome: Outcome) -> bool:
    """Whether the target took nothing, for a reason that is not the document's own."""
    return isinstance(outcome, NotTaken) or (isinstance(outcome, Ambiguous) and outcome.general)


def _is_created(answer: Answer, expected: Expected) -> bool:
    entity = answer.entity if answer.status == 201 else None
    return entity is not None and entity.get(expected.key_property) == expected.key


def _is_duplicate(answer: Answer, expected: Expected) -> bool:
    if not 400 <= answer.status < 500 or answer.error is None:
        return False
    return answer.status == 409 or answer.error.code in expected.duplicate_codes


def _is_definite(answer: Answer, _expected: Expected) -> bool:
    return 400 <= answer.status < 500 and answer.status != _TIMEOUT_STATUS and answer.error is not None


def _is_turned_away(answer: Answer, _expected: Expected) -> bool:
    return answer.status == 429 or (answer.status == 503 and any(name in answer.body for name in TURNED_AWAY))


def _not_taken(answer: Answer, expected: Expected) -> NotTaken:
    return NotTaken(why=f"SAP is busy ({answer.status})", wait=_asked(answer, expected))


def _asked(answer: Answer, expected: Expected) -> int | None:
    return retry_after(answer.headers.get("retry-after"), expected.now)


def _refused(answer: Answer, stops: str = "") -> Outcome:
    error = answer.error
    if error is None:
        return Ambiguous(why=f"{answer.status} without SAP's error message")
    return Refused(code=error.code, message=error.message, details=error.details, stops=stops)


def _duplicate(answer: Answer, expected: Expected) -> Ambiguous:
    return Ambiguous(why=f"SAP says that {expected.key} is there already: {_said(answer)}", exists=True)


def _said(answer: Answer) -> str:
    return answer.error.message if answer.error else ""


def _unclear(answer: Answer, expected: Expected) -> Ambiguous:
    """What no row claims; a short dump in SAP's own envelope or a strange 201 concerns this one document."""
    general = answer.status != 201 and answer.error is None
    if answer.status == 201:
        return Ambiguous(why=f"201, but not for {expected.key}")
    if answer.status == 200:
        return Ambiguous(why="200 where a 201 was due, perhaps a log-on page", general=general)
    said = f": {_said(answer)}" if answer.error else ""
    return Ambiguous(why=f"{answer.status} says nothing definite{said}", general=general)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind of answer: how it is known, and what it means."""

    test: Test
    meaning: Meaning


TABLE: tuple[Row, ...] = (
    Row(test=_is_created, meaning=lambda _answer, _: Delivered()),
    Row(
        test=lambda answer, _: answer.demands_token,
        meaning=lambda _answer, _: NotTaken(why="SAP did not accept the CSRF token"),
    ),
    Row(
        test=lambda answer, _: answer.status == LOG_ON_REFUSED,
        meaning=lambda _answer, _: NotTaken(why="SAP refused the log-on", stops=LOG_ON),
    ),
    Row(
        test=lambda answer, _: answer.status >= 400 and answer.repeatability == "unsupported",
        meaning=lambda _answer, _: NotTaken(why="SAP takes no RequestID here", wait=0),
    ),
    Row(test=_is_turned_away, meaning=_not_taken),
    Row(
        test=lambda answer, _: answer.status == 503,
        meaning=lambda answer, expected: Ambiguous(
            why="503, which a proxy may say after SAP has worked", general=True, wait=_asked(answer, expected)
        ),
    ),
    Row(
        test=lambda answer, _: answer.error is not None and answer.error.code == OUTDATED,
        meaning=lambda answer, _: Ambiguous(why=f"processed before, its answer is gone: {_said(answer)}", exists=True),
    ),
    Row(test=_is_duplicate, meaning=_duplicate),
    Row(
        test=lambda answer, expected: answer.status == _LOCKED and _is_definite(answer, expected),
        meaning=lambda answer, _: NotTaken(why=f"locked in SAP: {_said(answer)}"),
    ),
    Row(
        test=lambda answer, expected: answer.status == 403 and _is_definite(answer, expected),
        meaning=lambda answer, _: _refused(answer, stops=FORBIDDEN),
    ),
    Row(
        test=lambda answer, _: answer.status == 403,
        meaning=lambda _answer, _: Ambiguous(why="403 without SAP's error message", general=True, stops=FORBIDDEN),
    ),
    Row(test=_is_definite, meaning=lambda answer, _: _refused(answer)),
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """SAP shows a document of this key; `entity` is what it shows, untyped."""

    entity: dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Absent:
    """SAP definitely says that no document of this key exists."""


@dataclass(frozen=True, kw_only=True)
class Several:
    """SAP shows more than one document of this key: which of them is ours only a person can tell."""

    count: int

    @property
    def why(self) -> str:
        """The finding, for that person."""
        return f"SAP shows {self.count} documents under this key"


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """The look told nothing; it must be repeated."""

    why: str
    status: int | None = None


Sight = Found | Absent | Several | Unknown
ABSENT_CODES = frozenset({"/IWBEP/CM_MGW_RT/020"})


def sight(answer: Answer | NoAnswer, expected: Expected) -> Sight:
    """What the answer to a look by key shows.

    Absent is only Gateway's own 404 for an entity (/IWBEP/CM_MGW_RT/020): a proxy's 404, an unknown service or an
    unknown entity set are also 404 and say nothing about the document. A look by filter shows a list: an empty one says
    that there is none.
    """
    if isinstance(answer, NoAnswer):
        return Unknown(why=answer.why)
    entity = answer.entity
    if answer.status == 200 and entity is not None and isinstance(entity.get("results"), list):
        return _sight_in(entity["results"], expected)
    if answer.status == 200 and entity is not None and entity.get(expected.key_property) == expected.key:
        return Found(entity=entity)
    if answer.status == 404 and answer.error is not None and answer.error.code in ABSENT_CODES:
        return Absent()
    return Unknown(why=f"{answer.status} to a look by key", status=answer.status)


def _sight_in(results: list[object], expected: Expected) -> Sight:
    found = [one for one in results if isinstance(one, dict) and one.get(expected.key_property) == expected.key]
    if len(found) != len(results):
        return Unknown(why=f"SAP shows other documents than {expected.key}", status=200)
    if len(found) > 1:
        return Several(count=len(found))
    return Found(entity=found[0]) if found else Absent()
