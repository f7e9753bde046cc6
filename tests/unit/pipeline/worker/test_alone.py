"""A ledger in a SQLite file has one worker with one process."""

import pytest

from pipeline.model.stops import Misconfigured
from pipeline.worker.alone import where_it_must


def test_a_server_bears_any_number():
    with where_it_must("postgresql://h/d", 8), where_it_must("postgresql://h/d", 8):
        pass


@pytest.mark.parametrize(("name", "count"), [("ledger.db", 2), ("", 1)])
def test_a_file_is_refused_to_several_processes_with_the_reason(tmp_path, name, count):
    url = f"sqlite:///{tmp_path / name}" if name else "sqlite://"
    with pytest.raises(Misconfigured, match="bears one worker with one process: use postgresql://"):
        where_it_must(url, count).__enter__()


def test_a_file_has_one_worker_at_a_time(tmp_path):
    url = f"sqlite:///{tmp_path}/ledger.db"
    with where_it_must(url, 1), pytest.raises(Misconfigured, match="another worker has"):
        where_it_must(url, 1).__enter__()
    with where_it_must(url, 1):
        pass
