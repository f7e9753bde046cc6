"""A key as text that survives a URI, and back."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from sap_mock.odata.errors import ODataError
from sap_mock.odata.uri import skiptoken


@pytest.mark.parametrize(("entity_set", "key"), [
    ("Orders", {"OrderId": "90001"}),
    ("Orders", {"OrderId": "a/b?c&d=e 'x'"}),
    ("OrderItems", {"OrderId": "", "ItemNumber": -5}),
    ("ScheduleLines", {"OrderId": "见", "ItemNumber": 1, "DeliveryDate": datetime.fromisoformat("2020-02-29T00:00:00")}),
    ("Switches", {"Area": "A", "IsActive": False}),
])  # fmt: skip
def test_a_key_comes_back_from_its_token(model, entity_set, key):
    entity_type = model.entity_sets[entity_set].entity_type
    token = skiptoken.write(entity_type, {**key, "Other": 1})
    assert re.fullmatch(r"[A-Za-z0-9_-]*", token)
    assert skiptoken.read(token, entity_type) == key


@pytest.mark.parametrize(
    "token", ["", "x", "6", "W10", "e30", "\u2019", "bnVsbA", "WzFd", "!!!!", "WyJhIiwiYiIsImMiXQ"]
)
def test_a_token_that_is_none_of_ours_is_refused(model, token):
    for entity_set in ("OrderItems", "Tags"):
        with pytest.raises(ODataError, match="Invalid system query options value"):
            skiptoken.read(token, model.entity_sets[entity_set].entity_type)
