"""Counting names without keeping them."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.distinct import Distinct


def seen(names):
    found = Distinct()
    for name in names:
        found.add(name)
    return found


@given(st.lists(st.text()), st.lists(st.text()))
def test_names_count_once_however_often_they_come(one, other):
    both = seen(one)
    both.update(seen(other))
    assert (seen(one).count(), both.count()) == (len({*one}), len({*one, *other}))


def test_a_hundred_thousand_names_need_less_than_two_megabytes():
    tracemalloc.start()
    found = seen(f"posting {number}" for number in range(100_000))
    count = found.count()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, peak < 2_000_000) == (100_000, True)
