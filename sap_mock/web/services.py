"""Which services a gateway offers: the built-in ones, metadata files, Python modules."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sap_mock.edm import csdl_reader
from sap_mock.edm.csdl_reader import MetadataError
from sap_mock.provider.catalog import Service
from sap_mock.services import api_supplierinvoice_process_srv, generic, zinvoice_srv, zjournal_srv
from sap_mock.settings import Settings, SettingsWrong

BUILT_IN: Sequence[Service] = (
    zinvoice_srv.SERVICE,
    zjournal_srv.SERVICE,
    api_supplierinvoice_process_srv.SERVICE,
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def chosen(settings: Settings) -> list[Service]:
    """The services that the settings name, all built-in ones where they name none; raises SettingsWrong."""
    wrong: list[str] = []
    services: dict[str, Service] = {}
    for specification in settings.services:
        try:
            found = _service(specification)
        except SettingsWrong as error:
            wrong.append(str(error))
            continue
        if found.name.upper() in services:
            wrong.append(f"--service {specification}: a service named {found.name} is already there; use NAME=...")
        services[found.name.upper()] = found
    if wrong:
        raise SettingsWrong("\n".join(wrong))
    many = settings.changeset_operations == "many"
    return [
        replace(one, many_operations_per_changeset=many or one.many_operations_per_changeset,
                idempotent=settings.idempotent or one.idempotent)
        for one in (services.values() if services else BUILT_IN)
    ]  # fmt: skip


def _service(specification: str) -> Service:
    for one in BUILT_IN:
        if one.name.upper() == specification.upper():
            return one
    name, equals, file = specification.rpartition("=")
    if file.lower().endswith((".xml", ".edmx")):
        return _from_file(name if equals else "", Path(file))
    return _from_module(specification)


def _from_file(name: str, path: Path) -> Service:
    if not path.is_file():
        raise SettingsWrong(f"--service {path}: there is no such file")
    if not name:
        try:
            name = csdl_reader.read(path.read_bytes()).namespace.rpartition(".")[2]
        except MetadataError as error:
            raise SettingsWrong(f"--service {path}: {error}") from error
    if not _NAME.match(name):
        raise SettingsWrong(f"--service {path}: {name!r} is no service name; give one as NAME={path}")
    return generic.service(name, path.resolve())


def _from_module(specification: str) -> Service:
    try:
        module = importlib.import_module(specification)
    except ImportError as error:
        known = ", ".join(one.name for one in BUILT_IN)
        raise SettingsWrong(
            f"--service {specification}: neither a built-in service ({known}), a file ending in .xml, nor a Python "
            f"module that can be imported ({error})"
        ) from error
    service = getattr(module, "SERVICE", None)
    if not isinstance(service, Service):
        raise SettingsWrong(f"--service {specification}: the module has no SERVICE (see docs/write-a-service.md)")
    return service
