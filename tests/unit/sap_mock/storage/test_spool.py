"""The file in front of the journal: what is taken out of it."""

import pytest

from sap_mock.storage.spool import Spool

# the most records, the most bytes of them with four in front of each, which are taken
TAKEN = [
    (9, 999, [b"first", b"second", b"third"]),
    (2, 999, [b"second", b"third"]),
    (9, 9, [b"third"]),
    (9, 10, [b"second", b"third"]),
]


@pytest.mark.parametrize(("last", "octets", "taken"), TAKEN)
def test_only_the_newest_are_taken_out_and_all_are_forgotten(tmp_path, last, octets, taken):
    spool, found = Spool(tmp_path / "spool"), []
    for record in (b"first", b"second", b"third"):
        spool.append(record)
    spool.drain(found.extend, last=last, octets=octets)
    assert found == taken
    assert spool.append(b"") == 4, "the file begins anew"
