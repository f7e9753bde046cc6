"""Real $metadata documents of SAP systems, served with no code: every set answers, what is created is read back.

B2S_CORPUS names the folder with edmx.tar.xz and edmx-manifest.csv. All documents are asked for everything they publish;
entities are made up and written for a few sets of each, chosen by a seed.
"""

from __future__ import annotations

import base64
import csv
import json
import os
import random
import sys
import tarfile
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "support"))

import generated

from sap_mock.edm.model import ComplexType
from sap_mock.odata.addresses import entity_path
from sap_mock.services import generic
from sap_mock.settings import DEFAULT_USER, from_environ
from sap_mock.web.app import create_app

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("corpus-served")]

SETS_WRITTEN = 2
TOGETHER = 12  # documents in one gateway; a database with tables of hundreds of services is slow to open


class Client:
    """A logged-on client of one service, without a network."""

    def __init__(self, app, name, model):
        self.http, self.model = app.test_client(), model
        self.root = f"/sap/opu/odata/sap/{name}/"
        credentials = base64.b64encode(":".join(DEFAULT_USER).encode()).decode()
        self.headers = {"Authorization": f"Basic {credentials}", "Accept": "application/json"}

    def get(self, path):
        return self.http.get(self.root + path, headers=self.headers)

    def send(self, method, path, document=None):
        token = self.http.get(self.root, headers={**self.headers, "X-CSRF-Token": "Fetch"}).headers["x-csrf-token"]
        headers = {**self.headers, "X-CSRF-Token": token, "Content-Type": "application/json", "If-Match": "*"}
        if method == "POST":
            del headers["If-Match"]
        return self.http.open(self.root + path, method=method, headers=headers, json=document)


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    """The clients of all well-formed documents, one gateway at a time."""
    folder = os.environ.get("B2S_CORPUS")
    if not folder:
        pytest.skip("B2S_CORPUS is not set: it names the folder with edmx.tar.xz and edmx-manifest.csv")
    place = tmp_path_factory.mktemp("documents")
    with (Path(folder) / "edmx-manifest.csv").open(encoding="utf-8", newline="") as manifest:
        names = [row["file"] for row in csv.DictReader(manifest) if row["lxml"] == "ok"]
    with tarfile.open(Path(folder) / "edmx.tar.xz") as archive:
        for member in archive:
            if member.isfile() and Path(member.name).name in names:
                (place / Path(member.name).name).write_bytes(archive.extractfile(member).read())

    def each():
        for first in range(0, len(names), TOGETHER):
            services = [generic.service(f"S{i}", place / name) for i, name in enumerate(names[first:][:TOGETHER])]
            settings = from_environ({}, {"database": f"sqlite:///{place}/{first}.db"})
            app = create_app(settings, services, place / f"{first}.generation", durable=False)
            for name, service in zip(names[first:], services, strict=False):
                yield name, Client(app, service.name, service.model)

    return each


def test_every_document_is_served_and_every_set_of_it_is_empty_at_first(clients):
    documents = sets = 0
    wrong = []
    for name, client in clients():
        documents += 1
        assert client.get("").json == {"d": {"EntitySets": list(client.model.entity_sets)}}, name
        assert (
            client.http.get(
                f"{client.root}$metadata", headers={"Authorization": client.headers["Authorization"]}
            ).status_code
            == 200
        )
        for entity_set in client.model.entity_sets:
            sets += 1
            feed, count = client.get(quote(entity_set)), client.get(f"{quote(entity_set)}/$count")
            if feed.json != {"d": {"results": []}} or count.data != b"0":
                wrong.append((name, entity_set, feed.data[:200], count.data[:200]))
    assert wrong == []
    assert documents > 340
    assert sets > 9000


def as_json(structure, values):
    """The JSON document of an entity as a client writes it."""
    found = {}
    for prop in structure.properties:
        value = values[prop.name]
        if isinstance(prop.type, ComplexType):
            found[prop.name] = as_json(prop.type, value) if value is not None else None
        else:
            found[prop.name] = prop.type.to_json(value, prop.facets) if value is not None else None
    return found


def as_read(structure, token):
    """The values in a JSON document, read by their types; members that are no properties are left out."""
    found = {}
    for prop in structure.properties:
        value = token[prop.name]
        if isinstance(prop.type, ComplexType):
            found[prop.name] = as_read(prop.type, value)
        else:
            found[prop.name] = prop.type.from_json(value) if value is not None else None
    return found


def test_a_made_up_entity_is_created_read_back_equal_and_deleted(clients):
    chance = random.Random(2026)  # noqa: S311 - a choice that must be the same every time
    written, wrong = 0, []
    for name, client in clients():
        sets = sorted(client.model.entity_sets)
        for set_name in chance.sample(sets, min(SETS_WRITTEN, len(sets))):
            entity_set = client.model.entity_sets[set_name]
            entity_type = entity_set.entity_type
            values = generated.entity(entity_type, chance, nulls=0)
            created = client.send("POST", quote(set_name), as_json(entity_type, values))
            path = unquote(entity_path(entity_set, values)) if created.status_code == 201 else ""
            read = client.get(quote(path, safe="()=,'$:")) if path else created
            removed = client.send("DELETE", quote(path, safe="()=,'$:")) if path else created
            gone = client.get(quote(path, safe="()=,'$:")) if path else created
            steps = [answer.status_code for answer in (created, read, removed, gone)]
            if steps != [201, 200, 204, 404] or as_read(entity_type, read.json["d"]) != values:
                wrong.append(
                    (name, set_name, steps, json.dumps(as_json(entity_type, values))[:300], created.data[:300])
                )
            written += 1
    assert wrong == [], len(wrong)
    assert written > 500
