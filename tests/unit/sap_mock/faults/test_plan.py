"""For whom a plan strikes and how often, without a gateway."""

import pytest

from sap_mock import identifiers
from sap_mock.faults import FAULTS, latency
from sap_mock.faults.fault import Scope, Strike
from sap_mock.faults.plan import FaultPlan, Score
from sap_mock.faults.plan_reader import PlanRefused, read
from sap_mock.faults.striking import Faults
from sap_mock.odata.messages import Headers, ODataRequest, ODataResponse


def struck(plan, matches=12):
    """The numbers of the matches that are struck, as a scoreboard counts them."""
    found = []
    for seen in range(1, matches + 1):
        if plan.strikes(seen, len(found)):
            found.append(seen)
    return found


RHYTHMS = [
    ({}, list(range(1, 13))),
    ({"times": 0}, []),
    ({"times": 1}, [1]),
    ({"times": 3}, [1, 2, 3]),
    ({"skip": 2}, list(range(3, 13))),
    ({"skip": 2, "times": 1}, [3]),
    ({"every": 1}, list(range(1, 13))),
    ({"every": 5}, [1, 6, 11]),
    ({"every": 5, "skip": 1}, [2, 7, 12]),
    ({"every": 5, "skip": 1, "times": 2}, [2, 7]),
    ({"probability": 0.0, "seed": 1}, []),
    ({"probability": 1.0, "seed": 1}, list(range(1, 13))),
]


@pytest.mark.parametrize(("settings", "expected"), RHYTHMS)
def test_a_plan_has_its_rhythm(settings, expected):
    assert struck(FaultPlan(fault="latency", **settings)) == expected


def test_chance_repeats_itself_with_a_seed_and_only_with_the_same():
    first, again, other = (struck(FaultPlan(fault="latency", probability=0.5, seed=seed), 200) for seed in (7, 7, 8))
    assert first == again != other
    assert 60 < len(first) < 140


def test_chance_without_a_seed_strikes_about_as_often_as_it_says():
    assert 300 < len(struck(FaultPlan(fault="latency", probability=0.5), 1000)) < 700


SCOPES = [
    ({}, True),
    ({"service": "zinvoice_srv"}, True),
    ({"service": "OTHER"}, False),
    ({"entity_set": "Invoices"}, True),
    ({"entity_set": "invoices"}, False),
    ({"method": "post"}, True),
    ({"method": "GET"}, False),
    ({"header": "X-Run: 7"}, True),
    ({"header": "x-run:7"}, True),
    ({"header": "x-run: 8"}, False),
    ({"header": "x-other: 7"}, False),
    ({"service": "ZINVOICE_SRV", "entity_set": "Invoices", "method": "GET"}, False),
    ({"operation": 3}, True),
    ({"operation": 2}, False),
    ({"content_id": "a"}, True),
    ({"content_id": "b"}, False),
    ({"key": "7"}, True),
    ({"key": "77"}, False),
    ({"seconds": 5}, False),
    ({"seconds": 5, "begun": 9e9}, True),
]


@pytest.mark.parametrize(("settings", "expected"), SCOPES)
def test_a_plan_matches_whom_it_names(settings, expected):
    scope = Scope(
        service="ZINVOICE_SRV", entity_set="Invoices", method="POST", headers=Headers([("X-Run", "7")]),
        number=3, content_id="a", body=b'{"ID":"7","Link":"x77"}',
    )  # fmt: skip
    assert FaultPlan(fault="latency", **settings).matches(scope) is expected


KEYS = [
    ("7", "'7'", b"", True),
    ("'7'", "'7'", b"", True),
    ("7", "7", b"", True),
    ("7", "'77'", b'"7"', False),
    ("A='1',B='2'", "A='1',B='2'", b"", True),
    ("O'Hara", "'O''Hara'", b"", True),
    ("'O''Hara'", "'O''Hara'", b"", True),
    ("'7'", "", b'{"ID":"7"}', True),
    ("7", "", b"<d:ID>7</d:ID>", True),
    ("7", "", b"<d:ID>17</d:ID>", False),
    ("7", "", b"", False),
]


@pytest.mark.parametrize(("key", "address", "body", "expected"), KEYS)
def test_a_key_is_found_in_the_address_or_in_what_is_created(key, address, body, expected):
    scope = Scope(service="S", entity_set="E", method="POST", key=address, body=body)
    assert FaultPlan(fault="latency", key=key).matches(scope) is expected


NAMED = [
    # the plan's own id, the plans that the caller names
    ("", (), True),
    ("mine", (), False),
    ("mine", ("mine",), True),
    ("mine", ("other",), False),
    ("", ("other",), False),
    ("", ("given", "other"), True),
]


@pytest.mark.parametrize(("chosen", "named", "expected"), NAMED)
def test_a_plan_with_an_id_of_its_own_meets_only_who_names_it_and_who_names_plans_meets_only_these(
    chosen, named, expected
):
    scope = Scope(service="S", entity_set="E", method="GET", plans=frozenset(named))
    assert FaultPlan(fault="latency", id=chosen).matches(scope, chosen or "given") is expected


@pytest.mark.parametrize(
    ("times", "fired", "left", "completed"),
    [
        (None, 0, None, False),
        (None, 1, None, True),
        (2, 0, 2, False),
        (2, 1, 1, False),
        (2, 2, 0, True),
        (0, 0, 0, True),
    ],
)
def test_a_score_tells_what_is_left(times, fired, left, completed):
    score = Score(id="1", plan=FaultPlan(fault="latency", times=times), fired=fired)
    assert (score.left, score.completed) == (left, completed)


REFUSED = [
    ({}, "'fault' is missing; allowed are batch_cut, booked_then_500, changeset_failure"),
    ({"fault": None}, "'fault' is None; allowed are"),
    ({"fault": "explosion"}, "'fault' is 'explosion'; allowed are"),
    ({"fault": ["latency"]}, "allowed are"),
    (
        {"fault": "cut_body", "status": 500},
        "status: unknown; cut_body allows content_id, entity_set, every, fault",
    ),
    ({"fault": "latency", "a": 1, "b": 2}, "a, b: unknown"),
    ({"fault": "latency", "milliseconds": True}, "it must be a whole number: how long"),
    ({"fault": "latency", "milliseconds": -1}, "it must be from 0 to 600000"),
    ({"fault": "latency", "milliseconds": None}, "it must be a whole number"),
    ({"fault": "http_error", "status": 99999}, "it must be from 400 to 599"),
    ({"fault": "http_error", "text": 5}, "it must be text without control characters: the text"),
    ({"fault": "http_error", "text": "half a \ud800"}, "it must be text without control characters"),
    ({"fault": "wrong_content_type", "content_type": "a\r\nX: y"}, "it must be text without control characters"),
    ({"fault": "latency", "times": -1}, "'times' is -1; it must be a whole number, 0 or more"),
    ({"fault": "latency", "times": 1.5}, "'times' is 1.5"),
    ({"fault": "latency", "every": 0}, "'every' is 0; it must be a whole number, 1 or more"),
    ({"fault": "latency", "every": None}, "'every' is None"),
    ({"fault": "latency", "skip": None}, "'skip' is None"),
    ({"fault": "latency", "skip": "1"}, "'skip' is '1'"),
    ({"fault": "latency", "seed": True}, "'seed' is True"),
    ({"fault": "latency", "probability": 1.1}, "'probability' is 1.1; it must be between 0 and 1"),
    ({"fault": "latency", "probability": float("nan")}, "'probability' is nan"),
    ({"fault": "latency", "probability": None}, "'probability' is None"),
    ({"fault": "latency", "method": 5}, "'method' is 5; it must be one of GET, HEAD, POST, PUT, PATCH, MERGE, DELETE"),
    ({"fault": "latency", "method": "FETCH"}, "'method' is 'FETCH'; it must be one of GET, HEAD, POST"),
    ({"fault": "latency", "header": "x-run"}, "'header' is 'x-run'; it must be text: 'name: value'"),
    ({"fault": "latency", "header": ": 7"}, "'header' is ': 7'; it must be text: 'name: value'"),
    ({"fault": "latency", "entity_set": "a\nb"}, "it must be text without control characters"),
    ({"fault": "latency", "operation": 0}, "'operation' is 0; it must be a whole number, 1 or more"),
    ({"fault": "latency", "id": "a b"}, "'id' is 'a b'; it must be up to 64 letters"),
    ({"fault": "latency", "seconds": 0}, "'seconds' is 0; it must be a number above 0"),
    ({"fault": "latency", "begun": "noon"}, "'begun' is 'noon'; it must be a moment"),
    ({"fault": "late_response", "commits": "never"}, "'commits' is 'never'; it must be one of first, late"),
]


@pytest.mark.parametrize(("document", "words"), REFUSED)
def test_a_plan_that_cannot_be_carried_out_names_the_field_and_what_is_allowed(document, words):
    with pytest.raises(PlanRefused) as refusal:
        read(document, FAULTS)
    assert words in str(refusal.value)


def test_a_plan_is_read_with_the_defaults_of_its_fault():
    plan = read({"fault": "http_error", "status": 503, "times": None, "seed": None}, FAULTS)
    assert (plan.fault, plan.times, plan.every, plan.probability) == ("http_error", None, 1, 1.0)
    assert plan.settings["status"] == 503
    assert plan.settings["code"] == "/IWFND/CM_BEC/026"


class Board:
    """Counts in memory what the shared state counts for all processes."""

    def __init__(self, *plans):
        self.scores = {str(number): [plan, 0, 0] for number, plan in enumerate(plans)}

    def plans(self):
        return [(plan_id, score[0]) for plan_id, score in self.scores.items()]

    def strike(self, plan_id, plan):
        score = self.scores[plan_id]
        score[1] += 1
        score[2] += (now := plan.strikes(score[1], score[2]))
        return score[2] if now else 0


def test_a_plan_counts_only_what_its_fault_can_touch():
    board = Board(read({"fault": "csrf_expiry", "times": 1}, FAULTS))
    faults = Faults(FAULTS, board)
    tokens = []

    def answer(request):
        tokens.append(request.headers.get("x-csrf-token"))
        return ODataResponse(status=200)

    for method in ("GET", "HEAD", "POST", "POST"):
        request = ODataRequest(method=method, path="/", headers=Headers([("x-csrf-token", "good")]))
        faults.around(request, Scope(service="S", entity_set="E", method=method), answer)
    assert tokens == ["good", "good", "expired", "good"]
    assert board.scores["0"][1:] == [2, 1]


def test_latency_grows_with_each_strike_jitters_by_chance_and_has_an_end():
    settings = {"milliseconds": 100, "jitter": 0, "ramp": 50, "most": 180}
    held = [latency.milliseconds(Strike(settings=settings, number=number)) for number in (1, 2, 3)]
    assert held == [100, 150, 180]
    jitter = {**settings, "ramp": 0, "jitter": 40}
    chances = [latency.milliseconds(Strike(settings=jitter, chance=identifiers.chance(seed))) for seed in range(50)]
    assert min(chances) >= 100
    assert max(chances) <= 140
    assert len(set(chances)) > 10


def test_every_fault_says_what_it_does_and_is_known_by_its_name():
    assert sorted(FAULTS) == [fault.name for _, fault in sorted(FAULTS.items())]
    for fault in FAULTS.values():
        assert all(parameter.meaning for parameter in fault.parameters.values())
