"""The ledger's file: how it is opened, what is refused, what each connection promises."""

import sqlite3

import pytest
from pipeline_stands import arrived

from pipeline.ledger.engine import open_engine, transaction
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.migrate import migrations
from pipeline.ledger.sqlite import statements
from pipeline.model.stops import Misconfigured, Unavailable


@pytest.fixture
def opened(clock):
    found = []

    def start(url):
        found.append(Ledger.open(url, clock, grace=1, lease=1))
        return found[-1]

    yield start
    for ledger in found:
        ledger.close()


def test_every_connection_syncs_fully_and_writes_ahead(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path}/x.db")
    with transaction(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    engine.dispose()


def test_opening_twice_migrates_once(opened, tmp_path):
    opened(f"sqlite:///{tmp_path}/x.db")
    opened(f"sqlite:///{tmp_path}/x.db")
    with sqlite3.connect(tmp_path / "x.db") as file:
        assert file.execute("SELECT count(*) FROM schema_version").fetchone() == (len(migrations("sqlite")),)
    file.close()


def make(path, *script):
    file = sqlite3.connect(path)
    for statement in script:
        file.execute(statement)
    file.commit()
    file.close()


REFUSED = {
    "text": (
        lambda path: path.write_text("this is no database, but long enough to be looked at" * 100),
        "is not a ledger database",
    ),
    "another program's": (lambda path: make(path, "CREATE TABLE recipe (id)"), "a database of another program"),
    "newer": (
        lambda path: make(
            path,
            "CREATE TABLE schema_version (version INTEGER, applied TEXT)",
            "INSERT INTO schema_version VALUES (99, 'x')",
        ),
        "has version 99",
    ),
    "folder": (lambda path: path.mkdir(), "cannot be opened"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_is_no_ledger_of_ours_is_refused_in_one_sentence(opened, tmp_path, kind):
    prepare, words = REFUSED[kind]
    prepare(tmp_path / "x.db")
    with pytest.raises(Misconfigured, match=words) as raised:
        opened(f"sqlite:///{tmp_path}/x.db")
    assert str(raised.value).count("\n") == 0
    assert str(raised.value).startswith("B2S_LEDGER_URL")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("not a url", "no database URL"),
        ("mysql://u:secret@h/d", "no database we keep a ledger in"),
        ("sqlite:////nowhere/at/all/x.db", "there is no folder"),
    ],
)
def test_a_url_that_names_no_usable_file_is_refused(opened, url, words):
    with pytest.raises(Misconfigured, match=words) as raised:
        opened(url)
    assert "secret" not in str(raised.value)


def test_a_file_that_another_program_holds_is_unavailable_not_wrong(opened, tmp_path, monkeypatch, place):
    monkeypatch.setattr("pipeline.ledger.sqlite.BUSY_SECONDS", 0)
    opened(f"sqlite:///{tmp_path}/x.db")
    holder = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    another = opened(f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(Unavailable, match="locked"):
        another.receive("postman", [arrived()], place)
    holder.execute("ROLLBACK")
    holder.close()


def test_a_migration_script_is_split_into_its_statements_triggers_whole():
    script = "CREATE TABLE a (x);\n-- why; not\nCREATE TRIGGER t BEFORE DELETE ON a\n  BEGIN SELECT 1; SELECT 2; END;\n"
    assert len(list(statements(script))) == 2


def test_a_migration_script_that_does_not_end_is_a_defect():
    with pytest.raises(ValueError, match="does not end"):
        list(statements("CREATE TABLE a (x)"))


@pytest.mark.parametrize("driver", ["pysqlite", "aiosqlite"])
def test_whatever_driver_the_url_names_the_file_is_opened_with_ours(tmp_path, clock, driver):
    Ledger.open(f"sqlite+{driver}:///{tmp_path}/x.db", clock, grace=1, lease=1).close()
    assert Ledger.exists(f"sqlite:///{tmp_path}/x.db")


@pytest.mark.parametrize("somebody_else_writes", [False, True])
def test_a_ledger_that_nobody_may_write_can_be_read_and_nothing_else(
    opened, tmp_path, monkeypatch, place, *, somebody_else_writes
):
    """As a user who may look on; with and without a log of one who has it open."""
    url = f"sqlite:///{tmp_path}/x.db"
    writer = opened(url)
    writer.receive("postman", [arrived()], place)
    if not somebody_else_writes:
        writer.close()
    before = sorted(path.name for path in tmp_path.iterdir())
    monkeypatch.setattr("pipeline.ledger.sqlite.os.access", lambda *_arguments: False)
    looking_on = opened(url)
    assert [entry.source_id for entry in looking_on.entries(["postman"])] == ["inv_1"]
    with pytest.raises(Misconfigured, match="cannot be opened for writing"):
        looking_on.receive("postman", [arrived("inv_2")], place)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_ledger_of_an_earlier_version_that_nobody_may_write_says_so(opened, tmp_path, monkeypatch):
    with sqlite3.connect(tmp_path / "x.db") as file:
        file.execute("CREATE TABLE schema_version (version INTEGER, applied TEXT)")
        for number, name, script in migrations("sqlite")[:-1]:
            file.executescript(script)
            file.execute("INSERT INTO schema_version VALUES (?, ?)", (number, name))
    file.close()
    monkeypatch.setattr("pipeline.ledger.sqlite.os.access", lambda *_arguments: False)
    with pytest.raises(Misconfigured, match="cannot be opened for writing"):
        opened(f"sqlite:///{tmp_path}/x.db")
