"""The limit on requests: a fixed window per caller."""

from billing_mock.limits import FixedWindow, Gauge


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_the_window_grants_its_limit_then_refuses_until_it_is_over():
    clock = Clock()
    window = FixedWindow(limit=2, window=60, now=clock)
    assert [window.take("a").granted for _ in range(3)] == [True, True, False]
    clock.now += 59.9
    assert not window.take("a").granted
    clock.now += 0.1
    assert window.take("a").granted


def test_callers_do_not_share_a_window():
    window = FixedWindow(limit=1, now=Clock())
    assert window.take("a").granted
    assert window.take("b").granted
    assert not window.take("a").granted


def test_what_is_left_and_when_it_is_full_again_are_told():
    clock = Clock()
    window = FixedWindow(limit=3, window=60, now=clock)
    window.take("a")
    clock.now += 20.5
    allowance = window.take("a")
    assert (allowance.remaining, allowance.resets_in, allowance.resets_at) == (1, 40, 1060)
    assert allowance.taken_in_all == 2


def test_reset_forgets_every_caller():
    window = FixedWindow(limit=1, now=Clock())
    window.take("a")
    window.reset()
    assert window.take("a").granted


def test_a_gauge_lets_in_as_many_as_there_is_room_for():
    gauge = Gauge(limit=2)
    assert [gauge.enter("a"), gauge.enter("a"), gauge.enter("a"), gauge.enter("b")] == [True, True, False, True]
    gauge.leave("a")
    assert gauge.enter("a")
