"""The wire, byte by byte: what is sent and what must come back lie in ``cases``, one scenario a file.

A case is played on an empty gateway that is called by the case's own host name, with every rule of
``sap_mock/wire/rules.py`` but the layout: all that is not bound to differ is compared to the byte. Set WIRE_RECORD to
write the answers anew, and read the difference before it is kept.
"""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from sap_mock.replay.player import Player
from sap_mock.testing import started_gateway
from sap_mock.wire.case_file import read_file, write
from sap_mock.wire.rules import LAYOUT, normalised

CASES = sorted(Path(__file__).with_name("cases").glob("*.http"))
COUNTED = re.compile(rb"^content-length: *[0-9]", re.IGNORECASE | re.MULTILINE)


@pytest.fixture(scope="module")
def gateway():
    with started_gateway(["--database", "sqlite://", "--changeset-operations", "many"]) as gateway:
        yield gateway


def kept(path, case, played):
    """Write the case with the answers that were heard."""
    origin = f"http://{case.exchanges[0].request.field('host')}"
    exchanges = tuple(replace(one.exchange, response=normalised(one.response, origin)) for one in played)
    path.write_bytes(write(replace(case, exchanges=exchanges)))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_case_is_answered_to_the_byte(gateway, path):
    gateway.reset()
    case = read_file(path)
    with_its_own_bytes = Player(gateway.url, (gateway.user, gateway.password), without=[LAYOUT], keeps_host=True)
    played = with_its_own_bytes.play(case)
    if "WIRE_RECORD" in os.environ:
        kept(path, case, played)
    assert [difference for one in played for difference in one.differences] == []


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_length_in_a_recorded_answer_was_true_but_that_of_a_head(path):
    untrue = [COUNTED.findall(exchange.response.body) for exchange in read_file(path).exchanges]
    assert sum(map(len, untrue)) == (path.stem == "head")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_case_lies_there_as_it_would_be_written(path):
    assert write(read_file(path)) == path.read_bytes()
