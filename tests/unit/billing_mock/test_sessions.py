"""Sessions end when they lie idle, and only then or when closed."""

from billing_mock.sessions import Sessions


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def test_each_use_starts_the_time_anew():
    clock = Clock()
    sessions = Sessions(idle=60, now=clock)
    name = sessions.open("org")
    for _ in range(5):
        clock.now += 59
        assert sessions.use(name) == "org"
    clock.now += 60
    assert sessions.use(name) is None
    clock.now -= 60
    assert sessions.use(name) is None


def test_a_closed_or_unknown_session_is_nobody_s():
    sessions = Sessions(idle=60, now=Clock())
    name, other = sessions.open("a"), sessions.open("b")
    sessions.close(name)
    sessions.close("unknown")
    assert [sessions.use(one) for one in (name, other, "", "unknown")] == [None, "b", None, None]
    sessions.reset()
    assert sessions.use(other) is None
