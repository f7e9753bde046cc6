"""The judges of all ways, put together as the program does it."""

import pytest

from pipeline import settings
from pipeline.assembly import Parts
from pipeline.clock import Clock

GIVEN = {
    "B2S_SAP_URL": "http://sap.example.com",
    "B2S_SAP_USER": "u",
    "B2S_SAP_PASSWORD": "p",
    "B2S_POSTMAN_URL": "http://postman.example.com",
    "B2S_POSTMAN_API_KEY": "k",
    "B2S_BILL_URL": "http://bill.example.com/connect",
    "B2S_BILL_USERNAME": "u",
    "B2S_BILL_PASSWORD": "p",
    "B2S_BILL_ORGANIZATION_ID": "008",
    "B2S_BILL_DEV_KEY": "k",
    "B2S_COPACO_URL": "http://copaco.example.com/v3",
    "B2S_COPACO_API_KEY": "k",
    "B2S_FYNN_URL": "http://fynn.example.com",
    "B2S_FYNN_TOKEN": "t",
}


def judge_of(source, mapping, folder):
    """The judge of a source under a mapping file of this text."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in GIVEN.items():
            environment.setenv(name, value)
        if mapping:
            (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
            environment.setenv("B2S_MAPPING_FILE", str(folder / "mapping.toml"))
        parts = Parts(settings=settings.load((source, "sap"), file=folder / "none.toml"), clock=Clock())
        (feed,) = parts.feeds([source])
    return feed.judge
