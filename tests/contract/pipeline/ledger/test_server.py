"""What may be wrong with a PostgreSQL server is told in one sentence, without its password; what it promises is kept."""

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from pipeline.ledger import postgresql
from pipeline.ledger.engine import open_engine, transaction
from pipeline.ledger.ledger import Ledger
from pipeline.model.stops import Misconfigured, Unavailable

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("postgresql")]
SECRET = "s3cret-CANARY"


@pytest.fixture
def url(request):
    """A ledger's address on a running server, under the name without a driver."""
    made = make_url(request.getfixturevalue("postgres_server")).set(drivername="postgresql", password=SECRET)
    return lambda **changed: made.set(**changed).render_as_string(hide_password=False)


WRONG = {
    "no such database": ({"database": "nowhere"}, Misconfigured, "create the database first"),
    "no such user": ({"username": "nobody"}, Misconfigured, "mend user and password"),
    "no such port": ({"port": 1}, Unavailable, "cannot be reached"),
    "no such host": ({"host": "nowhere.invalid"}, Unavailable, "cannot be reached"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_server_in_trouble_is_told_in_one_sentence(url, clock, wrong):
    changed, kind, words = WRONG[wrong]
    with pytest.raises(kind, match=words) as raised:
        Ledger.open(url(**changed), clock, grace=1, lease=1)
    assert SECRET not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_database_of_another_program_is_refused(url, clock):
    engine = open_engine(url())
    with transaction(engine) as connection:
        connection.execute(text("CREATE TABLE recipe (id INTEGER)"))
    try:
        with pytest.raises(Misconfigured, match="a database of another program"):
            Ledger.open(url(), clock, grace=1, lease=1)
        assert not Ledger.exists(url())
    finally:
        with transaction(engine) as connection:
            connection.execute(text("DROP TABLE recipe"))
        engine.dispose()


@pytest.mark.parametrize("weak", ["off", "local"])
def test_a_commit_is_on_disk_whatever_the_user_is_set_to(url, weak):
    """P16: the other half of `PRAGMA synchronous=2`."""
    engine = open_engine(url())
    with transaction(engine) as connection:
        connection.execute(text(f"ALTER ROLE CURRENT_USER SET synchronous_commit = {weak}"))
    engine.dispose()
    fresh = open_engine(url())
    with transaction(fresh) as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
        connection.execute(text("ALTER ROLE CURRENT_USER RESET synchronous_commit"))
    fresh.dispose()


def cut_off(engine, other):
    """The server ends the connection in the middle of a transaction."""
    with transaction(engine) as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with transaction(other) as administrator:
            administrator.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        connection.execute(text("SELECT 1"))


def test_a_connection_that_the_server_ends_is_unavailable_and_the_next_one_works(url):
    engine, other = open_engine(url()), open_engine(url())
    with pytest.raises(Unavailable, match="Nothing is sent until it can be used"):
        cut_off(engine, other)
    with transaction(engine) as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()
    other.dispose()


def test_a_defect_of_ours_is_not_explained_away(url):
    engine = open_engine(url())
    with pytest.raises(DBAPIError), transaction(engine) as connection:
        connection.execute(text("SELECT nonsense"))
    engine.dispose()


def test_without_the_driver_the_remedy_is_told(monkeypatch):
    def absent(*_arguments, **_more):
        raise ModuleNotFoundError("psycopg")

    monkeypatch.setattr(postgresql, "create_engine", absent)
    with pytest.raises(Misconfigured, match=r"pip install '\.\[postgres\]'"):
        open_engine("postgresql://h/d")
