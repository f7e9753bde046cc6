"""The database is a server that others may restart."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from sap_mock.storage.engine import open_database


@pytest.mark.processes
@pytest.mark.xdist_group("postgresql")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_a_restarted_server_has_closed_is_opened_anew(database_url):
    engine = open_database(database_url)
    with engine.connect() as connection:
        mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    admin = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:mine, 5000)"), {"mine": mine})
    with engine.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != mine
    admin.dispose()
    engine.dispose()
